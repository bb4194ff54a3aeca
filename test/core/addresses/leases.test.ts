import { deployment, NOTHING, refusal, update } from "./helpers";

const settings = { pool: "10.40.0.0/13" };
const leases = (kept: { deployments: Readonly<Record<string, { leases: object }>> }) =>
  kept.deployments.a?.leases;

test("addresses are given by service and number, from the third address on", () => {
  const kept = update(settings, NOTHING, [deployment("a", { web: 11, db: 1 })]);
  expect(leases(kept)).toMatchObject({
    "db-0": "10.40.0.2",
    "web-0": "10.40.0.3",
    "web-2": "10.40.0.5",
    "web-10": "10.40.0.13",
  });
});

test("scaling, renaming another service and reordering the file move nobody", () => {
  const first = update(settings, NOTHING, [deployment("a", { web: 2, db: 1 })]);
  expect(leases(first)).toEqual({
    "db-0": "10.40.0.2",
    "web-0": "10.40.0.3",
    "web-1": "10.40.0.4",
  });
  const scaled = update(settings, first, [deployment("a", { db: 1, web: 4 })]);
  expect(leases(scaled)).toMatchObject({ ...leases(first), "web-3": "10.40.0.6" });
  const renamed = update(settings, scaled, [deployment("a", { store: 1, web: 4 })]);
  expect(leases(renamed)).toEqual({
    "store-0": "10.40.0.7",
    "web-0": "10.40.0.3",
    "web-1": "10.40.0.4",
    "web-2": "10.40.0.5",
    "web-3": "10.40.0.6",
  });
  expect(renamed.deployments.a?.released).toEqual({ "10.40.0.2": { by: "db-0", generation: 1 } });
});

test("a replica that comes back has its address again", () => {
  const first = update(settings, NOTHING, [deployment("a", { web: 3 })]);
  const down = update(settings, first, [deployment("a", { web: 1 })]);
  const other = update(settings, down, [deployment("a", { web: 1, db: 1 })]);
  expect(leases(other)).toEqual({ "db-0": "10.40.0.5", "web-0": "10.40.0.2" });
  const up = update(settings, other, [deployment("a", { web: 3, db: 1 })]);
  expect(leases(up)).toEqual({ ...leases(first), "db-0": "10.40.0.5" });
  expect(up.deployments.a?.released).toBeUndefined();
});

test("given back addresses are reused when there are no others, the oldest first", () => {
  const subnet = "10.40.0.0/29";
  let kept = update(settings, NOTHING, [deployment("a", { web: 5 }, { subnet })]);
  kept = update(settings, kept, [
    { deployment: "a", subnet, replicas: [0, 1, 2, 4].map((i) => ({ key: `web-${i}` })) },
  ]);
  kept = update(settings, kept, [deployment("a", { web: 2 }, { subnet })]);
  expect(kept.deployments.a?.released).toEqual({
    "10.40.0.4": { by: "web-2", generation: 2 },
    "10.40.0.5": { by: "web-3", generation: 1 },
    "10.40.0.6": { by: "web-4", generation: 2 },
  });
  kept = update(settings, kept, [deployment("a", { web: 2, db: 2 }, { subnet })]);
  expect(leases(kept)).toEqual({
    "db-0": "10.40.0.5",
    "db-1": "10.40.0.4",
    "web-0": "10.40.0.2",
    "web-1": "10.40.0.3",
  });
});

