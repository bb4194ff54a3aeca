import type * as Ferry from "../../index";
import { freshProgram } from "./fresh-program";
import { inputsOf, settled, TYPES, type Registered } from "./recorder";

const hosts = Object.fromEntries(
  ["node2", "node1", "node3"].map((name) => [
    name,
    { host: `192.0.2.${name.slice(-1)}`, privateKey: "KEY", hostKey: "ssh-ed25519 A" },
  ]),
);

describe("WeaveCluster", () => {
  let registered: Registered[];
  let ferry: typeof Ferry;

  beforeEach(() => {
    ({ registered, ferry } = freshProgram());
  });

  // What a program has declared is registered a little later: let it end in the test that declared it.
  afterEach(() => settled(registered));

  it("registers a host and a peer for each host, one pool and one mesh", async () => {
    new ferry.WeaveCluster("net", { hosts });
    await settled(registered);
    expect(Object.keys(inputsOf(registered, TYPES.host))).toEqual([
      "net-node1",
      "net-node2",
      "net-node3",
    ]);
    expect(Object.keys(inputsOf(registered, TYPES.peer)).sort()).toEqual([
      "net-node1",
      "net-node2",
      "net-node3",
    ]);
    expect(Object.keys(inputsOf(registered, TYPES.pool))).toEqual(["net-pool"]);
    expect(Object.keys(inputsOf(registered, TYPES.mesh))).toEqual(["net-mesh"]);
  });

  it("lets every peer of a uniform cluster list all others, and counts all as electors", async () => {
    new ferry.WeaveCluster("net", { hosts });
    await settled(registered);
    expect(inputsOf(registered, TYPES.peer)["net-node2"]).toMatchObject({
      address: "192.0.2.2",
      targets: ["192.0.2.1", "192.0.2.3"],
      electors: 3,
      discovery: true,
      ipallocRange: "10.32.0.0/13",
      extraFlags: ["--plugin=false"],
    });
  });

  it("keeps the pool of deployments outside Weave's own range by default", async () => {
    new ferry.WeaveCluster("net", { hosts });
    await settled(registered);
    expect(inputsOf(registered, TYPES.pool)["net-pool"]).toMatchObject({
      pool: "10.40.0.0/13",
      ipallocRange: "10.32.0.0/13",
      exclude: [],
    });
  });

  it("refuses a cluster without hosts", () => {
    expect(() => new ferry.WeaveCluster("net", { hosts: {} })).toThrow(
      "WeaveCluster 'net': hosts is empty.",
    );
  });

  it("refuses a topology that it does not know", () => {
    expect(() => new ferry.WeaveCluster("net", { hosts, topology: "ring" as never })).toThrow(
      'topology "ring" is not known',
    );
  });
});
