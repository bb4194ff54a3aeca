import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { Connections } from "../../provider/core/connection";
import type { ReplicaInputs, ReplicaState } from "../../provider/core/replica/model";
import { fakeReplica, HOSTS, IMAGE, journal, messageOf, program, REPLICA } from "./replica-fixture";

/**
 * Connections lead to machines, as SSH has it: the address says which one, whatever the program
 * calls it.
 */
const ways = (names: Record<string, string>): Connections =>
  Object.fromEntries(
    Object.entries(names).map(([name, host]) => [
      name,
      { host, privateKey: "secret-key", hostKey: "ssh-ed25519 AAAA" },
    ]),
  );
const AS_BEFORE = { node1: "node1", node2: "node2", node3: "node3" };

async function onNode1(...more: string[]) {
  const machines = [...HOSTS, ...more];
  const world = FakeWorld.open()
    .addHosts(...machines)
    .addImage(IMAGE, ...machines);
  for (const name of machines) world.addPlace({ host: name }, name);
  const it = fakeReplica(world);
  const inputs = it.placed("node1");
  const { outs } = await it.handler.create(inputs);
  it.write("node1", "mark");
  /** What `check` makes of the program from what state has. */
  const checked = (
    olds: object,
    host: string | undefined,
    connections: Connections,
    change: Partial<ReplicaInputs> = {},
  ) => {
    const found = it.handler.check(olds, { ...program(host, { connections, ...change }) });
    expect(found.problems).toEqual([]);
    return found.inputs;
  };
  const runningOn = () =>
    machines.filter((host) =>
      world.host(host).containers.some(({ status }) => status === "running"),
    );
  return { ...it, inputs, state: outs, checked, runningOn };
}

const names = (files: object | undefined) => Object.keys(files ?? {});

describe("two names for one machine are one host", () => {
  test.each([
    ["the program names it", "alpha"],
    ["the program names none", undefined],
  ])("a renamed host is an update that touches nothing: %s", async (_name, host) => {
    const it = await onNode1();
    const before = it.world.host("node1").containers;
    const connections = ways({ alpha: "node1", node2: "node2", node3: "node3" });
    const news = it.checked(it.inputs, host, connections, { suggestedHost: "node2" });
    expect(news.host).toBe("alpha");
    expect(it.reported.at(-1)).toBe(
      "apples/redis: host 'node1' is called 'alpha' now: it stays there, untouched",
    );
    const outs = await it.handler.update(REPLICA, it.state, news);
    expect(outs).toMatchObject({ host: "alpha", epoch: 1, machine: it.state.machine });
    expect(it.world.host("node1").containers).toEqual(before);
    expect(it.warned).toEqual([]);
    expect(await it.handler.read(REPLICA, outs)).toEqual({ inputs: news, outs });
  });

  test("after a move, by the name that journals do not know, with the old name out of state", async () => {
    const it = await onNode1();
    const moved = await it.handler.update(REPLICA, it.state, it.placed("node2"));
    const connections = ways({ node1: "node1", beta: "node2", node3: "node3" });
    const renamed = await it.handler.update(
      REPLICA,
      moved,
      it.checked(it.placed("node2"), "beta", connections),
    );
    expect(renamed).toMatchObject({ host: "beta", epoch: 2 });
    const back = it.checked(renamed, "node1", connections);
    const home = await it.handler.update(REPLICA, renamed, back);
    expect(home).toMatchObject({ host: "node1", epoch: 3 });
    expect(it.runningOn()).toEqual(["node1"]);
    expect(names(it.files("node1"))).toEqual(["mark"]);
    await it.handler.delete(REPLICA, home);
    for (const host of HOSTS) expect(it.world.host(host).files).toEqual({});
  });

  test("a move whose source has noted the other host by the name that it had then", async () => {
    const it = await onNode1();
    const moved = await it.handler.update(REPLICA, it.state, it.placed("node2"));
    const connections = ways({ alpha: "node1", node2: "node2", node3: "node3" });
    const news = it.checked(it.placed("node2"), "node3", connections);
    const outs = await it.handler.update(REPLICA, moved, news);
    expect(outs).toMatchObject({ host: "node3", epoch: 3 });
    expect(names(it.files("node3"))).toEqual(["mark"]);
    expect(it.runningOn()).toEqual(["node3"]);
  });

  test("names that were swapped are followed by machine: with `host` it moves, its data along", async () => {
    const it = await onNode1();
    const connections = ways({ node1: "node2", node2: "node1", node3: "node3" });
    const outs = await it.handler.update(
      REPLICA,
      it.state,
      it.checked(it.inputs, "node1", connections),
    );
    expect(outs).toMatchObject({ host: "node1", epoch: 2 });
    expect(it.runningOn()).toEqual(["node2"]);
    expect(names(it.files("node2"))).toEqual(["mark"]);
  });
});