describe("fixed addresses", () => {
  test("come before the others, and stay when they are no longer fixed", () => {
    const fixed = update(settings, NOTHING, [
      deployment("a", { db: 1, web: 1 }, { ips: { "web-0": "10.40.0.2" } }),
    ]);
    expect(leases(fixed)).toEqual({ "db-0": "10.40.0.3", "web-0": "10.40.0.2" });
    expect(update(settings, fixed, [deployment("a", { db: 1, web: 1 })])).toEqual(fixed);
  });

  test("that change leave the old address resting", () => {
    const first = update(settings, NOTHING, [deployment("a", { web: 1 })]);
    const changed = update(settings, first, [
      deployment("a", { web: 1, db: 1 }, { ips: { "web-0": "10.40.0.9" } }),
    ]);
    expect(changed.deployments.a).toEqual({
      subnet: "10.40.0.0/27",
      leases: { "db-0": "10.40.0.3", "web-0": "10.40.0.9" },
      released: { "10.40.0.2": { by: "web-0", generation: 1 } },
    });
  });

  const first = { web: 2 };
  const advice = "Choose a free address of the subnet, or leave `ip` out.";
  test.each([
    ["10.40.0.3", "it is leased to replica 'web-1'"],
    ["10.40.0.0", "it is the network address of the subnet 10.40.0.0/27"],
    [
      "10.40.0.1",
      "it is the first usable address of the subnet 10.40.0.0/27, which is kept for 'weave expose'",
    ],
    ["10.40.0.31", "it is the broadcast address of the subnet 10.40.0.0/27"],
    ["10.40.0.32", "it is outside the subnet 10.40.0.0/27"],
    ["10.40.0.4", "replica 'web-2' holds it until this update is done"],
  ])("%s is refused: %s", (ip, reason) => {
    const kept = update(settings, NOTHING, [deployment("a", { web: 3 })]);
    expect(refusal(settings, kept, [deployment("a", first, { ips: { "web-0": ip } })])).toEqual([
      `requests.a.replicas.web-0.ip: replica 'web-0' of deployment 'a' cannot have the address ${ip}: ${reason}. ${advice}`,
    ]);
  });

  test("two replicas with the same one are refused, known before or not", () => {
    const ips = { "web-0": "10.40.0.9", "web-1": "10.40.0.9" };
    const message =
      "requests.a.replicas.web-1.ip: replica 'web-1' of deployment 'a' cannot have the address 10.40.0.9: replica " +
      `'web-0' has the same fixed address. ${advice}`;
    expect(refusal(settings, NOTHING, [deployment("a", first, { ips })])).toEqual([message]);
    const kept = update(settings, NOTHING, [
      deployment("a", first, { ips: { "web-0": "10.40.0.9" } }),
    ]);
    expect(refusal(settings, kept, [deployment("a", first, { ips })])).toEqual([message]);
  });

  test("that are swapped are refused: for a while both would have both", () => {
    const kept = update(settings, NOTHING, [deployment("a", first)]);
    const swapped = { "web-0": "10.40.0.3", "web-1": "10.40.0.2" };
    expect(refusal(settings, kept, [deployment("a", first, { ips: swapped })])).toEqual([
      expect.stringContaining("replica 'web-1' holds it until this update is done"),
      expect.stringContaining("replica 'web-0' holds it until this update is done"),
    ]);
  });

  test.each([
    [
      "10.40.0.1",
      "it is the first usable address of the subnet 10.40.0.0/27, which is kept for 'weave expose'",
    ],
    ["10.9.0.7", "as for a subnet 10.9.0.0/27 around it, it is outside the pool 10.40.0.0/13"],
    ["10.41.0.7", "as for a subnet 10.41.0.0/27 around it, it overlaps the exclusion 10.41.0.0/16"],
    [
      "10.42.0.7",
      "as for a subnet 10.42.0.0/27 around it, it overlaps the subnet 10.42.0.0/24 of deployment 'b'",
    ],
  ])("%s without a subnet is refused: %s", (ip, reason) => {
    const requests = [
      deployment("a", { web: 1 }, { ips: { "web-0": ip } }),
      deployment("b", {}, { subnet: "10.42.0.0/24" }),
    ];
    expect(refusal({ ...settings, exclude: ["10.41.0.0/16"] }, NOTHING, requests)).toEqual([
      `requests.a.replicas.web-0.ip: replica 'web-0' of deployment 'a' cannot have the address ${ip}: ${reason}. ` +
        "Give the deployment a free `subnet:` that holds all its fixed addresses, or leave `ip` out.",
    ]);
  });
});
