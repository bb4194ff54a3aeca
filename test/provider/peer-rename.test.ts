import { weaveOnHosts } from "../../provider/adapters/weave/host-network";
import type { Connection } from "../../provider/core/connection";
import type { PeerInputs } from "../../provider/core/weave/peer-inputs";
import { Alive } from "../../provider/handlers/alive";
import { hostHandler } from "../../provider/handlers/host";
import { peerHandler, type PeerState } from "../../provider/handlers/weave/peer";
import { Programs } from "../../provider/handlers/programs";
import { Peers } from "../../provider/handlers/weave/peers";
import { PeerQueue } from "../../provider/handlers/weave/peer-queue";
import { weaveFixture } from "./weave-fixture";

type Fixture = ReturnType<typeof weaveFixture>;

/** Peers of a program, by name: their cluster, and the machine that each name leads to. */
interface Named {
  readonly cluster: string;
  readonly machines: Readonly<Record<string, string>>;
  /** Where it is not the machine's own. */
  readonly connections?: Readonly<Record<string, Connection>>;
}

/** One run of the provider: the checks of a whole program, and then what the engine calls. */
function run(all: Fixture, programs: readonly Named[]) {
  const ofRun = { programs: new Programs(), peers: new Peers(), peerQueue: new PeerQueue() };
  const own = { ...ofRun, alive: new Alive() };
  const options = { ...all.options, ...own };
  const handler = peerHandler(all.context, options);
  const hosts = hostHandler(all.context, weaveOnHosts(options.weaveOf), options.programs);
  for (const { cluster, machines, connections = {} } of programs) {
    for (const [name, machine] of Object.entries(machines)) {
      const connection = connections[name] ?? all.connection(machine);
      hosts.check({}, { cluster, name, connection });
    }
  }
  const inputs = ({ cluster, machines }: Named, name: string, extra: object = {}): PeerInputs => {
    const machine = machines[name]!;
    const others = Object.entries(machines).filter(([other]) => other !== name);
    const checked = handler.check(
      {},
      {
        ...all.peerProps(machine, {}),
        cluster,
        host: name,
        targets: others.map(([, other]) => all.weave(other).address),
        company: {
          oneAtATime: true,
          timeoutSeconds: 60,
          members: others.map(([host, other]) => ({
            host,
            address: all.weave(other).address,
            dials: true,
            dialled: true,
          })),
        },
        ...extra,
      },
    );
    expect(checked.problems).toEqual([]);
    return checked.inputs;
  };
  const create = async (program: Named) => {
    const states: Record<string, PeerState> = {};
    for (const name of Object.keys(program.machines)) {
      states[name] = (await handler.create(inputs(program, name))).outs;
    }
    return states;
  };
  return { handler, inputs, create };
}

const NET: Named = {
  cluster: "net",
  machines: { node1: "node1", node2: "node2", node3: "node3" },
};

async function grown(names = 3) {
  const all = weaveFixture(names);
  all.world.addName("alpha", "node1");
  const states = await run(all, [NET]).create(NET);
  await all.weave("node1").prime(60);
  const before = await reports(all);
  for (const name of all.names) all.weave(name).calls.length = 0;
  return { all, states, before };
}

const reports = (all: Fixture) =>
  Promise.all(
    all.names.map(async (name) => {
      const report = await all.weave(name).report();
      return [name, report?.peerName, report?.ipam?.ready, report?.establishedWith.length];
    }),
  );

const callsOf = (all: Fixture) => all.names.flatMap((name) => all.weave(name).calls);

test("another name of the cluster: peers are made anew beside the old ones, and no router is touched", async () => {
  const { all, states, before } = await grown();
  const renamed = { ...NET, cluster: "mesh" };
  const next = run(all, [renamed]);
  const now = await next.create(renamed);
  for (const name of all.names) await next.handler.delete(`net/${name}`, states[name]!);
  expect(callsOf(all)).toEqual([]);
  expect(await reports(all)).toEqual(before);
  expect(all.reported.join("\n")).toMatch(/is in the program as 'node1' of cluster 'mesh'/);
  // It is Ferry's all the same, and goes with the cluster.
  for (const name of all.names) {
    expect(now[name]!.adopted).toBeUndefined();
    await run(all, []).handler.delete(`mesh/${name}`, now[name]!);
    expect(await all.weave(name).report()).toBeUndefined();
  }
});

