import { volumeDrivers } from "../../../provider/adapters/volume/drivers";
import { UNKNOWN } from "../../../provider/core/unknown";
import { checkVolume } from "../../../provider/core/volume/check";
import type { KeptVolume, VolumeInputs } from "../../../provider/core/volume/model";
import type { Scope } from "../../../provider/core/volume/scope";

const news = (change = {}): VolumeInputs => ({
  project: "shop",
  stack: "prod",
  deployment: "apples",
  key: "data",
  name: "apples_data",
  driver: "local",
  driverOptions: {},
  external: false,
  deleteData: false,
  connections: { node1: { host: "n1" } },
  ...change,
});
const check = (change = {}, olds: Partial<KeptVolume> = {}) =>
  checkVolume(olds, news(change), volumeDrivers);
const reasons = (change = {}, olds: Partial<KeptVolume> = {}) =>
  check(change, olds).problems.map(({ reason }) => reason);

test("users are checked and not kept, so that a move is no change", () => {
  expect(check({ users: { "redis-0": "node1" } }).inputs).toEqual(
    check({ users: { "redis-0": "node2" } }).inputs,
  );
});

test("connections are not kept, and so no change, known or not", () => {
  const old = check().inputs;
  expect(old).not.toHaveProperty("connections");
  expect(check({ connections: { node1: { host: "x" } } }, old).inputs).toEqual(old);
  expect(check({ connections: UNKNOWN }, old).inputs).toEqual(old);
});

test("one volume on two hosts is refused, with who and where", () => {
  expect(reasons({ users: { "web-1": "node2", "web-0": "node1" } })).toEqual([
    "volume 'data' lives on one host, but replicas on different hosts mount it: 'web-0' on 'node1', 'web-1' on 'node2'. " +
      "Give them one host, or a volume each.",
  ]);
  expect(reasons({ users: { "web-1": "node1", "web-0": "node1" } })).toEqual([]);
  expect(reasons({ users: { "web-1": UNKNOWN, "web-0": "node1" } })).toEqual([]);
});

test.each([["nfs"], ["convoy"], ["vieux/sshfs:latest"]])("driver '%s' is Docker's", (driver) => {
  expect(reasons({ driver })).toEqual([]);
});

test("what is no driver's name, and no scope, is refused with what to say", () => {
  expect(reasons({ driver: "no driver" })[0]).toMatch(/'no driver', which is no driver's name/);
  expect(reasons({ scope: "local" as Scope })[0]).toMatch(
    /has scope 'local'. Say one of "host", "attach", "shared"/,
  );
});

test("the program's word is kept, and nothing is where it says none", () => {
  expect(check({ scope: "shared", external: true }).inputs.scope).toBe("shared");
  expect(check().inputs).not.toHaveProperty("scope");
  expect(check({ driverOptions: { type: "nfs" } }).inputs).not.toHaveProperty("scope");
});

test("a folder of the host's own is no other's, whatever the program says", () => {
  expect(reasons({ scope: "shared" })[0]).toMatch(/without a `device`.*a folder of its host/);
  expect(reasons({ scope: "shared", driverOptions: { o: "bind", device: "/srv" } })).toEqual([]);
  expect(reasons({ driver: "flocker", scope: "attach" })).toEqual([]);
});

test("what every host reaches may be mounted on several, what attaches may not", () => {
  const users = { "web-1": "node2", "web-0": "node1" };
  expect(reasons({ users, driverOptions: { type: "nfs", device: ":/data" } })).toEqual([]);
  expect(reasons({ users, driver: "rbd" })[0]).toMatch(/lives on one host at a time, but/);
});

test("options of an existing volume cannot change; local and flocker mean the same", () => {
  const old = check().inputs;
  expect(reasons({ driverOptions: { size: "1g" } }, old)[0]).toMatch(
    /Docker does not change the options of a volume/,
  );
  expect(reasons({ driver: "flocker" }, old)).toEqual([]);
  expect(reasons({ driverOptions: UNKNOWN }, old)).toEqual([]);
});

test("a name that Docker would not take, or a shell would", () => {
  expect(reasons({ name: "$(x)" })[0]).toMatch(/is no name of a Docker volume/);
  expect(reasons({ name: UNKNOWN })).toEqual([]);
});

const BIND = { type: "none", o: "bind", device: "/srv/data" };

test.each([
  ["not on its host's own disk (scope 'attach')", { driver: "some/plugin" }],
  ["a folder of its host's own", { driver: "folder", driverOptions: BIND }],
  ["mounted from somewhere else (driver option 'type')", { driverOptions: BIND }],
])("a volume that is %s has no backups of Ferry's", (place, change) => {
  expect(reasons({ ...change, upkept: true }).join()).toContain(
    `volume 'data' is ${place}: backups and snapshots`,
  );
  expect(reasons({ ...change })).toEqual([]);
});

test("one in Docker's own folder has backups", () => {
  expect(reasons({ upkept: true })).toEqual([]);
  expect(reasons({ upkept: true, driverOptions: UNKNOWN })).toEqual([]);
});
