import { isSecret } from "@pulumi/pulumi";
import type * as Ferry from "../../index";
import { freshProgram } from "./fresh-program";
import { inputsOf, allRegistered, TYPES, valueOf, type Registered } from "./recorder";

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

  // What a program has declared is registered a little later: let it end in the test that declared
  // it.
  afterEach(() => allRegistered(registered));

  it("registers a host and a peer for each host, one pool and one mesh", async () => {
    new ferry.WeaveCluster("net", { hosts });
    await allRegistered(registered);
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
    await allRegistered(registered);
    expect(inputsOf(registered, TYPES.peer)["net-node2"]).toMatchObject({
      address: "192.0.2.2",
      targets: ["192.0.2.1", "192.0.2.3"],
      electors: 3,
      discovery: true,
      ipallocRange: "10.32.0.0/13",
      extraFlags: ["--plugin=false"],
    });
  });

  it("lets peers dial a host without the user and SSH's port that its connection has", async () => {
    const node1 = { ...hosts["node1"]!, host: "deploy@192.0.2.1:2222" };
    new ferry.WeaveCluster("net", { hosts: { ...hosts, node1 } });
    await allRegistered(registered);
    const peers = inputsOf(registered, TYPES.peer);
    expect(peers["net-node1"]).toMatchObject({ address: "192.0.2.1" });
    expect(peers["net-node2"]).toMatchObject({ targets: ["192.0.2.1", "192.0.2.3"] });
  });

  it("keeps the pool of deployments outside Weave's own range by default", async () => {
    new ferry.WeaveCluster("net", { hosts });
    await allRegistered(registered);
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

  it("tells a uniform peer of all others, in whose turn it joins", async () => {
    new ferry.WeaveCluster("net", { hosts });
    await allRegistered(registered);
    const peer = inputsOf(registered, TYPES.peer)["net-node2"];
    expect(peer).not.toHaveProperty("observer");
    expect(peer).not.toHaveProperty("seed");
    expect(peer?.["company"]).toEqual({
      oneAtATime: true,
      timeoutSeconds: 120,
      members: ["node1", "node3"].map((host) => ({
        host,
        address: `192.0.2.${host.slice(-1)}`,
        dials: true,
        dialled: true,
      })),
    });
    // What a stack of before has: nothing of it may differ.
    expect(inputsOf(registered, TYPES.mesh)["net-mesh"]).toMatchObject({
      peers: ["node1", "node2", "node3"].map((host) => ({
        host,
        address: `192.0.2.${host.slice(-1)}`,
      })),
      electors: 3,
      timeoutSeconds: 120,
    });
  });

  it("makes all but a fixed core observers that list the core", async () => {
    new ferry.WeaveCluster("net", { hosts, topology: "fixed", core: ["node1", "node2"] });
    await allRegistered(registered);
    const peers = inputsOf(registered, TYPES.peer);
    expect(peers["net-node1"]).toMatchObject({ targets: ["192.0.2.2"], electors: 2 });
    expect(peers["net-node1"]).not.toHaveProperty("observer");
    expect(peers["net-node3"]).toMatchObject({
      observer: true,
      targets: ["192.0.2.1", "192.0.2.2"],
      electors: 2,
    });
    const mesh = inputsOf(registered, TYPES.mesh)["net-mesh"] as { peers: unknown[] };
    expect(mesh.peers).toEqual([
      { host: "node1", address: "192.0.2.1", dials: ["node2"] },
      { host: "node2", address: "192.0.2.2", dials: ["node1"] },
      { host: "node3", address: "192.0.2.3", dials: ["node1", "node2"], observer: true },
    ]);
  });

  it("gives all peers of a seeded cluster one seed, and its own peers their names in it", async () => {
    new ferry.WeaveCluster("net", { hosts, topology: "seeded", seed: ["node1", "node2"] });
    await allRegistered(registered);
    const peers = inputsOf(registered, TYPES.peer);
    const seed = ["net-node1", "net-node2"].map((name) => peers[name]?.["peerName"]).sort();
    expect(seed.every((name) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(String(name)))).toBe(true);
    for (const peer of Object.values(peers)) expect(peer["seed"]).toEqual(seed);
    expect(peers["net-node3"]).not.toHaveProperty("peerName");
    expect(inputsOf(registered, TYPES.mesh)["net-mesh"]).toMatchObject({ seeded: true });
  });

  it("lets the first peer of a manual cluster start alone", async () => {
    new ferry.WeaveCluster("net", {
      hosts,
      topology: "manual",
      targets: { node2: ["node1"], node3: ["node2", "203.0.113.9"] },
    });
    await allRegistered(registered);
    const peers = inputsOf(registered, TYPES.peer);
    expect(peers["net-node1"]).toMatchObject({ targets: [], electors: 1 });
    expect(peers["net-node3"]).toMatchObject({
      targets: ["192.0.2.2", "203.0.113.9"],
      observer: true,
    });
  });

  it("gives single hosts settings of their own", async () => {
    new ferry.WeaveCluster("net", {
      hosts,
      mtu: 1300,
      peers: {
        node1: {
          nickname: "alpha",
          peerName: "02:00:00:00:00:0A",
          address: "203.0.113.1",
          mtu: 1200,
          expose: "10.40.255.1/24",
        },
      },
      dnsEntries: { "printer.weave.local": "192.0.2.9" },
    });
    await allRegistered(registered);
    const peers = inputsOf(registered, TYPES.peer);
    expect(peers["net-node1"]).toMatchObject({
      nickname: "alpha",
      peerName: "02:00:00:00:00:0a",
      address: "203.0.113.1",
      mtu: 1200,
      dnsEntries: { "printer.weave.local": "192.0.2.9" },
    });
    expect(peers["net-node2"]).toMatchObject({ mtu: 1300, targets: ["192.0.2.3", "203.0.113.1"] });
    expect(inputsOf(registered, TYPES.mesh)["net-mesh"]).toMatchObject({
      peers: [{ host: "node1", expose: "10.40.255.1/24" }, { host: "node2" }, { host: "node3" }],
      dnsEntries: { "printer.weave.local": "192.0.2.9" },
    });
  });

  it("takes Weave from where the program says, host by host and field by field", async () => {
    const cluster = new ferry.WeaveCluster("net", {
      hosts,
      weave: { version: "2.8.1", command: "/opt/weave" },
      peers: { node1: { weave: { version: "2.9.0", images: "rajchaudhuri" } } },
    });
    await allRegistered(registered);
    const first = { version: "2.9.0", images: "rajchaudhuri", command: "/opt/weave" };
    const second = { version: "2.8.1", command: "/opt/weave" };
    const peers = inputsOf(registered, TYPES.peer);
    const { version: imageVersion, ...asFirst } = first;
    expect(peers["net-node1"]).toMatchObject({ imageVersion, ...asFirst });
    expect(peers["net-node2"]).toMatchObject({ imageVersion: "2.8.1", command: "/opt/weave" });
    expect(peers["net-node2"]).not.toHaveProperty("images");
    const found = inputsOf(registered, TYPES.host);
    expect(found["net-node1"]).toMatchObject({ weave: first });
    expect(found["net-node2"]).toMatchObject({ weave: second });
    expect(inputsOf(registered, TYPES.mesh)["net-mesh"]).toMatchObject({
      peers: [{ source: first }, { source: second }, { source: second }],
    });
    expect(await valueOf(cluster.observerBootScript)).toContain("\nFERRY_WEAVE=/opt/weave\n");
  });

  it("with the older name of the version alone is as it always was", async () => {
    new ferry.WeaveCluster("net", { hosts, imageVersion: "2.8.1" });
    await allRegistered(registered);
    const peer = inputsOf(registered, TYPES.peer)["net-node1"];
    expect(peer).toMatchObject({ imageVersion: "2.8.1" });
    expect(inputsOf(registered, TYPES.host)["net-node1"]).not.toHaveProperty("weave");
    const mesh = inputsOf(registered, TYPES.mesh)["net-mesh"] as { peers: object[] };
    expect(mesh.peers[0]).toEqual({ host: "node1", address: "192.0.2.1" });
  });

  it("has a script for hosts that come by themselves, and keeps the password in it a secret", async () => {
    const cluster = new ferry.WeaveCluster("net", {
      hosts,
      topology: "fixed",
      core: ["node1", "node2"],
      password: "open sesame",
    });
    await allRegistered(registered);
    const script = await valueOf(cluster.observerBootScript);
    expect(script).toMatch(/^#!\/bin\/sh/);
    expect(script).toContain("192.0.2.1");
    expect(script).toContain("192.0.2.2");
    expect(script).not.toContain("192.0.2.3");
    expect(await isSecret(cluster.observerBootScript)).toBe(true);
  });

  it("uses a cluster that somebody else keeps without a single peer of its own", async () => {
    ferry.WeaveCluster.existing("net", { hosts, pool: "10.48.0.0/16", exclude: ["10.48.0.0/24"] });
    await allRegistered(registered);
    expect(inputsOf(registered, TYPES.peer)).toEqual({});
    expect(inputsOf(registered, TYPES.mesh)["net-mesh"]).toMatchObject({
      existing: true,
      dnsDomain: "weave.local",
    });
    expect(inputsOf(registered, TYPES.pool)["net-pool"]).toMatchObject({
      pool: "10.48.0.0/16",
      exclude: ["10.48.0.0/24"],
    });
  });

  it("is told where the weave command of such a cluster is", async () => {
    const weave = { command: "/opt/weave" };
    ferry.WeaveCluster.existing("net", { hosts, pool: "10.48.0.0/16", weave });
    await allRegistered(registered);
    for (const host of Object.values(inputsOf(registered, TYPES.host)))
      expect(host).toMatchObject({ weave });
    const { peers } = inputsOf(registered, TYPES.mesh)["net-mesh"] as { peers: object[] };
    for (const peer of peers) expect(peer).toMatchObject({ source: weave });
  });

  it("refuses mistakes before anything is registered", () => {
    const mistakes: [object, string][] = [
      [{ topology: "ring" }, 'topology "ring" is not known'],
      [{ topology: "fixed" }, 'topology "fixed" needs core.'],
      [{ core: ["node1"] }, 'core belongs to topology "fixed", and this one is "uniform".'],
      [{ topology: "fixed", core: ["node9"] }, "core[0]: there is no host 'node9'"],
      [
        { weave: { version: "2.9.0" }, imageVersion: "2.8.1" },
        "'net' has both weave.version and imageVersion",
      ],
      [
        { peers: { node1: { weave: { version: "2.9.0" }, imageVersion: "2.8.1" } } },
        "'net: peers.node1' has both weave.version and imageVersion",
      ],
      [{ peers: { node9: {} } }, "peers.node9: there is no host 'node9'"],
      [
        { peers: { node1: { nickname: "a" }, node2: { nickname: "a" } } },
        "nickname: 'a' is the nickname of",
      ],
      [
        {
          peers: {
            node1: { peerName: "02:00:00:00:00:07" },
            node2: { peerName: "02:00:00:00:00:07" },
          },
        },
        "two peers of one name never connect",
      ],
      [{ peers: { node1: { address: "192.0.2.2" } } }, "192.0.2.2 is where"],
    ];
    for (const [args, reason] of mistakes)
      expect(() => new ferry.WeaveCluster("net", { hosts, ...args })).toThrow(reason);
    expect(registered).toEqual([]);
  });
});