test("another name of a host: its router is touched by nobody", async () => {
  const { all, states, before } = await grown();
  const renamed = {
    ...NET,
    machines: { alpha: "node1", node2: "node2", node3: "node3" },
  };
  const next = run(all, [renamed]);
  const outs = (await next.handler.create(next.inputs(renamed, "alpha"))).outs;
  expect(outs.adopted).toBeUndefined();
  await next.handler.delete("net/node1", states["node1"]!);
  expect(callsOf(all)).toEqual([]);
  expect(await reports(all)).toEqual(before);
});

test("another name and another address of a host, whose old address is silent", async () => {
  const { all, states, before } = await grown();
  const elsewhere = { ...all.connection("node1"), host: "192.0.2.77" };
  all.world.addHosts("gone").addPlace(all.connection("node1"), "gone").addPlace(elsewhere, "node1");
  all.world.setFaults("gone", { down: true });
  const renamed = {
    ...NET,
    machines: { alpha: "node1", node2: "node2", node3: "node3" },
    connections: { alpha: elsewhere },
  };
  await run(all, [renamed]).handler.delete("net/node1", states["node1"]!);
  expect(callsOf(all)).toEqual([]);
  expect(await reports(all)).toEqual(before);
});

test("aliases: another cluster and another name are an update that touches nothing", async () => {
  const { all, states, before } = await grown();
  const renamed = {
    cluster: "mesh",
    machines: { alpha: "node1", node2: "node2", node3: "node3" },
  };
  const next = run(all, [renamed]);
  for (const [name, machine] of Object.entries(renamed.machines)) {
    const inputs = next.inputs(renamed, name);
    const olds = states[machine]!;
    expect(next.handler.renames?.(olds, inputs)).toEqual(["cluster", "host"]);
    const outs = await next.handler.update(`net/${machine}`, olds, inputs);
    expect(outs).toMatchObject({ cluster: "mesh", host: name, peerName: olds.peerName });
  }
  expect(callsOf(all)).toEqual([]);
  expect(await reports(all)).toEqual(before);
});

test("a peer that is made anew under its own name is not reset by the old one's end", async () => {
  const { all, states, before } = await grown();
  const next = run(all, [NET]);
  await next.handler.create(next.inputs(NET, "node1"));
  await next.handler.delete("net/node1", states["node1"]!);
  expect(callsOf(all)).toEqual([]);
  expect(await reports(all)).toEqual(before);
});

test("a machine that goes to another cluster is dialled no more by the one that it leaves", async () => {
  const { all, states } = await grown();
  const left = { ...NET, machines: { node2: "node2", node3: "node3" } };
  const other = { cluster: "other", machines: { node1: "node1" } };
  const next = run(all, [left, other]);
  await next.handler.create(next.inputs(other, "node1"));
  await next.handler.delete("net/node1", states["node1"]!);
  expect(await all.weave("node1").report()).toBeDefined();
  for (const name of ["node2", "node3"]) {
    expect((await all.weave(name).report())?.targets).not.toContain(all.weave("node1").address);
  }
});

test("a host that leaves the program is reset as ever, and others go on", async () => {
  const { all, states } = await grown();
  const next = run(all, [{ ...NET, machines: { node2: "node2", node3: "node3" } }]);
  await next.handler.delete("net/node1", states["node1"]!);
  expect(await all.weave("node1").report()).toBeUndefined();
  expect(await all.weave("node2").report()).toBeDefined();
});

test("another machine under the name is told, and its peer joins anew", async () => {
  const { all, states } = await grown();
  all.world.addHosts("node9");
  const weave9 = all.network.add("node9", "10.0.0.9");
  const options = {
    ...all.options,
    programs: new Programs(),
    peers: new Peers(),
    peerQueue: new PeerQueue(),
    weaveOf: (host: { connection: { host: string }; name: string }) =>
      host.connection.host === "10.0.0.9" ? weave9 : all.weave(host.name),
  };
  const handler = peerHandler(all.context, options);
  const { inputs } = handler.check(states["node1"]!, {
    ...all.peerProps("node1", {}),
    connection: { ...all.connection("node1"), host: "10.0.0.9" },
  });
  const outs = await handler.update("net/node1", states["node1"]!, inputs);
  expect(outs.peerName).not.toBe(states["node1"]!.peerName);
  expect(all.reported.join("\n")).toMatch(/is another machine than before.*weave rmpeer/);
  expect(all.weave("node1").calls).toEqual([]);
});

