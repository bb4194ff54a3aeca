import { leftOutInWords } from "../../../provider/core/addresses/left-out";

const apples = { subnet: "10.40.0.0/27", leases: { "db-0": "10.40.0.2", "web-0": "10.40.0.3" } };

test("nobody is left out: not a word", () => {
  const more = { ...apples, leases: { ...apples.leases, "web-1": "10.40.0.4" } };
  expect(leftOutInWords({}, { apples })).toEqual([]);
  expect(leftOutInWords({ apples }, { apples: more })).toEqual([]);
});

test("a deployment is told once, with its replicas and what stays", () => {
  const missing = { ...apples, missing: 3 };
  expect(leftOutInWords({ apples }, { apples: missing })).toEqual([
    "deployment 'apples' is no longer declared: its containers go with their resources (db-0, web-0); the data of its volumes " +
      "stays on their hosts, but for volumes with `deleteData`, and its addresses are kept for it",
  ]);
  expect(leftOutInWords({ apples: missing }, { apples: missing })).toEqual([]);
});

test("a replica is told with its address", () => {
  const fewer = { subnet: apples.subnet, leases: { "db-0": "10.40.0.2" } };
  expect(leftOutInWords({ apples }, { apples: fewer })).toEqual([
    "replica 'web-0' of deployment 'apples' is no longer declared: its container goes with its resource; " +
      "what its volumes hold stays while they are declared, and 10.40.0.3 is kept for it",
  ]);
});

test("a deployment that is renamed is not left out", () => {
  const pears = { ...apples, formerly: ["apples"] };
  expect(leftOutInWords({ apples }, { pears })).toEqual([]);
});