describe("another machine under a known name", () => {
  const swapped = ways({ ...AS_BEFORE, node1: "newbox" });

  test("is a change of the replica on it, and of no other; keys and other hosts are none", async () => {
    const it = await onNode1("newbox");
    expect(it.checked(it.inputs, "node1", swapped)).not.toEqual(it.inputs);
    expect(it.reported.at(-1)).toMatch(
      /^apples\/redis: host 'node1', where it is, has another address: .*`onSourceLost`/,
    );
    expect(it.checked(it.inputs, undefined, swapped).host).toBe("node1");
    const reported = it.reported.length;
    const others = ways({ ...AS_BEFORE, node2: "newbox" });
    const rotated = Object.fromEntries(
      Object.entries(ways(AS_BEFORE)).map(([name, way]) => [
        name,
        { ...way, privateKey: "other-key", password: "p" },
      ]),
    );
    for (const quiet of [others, rotated]) {
      expect(it.checked(it.inputs, "node1", quiet)).toEqual(it.inputs);
    }
    expect(it.reported).toHaveLength(reported);
  });

  test("gets the replica from the old machine as long as that answers where it was", async () => {
    const it = await onNode1("newbox");
    const outs = await it.handler.update(
      REPLICA,
      it.state,
      it.checked(it.inputs, "node1", swapped),
    );
    expect(it.runningOn()).toEqual(["newbox"]);
    expect(names(it.files("newbox"))).toEqual(["mark"]);
    expect(outs).toMatchObject({ host: "node1", epoch: 2 });
    expect(outs.machine).not.toEqual(it.state.machine);
  });

  test("is not started on in silence when the old machine does not answer: that one is lost", async () => {
    const it = await onNode1("newbox");
    it.world.setFaults("node1", { down: true });
    const news = it.checked(it.inputs, "node1", swapped);
    const said = await messageOf(it.handler.update(REPLICA, it.state, news));
    expect(said).toMatch(
      /host 'node1' is another machine now: state knows it as machine \w{12} \(Docker \S+\), and machine \w{12} \(Docker \S+\) answers there, which has nothing of it\. Put the address of host 'node1' back, or give the machine .* a name of its own .* only "startEmpty" is left/,
    );
    expect(it.world.host("newbox")).toMatchObject({ containers: [], volumes: [], files: {} });
    expect(await it.handler.read(REPLICA, { ...it.state, connections: swapped })).toMatchObject({
      outs: { host: "node1", health: expect.stringContaining("another machine") as string },
    });
  });

  test("by the user's word it starts empty there, and the old machine is fenced once it is back", async () => {
    const it = await onNode1("newbox");
    it.world.setFaults("node1", { down: true });
    const change = { onSourceLost: "startEmpty" } as const;
    const news = it.checked(it.inputs, "node1", swapped, change);
    const outs = await it.handler.update(REPLICA, it.state, news);
    expect(it.warned.join("\n")).toMatch(
      /starts on 'node1' with empty volumes.*Once that machine/s,
    );
    expect(names(it.files("newbox"))).toEqual([]);
    it.world.setFaults("node1", { down: false });
    const all = ways({ ...AS_BEFORE, node1: "newbox", old: "node1" });
    const changed = it.checked(news, "node1", all, { ...change, healthTimeoutSeconds: 7 });
    const next = await it.handler.update(REPLICA, outs, changed);
    expect(next.epoch).toBe(outs.epoch);
    expect(it.runningOn()).toEqual(["newbox"]);
    const kept = it.world.host("node1").volumes.map(({ name, files }) => [name, names(files)]);
    expect(kept).toEqual([["apples_data-aside-1", ["mark"]]]);
  });

  test("at the same address, and with state of a version that knew no machines, is told by what is missing", async () => {
    const it = await onNode1();
    it.world.replaceMachine("node1");
    const news = it.checked(it.inputs, "node1", ways(AS_BEFORE), { healthTimeoutSeconds: 7 });
    expect(await messageOf(it.handler.update(REPLICA, it.state, news))).toMatch(
      /host 'node1' is another machine now/,
    );
    const { machine: _machine, ...old } = it.state;
    expect(await messageOf(it.handler.update(REPLICA, old as ReplicaState, news))).toMatch(
      /it was on host 'node1', which answers and has nothing of it any more/,
    );
    expect(it.world.host("node1").containers).toEqual([]);
  });
});

