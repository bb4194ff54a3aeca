import { meshHandler } from "../../provider/handlers/weave/mesh";
import type { MeshState } from "../../provider/handlers/weave/mesh/state";
import { newStack, up } from "./cluster-fixture";
import { weaveFixture } from "./weave-fixture";

async function clusterOf(count: number) {
  const all = weaveFixture(count);
  const stack = newStack();
  await up(all, stack, { hosts: all.names });
  const mesh = meshHandler(all.context, all.options);
  const props = (extra: object = {}, peer: (host: string) => object = () => ({})) => ({
    cluster: "net",
    connections: Object.fromEntries(all.names.map((name) => [name, all.connection(name)])),
    peers: all.names.map((host) => ({ host, address: all.weave(host).address, ...peer(host) })),
    electors: count,
    timeoutSeconds: 20,
    ...extra,
  });
  const inputs = (extra?: object, peer?: (host: string) => object) => {
    const { inputs: checked, problems } = mesh.check({}, props(extra, peer));
    expect(problems).toEqual([]);
    return checked;
  };
  const router = all.weave("node1");
  return { ...all, mesh, props, inputs, router };
}

const withExpose = (expose: unknown) => (host: string) => (host === "node1" ? { expose } : {});

describe("exposed hosts", () => {
  test("get their addresses, others after a change, and none when the program no longer says so", async () => {
    const { mesh, inputs, router } = await clusterOf(2);
    const first = inputs({}, withExpose("10.40.255.1/24"));
    const { outs } = await mesh.create(first);
    expect(await router.exposed()).toEqual(["10.40.255.1/24"]);
    expect(outs.exposed).toEqual({ node1: ["10.40.255.1/24"] });
    expect(await mesh.update("net", outs, first)).toEqual(outs);
    const changed = await mesh.update("net", outs, inputs({}, withExpose(["10.40.255.2/24"])));
    expect(await router.exposed()).toEqual(["10.40.255.2/24"]);
    const hidden = await mesh.update("net", changed, inputs());
    expect(await router.exposed()).toEqual([]);
    expect(hidden).not.toHaveProperty("exposed");
  });

  test("get one of Weave's range for the asking, and keep it", async () => {
    const { mesh, inputs, router } = await clusterOf(2);
    const wish = inputs({}, withExpose(true));
    const { outs } = await mesh.create(wish);
    const given = await router.exposed();
    expect(given).toHaveLength(1);
    expect(outs.exposed).toEqual({ node1: given });
    expect(await mesh.update("net", outs, wish)).toEqual(outs);
    expect(router.calls.filter((call) => call === "expose")).toHaveLength(1);
  });

  test("that have lost them show it at a refresh, and get them back", async () => {
    const { mesh, inputs, router } = await clusterOf(2);
    const wish = inputs({}, withExpose("10.40.255.1/24"));
    const { outs } = await mesh.create(wish);
    expect(await mesh.read("net", outs)).toEqual({ outs });
    await router.hide(["10.40.255.1/24"]);
    const found = await mesh.read("net", outs);
    expect(found?.inputs).toEqual({ ...wish, drift: ["'node1' is not exposed"] });
    expect(mesh.check({ ...found!.inputs! }, { ...wish }).inputs).toEqual(wish);
    expect(await mesh.update("net", found!.outs, wish)).toEqual(outs);
    expect(await router.exposed()).toEqual(["10.40.255.1/24"]);
  });

  test.each([
    ["10.40.255.1", "is no address with its prefix"],
    ["10.40.255.0/24", "is the subnet's first or last address"],
    ["10.40.255.255/24", "is the subnet's first or last address"],
  ])("%s is refused in preview", async (expose, reason) => {
    const { mesh, props } = await clusterOf(1);
    expect(mesh.check({}, props({}, withExpose(expose))).problems[0]?.reason).toContain(reason);
  });
});