describe("a router that was there before Ferry", () => {
  const settings = {
    ipallocRange: "10.32.0.0/13",
    discovery: true,
    trustedSubnets: [],
    extraFlags: [],
    electors: 2,
  };
  const PAIR = { cluster: "net", machines: { node1: "node1", node2: "node2" } };

  async function adopted() {
    const all = weaveFixture(2);
    all.world.addName("alpha", "node1");
    await all.weave("node1").launch({ ...settings, targets: ["10.0.0.9"] });
    await all.weave("node1").expose(["10.40.255.7/24"]);
    const states = await run(all, [PAIR]).create(PAIR);
    return { all, states };
  }

  test("is told apart in state from one that Ferry launched", async () => {
    const { states } = await adopted();
    expect([states["node1"]!.adopted, states["node2"]!.adopted]).toEqual([true, undefined]);
  });

  test("is left as it was by destroy, which says so", async () => {
    const { all, states } = await adopted();
    const weave = all.weave("node1");
    const name = weave.peerName;
    await weave.expose(["10.40.255.1/24"]);
    await weave.dnsAdd("printer.weave.local", ["192.0.2.9"]);
    expect((await weave.report())?.targets).toEqual(["10.0.0.2"]);
    const outs = {
      ...states["node1"]!,
      expose: ["10.40.255.1/24"],
      dnsEntries: { "printer.weave.local": ["192.0.2.9"] },
    };
    await run(all, []).handler.delete("net/node1", outs);
    const report = await weave.report();
    expect(report).toMatchObject({ peerName: name, targets: ["10.0.0.9"], externalNames: [] });
    expect(await weave.exposed()).toEqual(["10.40.255.7/24"]);
    expect([weave.linksCollected, weave.bootConf, await weave.origin()]).toEqual([
      false,
      undefined,
      undefined,
    ]);
    expect(weave.calls).not.toContain("reset");
    expect(all.reported.join("\n")).toMatch(
      /'node1' was there before this program had it.*left running/,
    );
    await run(all, []).handler.delete("net/node2", states["node2"]!);
    expect(await all.weave("node2").report()).toBeUndefined();
  });

  test("is known as that after updates, a refresh and a rename", async () => {
    const { all, states } = await adopted();
    const next = run(all, [PAIR]);
    const update = next.inputs(PAIR, "node1", { targets: ["10.0.0.2", "10.0.0.5"] });
    const updated = await next.handler.update("net/node1", states["node1"]!, update);
    expect(updated.adopted).toBe(true);
    const read = await next.handler.read("net/node1", updated);
    expect(read).toEqual({ outs: updated });
    const renamed = { cluster: "net", machines: { alpha: "node1", node2: "node2" } };
    const last = run(all, [renamed]);
    const { outs } = await last.handler.create(last.inputs(renamed, "alpha"));
    await last.handler.delete("net/node1", updated);
    expect(outs.adopted).toBe(true);
    await run(all, []).handler.delete("net/alpha", outs);
    expect((await all.weave("node1").report())?.targets).toEqual(["10.0.0.9"]);
  });

  test("of a version before, which kept nothing in mind, is reset as it was then", async () => {
    const { all, states } = await adopted();
    await all.weave("node2").letGo();
    await run(all, []).handler.delete("net/node2", states["node2"]!);
    expect(await all.weave("node2").report()).toBeUndefined();
  });

  test("a renamed host of a version before is Ferry's, with and without systemd", async () => {
    for (const systemd of [true, false]) {
      const { all, states } = await grown();
      const weave = all.weave("node1");
      weave.hasSystemd = systemd;
      const conf = weave.bootConf;
      await weave.letGo();
      if (systemd) weave.bootConf = conf;
      const renamed = { ...NET, machines: { alpha: "node1", node2: "node2", node3: "node3" } };
      const next = run(all, [renamed]);
      const { outs } = await next.handler.create(next.inputs(renamed, "alpha"));
      await next.handler.delete("net/node1", states["node1"]!);
      await run(all, []).handler.delete("net/alpha", outs);
      expect(await weave.report()).toBeUndefined();
    }
  });
});