describe("a host whose disk is empty, while a complete copy is elsewhere", () => {
  async function wiped() {
    const it = await onNode1();
    const there = await it.handler.update(REPLICA, it.state, it.placed("node2"));
    it.world.wipeDisk("node2");
    return { ...it, there };
  }

  test("refuses, names the copy and the way to start from it; three runs lose nothing", async () => {
    const { handler, there, placed, world, files } = await wiped();
    const changed = placed("node2", { healthTimeoutSeconds: 7 });
    for (const host of ["node2", "node3", "node1"]) {
      expect(await messageOf(handler.update(REPLICA, there, { ...changed, host }))).toMatch(
        /it was on host 'node2', which answers and has nothing of it any more.*"useLastCopy" with host 'node1' starts it from the copy there, which is of 2026/,
      );
    }
    // A refresh takes it out of state.
    expect(await handler.read(REPLICA, there)).toBeUndefined();
    for (const host of ["node2", "node3", "node1"]) {
      expect(await messageOf(handler.create(placed(host)))).toMatch(
        /it is on no host that answers, but host 'node1' has an older copy of its data.*"useLastCopy" with host 'node1'/,
      );
    }
    for (const host of HOSTS) expect(world.host(host).containers).toEqual([]);
    expect(names(files("node1"))).toEqual(["mark"]);
  });

  test("starts from the copy by the user's word, with or without state", async () => {
    for (const refreshed of [true, false]) {
      const { handler, there, placed, running, files, warned } = await wiped();
      const inputs = placed("node1", { onSourceLost: "useLastCopy" });
      if (refreshed) await handler.create(inputs);
      else await handler.update(REPLICA, there, inputs);
      expect(running()).toEqual(["node1"]);
      expect(names(files("node1"))).toEqual(["mark"]);
      expect(warned.join()).toMatch(/starts on 'node1' from the last copy there/);
    }
  });

  test("starts empty by the user's word, and the copy elsewhere is kept aside by a move there", async () => {
    const { handler, there, placed, running, files, world } = await wiped();
    const change = { onSourceLost: "startEmpty" } as const;
    const empty = await handler.update(REPLICA, there, placed("node2", change));
    expect(running()).toEqual(["node2"]);
    await handler.update(REPLICA, empty, placed("node1", change));
    expect(running()).toEqual(["node1"]);
    expect(names(files("node1"))).toEqual([]);
    const kept = world.host("node1").volumes.map(({ name, files: all }) => [name, names(all)]);
    expect(kept).toContainEqual(["apples_data-aside-1", ["mark"]]);
  });

  test("deleting it leaves the last complete copy", async () => {
    const { handler, there, files, reported } = await wiped();
    await handler.delete(REPLICA, there);
    expect(names(files("node1"))).toEqual(["mark"]);
    expect(reported.at(-1)).toMatch(/the last copy of its data that is left stays on host 'node1'/);
  });
});

test("a copy that is newer than what moves there is never copied over", async () => {
  const it = await onNode1();
  await it.handler.update(REPLICA, it.state, it.placed("node2"));
  // While both are out of sight and state is lost, a third host starts it anew.
  for (const host of ["node1", "node2"]) it.world.setFaults(host, { down: true });
  const { outs } = await it.handler.create(it.placed("node3"));
  it.world.setFaults("node1", { down: false });
  await it.handler.update(REPLICA, outs, it.placed("node1"));
  const kept = it.world.host("node1").volumes.map(({ name, files }) => [name, names(files)]);
  expect(kept).toContainEqual(["apples_data-aside-1", ["mark"]]);
});

test("journals and state say which machine it was", async () => {
  const it = await onNode1();
  const { id, docker } = it.world.host("node1").machine;
  expect(it.state.machine).toEqual({ id, docker });
  await it.handler.update(REPLICA, it.state, it.placed("node2"));
  expect(journal(it.world, "node2")).toMatchObject({
    other: "node1",
    otherMachine: { id, docker },
  });
  expect(journal(it.world, "node1")).toMatchObject({ role: "retired", other: "node2" });
});