describe("names of things outside", () => {
  const wish = {
    dnsEntries: { "Printer.weave.local.": ["192.0.2.9"], "b.weave.local": "192.0.2.7" },
  };

  test("are kept on three peers at most, and go again", async () => {
    const { mesh, inputs, names, weave } = await clusterOf(4);
    const keepers = async () => {
      const reports = await Promise.all(names.map((name) => weave(name).report()));
      return names.filter((_, i) => (reports[i]?.externalNames.length ?? 0) > 0);
    };
    const { outs } = await mesh.create(inputs(wish));
    expect(await keepers()).toEqual(["node1", "node2", "node3"]);
    expect((await weave("node1").report())?.externalNames).toEqual([
      { name: "b.weave.local", addresses: ["192.0.2.7"] },
      { name: "printer.weave.local", addresses: ["192.0.2.9"] },
    ]);
    const fewer = await mesh.update(
      "net",
      outs,
      inputs({ dnsEntries: { "b.weave.local": "192.0.2.8" } }),
    );
    expect((await weave("node2").report())?.externalNames).toEqual([
      { name: "b.weave.local", addresses: ["192.0.2.8"] },
    ]);
    await mesh.update("net", fewer, inputs());
    expect(await keepers()).toEqual([]);
  });

  test("that somebody else gave are left alone", async () => {
    const { mesh, inputs, router } = await clusterOf(2);
    await router.dnsAdd("theirs.weave.local", ["192.0.2.1"]);
    const { outs } = await mesh.create(inputs(wish));
    await mesh.update("net", outs, inputs());
    expect((await router.report())?.externalNames).toEqual([
      { name: "theirs.weave.local", addresses: ["192.0.2.1"] },
    ]);
  });
});

describe("health", () => {
  test("stays word for word the same while nothing changes, and tells what has", async () => {
    const { mesh, inputs, weave } = await clusterOf(3);
    const { outs } = await mesh.create(inputs());
    expect(outs.health).toMatchObject({ status: "healthy", problems: [] });
    expect(await mesh.read("net", outs)).toEqual({ outs });
    await weave("node3").stop();
    const first = await mesh.read("net", outs);
    // The router is its peer's to bring back; the mesh has to look again after that.
    expect(first?.inputs?.drift).toEqual(["no router answers on 'node3'"]);
    expect(first?.outs.health).toMatchObject({
      status: "degraded",
      peers: { node3: { status: "down" } },
    });
    expect(await mesh.read("net", first!.outs)).toEqual(first);
    weave("node3").isRunning = true;
    const mended = await mesh.update("net", first!.outs, inputs());
    expect(mended.health).toMatchObject({ status: "healthy", problems: [] });
    expect(await mesh.read("net", mended)).toEqual({ outs: mended });
  });

  test("a target that somebody took away is to be put right", async () => {
    const { mesh, inputs, weave } = await clusterOf(3);
    const { outs } = await mesh.create(inputs());
    await weave("node3").forget([weave("node1").address]);
    const found = await mesh.read("net", outs);
    expect(found?.inputs?.drift).toEqual(["'node3' no longer dials 'node1'"]);
    await weave("node3").connect([weave("node1").address]);
    expect(await mesh.read("net", outs)).toEqual({ outs });
  });

  test("a host that no longer takes ended containers' addresses off is told, until it does", async () => {
    const { mesh, inputs, weave, reported } = await clusterOf(3);
    const { outs } = await mesh.create(inputs());
    weave("node2").collectorDied = "failed (start-limit-hit)";
    const problem =
      "'node2' does not take ended containers' addresses off the network: pulumi-ferry-sweep.service there is failed (start-limit-hit)";
    const found = await mesh.read("net", outs);
    expect(found?.outs.health).toMatchObject({ status: "degraded", problems: [problem] });
    expect(found?.outs.health.peers["node2"]).toMatchObject({ status: "degraded" });
    expect(reported.at(-1)).toContain(problem);
    // Its peer mends it; the mesh has to look again after that.
    expect(found?.inputs?.drift).toEqual([problem]);
    expect((await mesh.update("net", found!.outs, inputs())).health.problems).toEqual([problem]);
    await weave("node2").keepUnits();
    const mended = await mesh.update("net", found!.outs, inputs());
    expect(mended.health).toMatchObject({ status: "healthy", problems: [] });
    expect(await mesh.read("net", mended)).toEqual({ outs: mended });
  });

  test("a router that dies for ever is told with how its container is and its last words", async () => {
    const { mesh, inputs, weave, reported } = await clusterOf(3);
    const { outs } = await mesh.create(inputs());
    const dying = { status: "restarting", exitCode: 1, restarts: 12, words: "client is too old" };
    weave("node2").dying = dying;
    const found = await mesh.read("net", outs);
    const problem =
      "the router on 'node2' does not answer (restarting, exit code 1; its last words: client is too old)";
    expect(found?.outs.health.problems).toContain(problem);
    expect(reported.at(-1)).toContain(problem);
    // The count goes on, and is no news.
    weave("node2").dying = { ...dying, restarts: 13 };
    expect((await mesh.read("net", found!.outs))?.outs).toEqual(found?.outs);
    await expect(mesh.update("net", outs, inputs())).rejects.toThrow(
      "no router answers on 'node2' (restarting, exit code 1, 13 restarts; its last words: client is too old)",
    );
  });

  test("a host that does not answer is a finding, and no failure", async () => {
    const { mesh, inputs, world, reported } = await clusterOf(3);
    const { outs } = await mesh.create(inputs());
    world.setFaults("node2", { down: true });
    const found = await mesh.read("net", outs);
    expect(found?.inputs).toBeUndefined();
    expect(found?.outs.health.peers["node2"]?.status).toBe("unreachable");
    expect(reported.at(-1)).toMatch(/^Cluster 'net' is degraded .*: 'node2' does not answer/);
  });
});

describe("a cluster that somebody else keeps", () => {
  const changes = (all: {
    names: readonly string[];
    weave: (name: string) => { calls: string[] };
  }) => all.names.flatMap((name) => all.weave(name).calls);

  async function guest() {
    const all = await clusterOf(3);
    for (const name of all.names) all.weave(name).calls.length = 0;
    const existing = (extra: object = {}) =>
      all.inputs({ existing: true, electors: 1, dnsDomain: "weave.local", ...extra });
    return { ...all, existing };
  }

  test("is described, and nothing is done to it from its beginning to its end", async () => {
    const all = await guest();
    const { outs } = await all.mesh.create(all.existing());
    expect(outs.found).toEqual({ range: "10.32.0.0/13", domain: "weave.local", version: "2.6.5" });
    expect(await all.mesh.read("net", outs)).toEqual({ outs });
    await all.mesh.update("net", outs, all.existing());
    await all.mesh.delete("net", outs);
    expect(changes(all)).toEqual([]);
  });

  test.each([
    [
      "another range",
      { ipallocRange: "10.64.0.0/13" },
      "its range is 10.32.0.0/13, and the program says 10.64.0.0/13",
    ],
    [
      "another domain",
      { dnsDomain: "other.local" },
      'its DNS domain is weave.local, and the program says other.local: set dnsDomain to "weave.local"',
    ],
  ])("%s than the program expects is refused", async (_name, extra, reason) => {
    const all = await guest();
    await expect(all.mesh.create(all.existing(extra))).rejects.toThrow(
      `Cluster 'net', which is somebody else's, cannot be used: ${reason}. Nothing was changed.`,
    );
    expect(changes(all)).toEqual([]);
  });

  test("a host without a router, or in another network, is refused", async () => {
    const all = await guest();
    all.network.unreached.add("10.0.0.2");
    await expect(all.mesh.create(all.existing())).rejects.toThrow(
      "'node2' are in another network than 'node1'",
    );
    all.weave("node3").isRunning = false;
    await expect(all.mesh.create(all.existing())).rejects.toThrow("no router answers on 'node3'");
    expect(changes(all)).toEqual([]);
  });
});

test("hosts that leave are told in preview, and only then", async () => {
  const { mesh, inputs, props, reported } = await clusterOf(3);
  const olds: MeshState = (await mesh.create(inputs())).outs;
  reported.length = 0;
  mesh.check(olds, props());
  expect(reported).toEqual([]);
  const { peers } = props();
  mesh.check(olds, { ...props(), peers: peers.slice(0, 2) });
  expect(reported).toEqual([
    expect.stringMatching(/^Host 'node3' leaves cluster 'net': .* takes the share over for good/),
  ]);
});
