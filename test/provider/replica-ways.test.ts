import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { Connections } from "../../provider/core/connection";
import { LABELS, volumeId } from "../../provider/core/identity";
import { PartialStateError } from "../../provider/handlers/handler";
import { volumeHandler } from "../../provider/handlers/volume";
import { Ways } from "../../provider/handlers/ways";
import { fakeReplica, HOSTS, onNode1, program, REPLICA } from "./replica-fixture";

/** What state keeps of hosts, and what a run without the program makes of it. */

const { connections } = program("node1");
const only = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, connections[name]!]));

/** The next run, which knows nothing of the cluster but what is in the replica's own state. */
const alone = ({ world }: Awaited<ReturnType<typeof onNode1>>) =>
  fakeReplica(world, undefined, { alone: true });

describe("state has the ways to the hosts that have something of the replica", () => {
  test("to its own, where it was made; inputs have where that leads", async () => {
    const it = await onNode1();
    expect(it.state.connections).toEqual(only("node1"));
    const { inputs } = it.handler.check({}, { ...program("node1") });
    expect(inputs).toMatchObject({ place: "[node1]:22" });
    expect(inputs).not.toHaveProperty("connections");
  });

  test("and to the one that it has left, where its move has left a copy", async () => {
    const it = await onNode1();
    const moved = await it.handler.update(REPLICA, it.state, it.placed("node2"));
    expect(moved.connections).toEqual(only("node1", "node2"));
    await alone(it).handler.delete(REPLICA, moved);
    for (const host of HOSTS) expect(it.world.host(host).files).toEqual({});
    // The data is the volume's affair; what was left of a copy is gone.
    expect(it.files("node1")).toBeUndefined();
    expect(it.files("node2")).toBeDefined();
  });

  test("and to one that was silent, as nobody knows what it has", async () => {
    const it = fakeReplica();
    it.world.setFaults("node3", { down: true });
    const { outs } = await it.handler.create(it.placed("node1"));
    expect(outs.connections).toEqual(only("node1", "node3"));
    it.world.setFaults("node3", { down: false });
    const heard = await it.handler.read(REPLICA, outs);
    expect(heard?.outs.connections).toEqual(only("node1"));
  });
});

describe("a refresh that the mesh does not tell of the other hosts", () => {
  test("takes nothing for gone", async () => {
    const it = await onNode1();
    it.world.change(({ hosts }) => void (hosts["node1"]!.containers = []));
    const next = alone(it);
    expect((await next.handler.read(REPLICA, it.state))?.outs).toEqual(it.state);
    expect(next.warned.join()).toContain("does not know the cluster's other hosts");
  });

  test("finds it where it was", async () => {
    const it = await onNode1();
    expect((await alone(it).handler.read(REPLICA, it.state))?.outs).toEqual(it.state);
  });
});

describe("what a run knows of hosts", () => {
  test("is told a moment later as well", async () => {
    const ways = new Ways();
    const asked = ways.soonAround(only("node1"), "node1");
    ways.read({ other: { host: "elsewhere" } });
    ways.read(connections);
    expect(await asked).toEqual(connections);
  });

  test("is of the cluster that a host belongs to, by where its name leads", () => {
    const ways = new Ways();
    ways.read({ node1: { host: "elsewhere" } });
    expect(ways.around(only("node1"), "node1")).toBeUndefined();
    ways.say({ renamed: connections["node1"]!, node2: connections["node2"]! });
    expect(ways.around(only("node1"), "node1")).toEqual({
      ...only("node1", "node2"),
      renamed: connections["node1"],
    });
  });

  test("is of the cluster that it is in now, where it came from another one", () => {
    const ways = new Ways();
    const [was, is] = [{ node2: { host: "a2" } }, { node2: { host: "b2" }, node3: { host: "b3" } }];
    ways.say({ node1: { host: "a1" }, ...was }, "a");
    ways.say(is, "b");
    const kept = { "node1 at its old address": { host: "a1" }, node2: { host: "b2" } };
    expect(ways.around(kept, "node2")).toEqual({ ...kept, ...is });
  });

  test("by other state does not count over a replica's own, and by the program over both", () => {
    const ways = new Ways();
    const newer = { node1: { ...connections["node1"]!, privateKey: "newer" } };
    ways.read(connections);
    expect(ways.around(newer, "node1")).toEqual({ ...connections, ...newer });
    const newest = { ...connections, node1: { ...connections["node1"]!, privateKey: "newest" } };
    ways.say(newest);
    ways.read({ ...connections });
    expect(ways.around(newer, "node1")).toEqual(newest);
  });
});

describe("two clusters of a program that have a deployment of one name", () => {
  const us = { node1: { ...connections["node1"]!, host: "us1" } };

  test("keep to their own hosts", async () => {
    const it = await onNode1();
    const mine = it.handler.check({}, { ...program("node1"), cluster: "eu" }).inputs;
    it.handler.check({}, { ...program("node1"), cluster: "us", connections: us });
    const outs = await it.handler.update(REPLICA, it.state, mine);
    expect(outs.connections).toEqual(only("node1"));
    expect(it.running()).toEqual(["node1"]);
  });

  test("and so does the data that goes with a volume", async () => {
    const world = FakeWorld.open().addHosts("node1", "us1");
    const context = {
      hosts: fakeHostDirectory(world),
      progress: { info: () => undefined, warn: () => undefined },
    };
    const handler = volumeHandler(context, undefined, new Ways());
    const volume = (cluster: string, its: Connections) => ({
      ...{ project: "shop", stack: "prod", deployment: "apples", key: "data", name: "apples_data" },
      ...{ driver: "local", driverOptions: {}, external: false, deleteData: true, cluster },
      connections: its,
    });
    const eu = handler.check({}, volume("eu", only("node1"))).inputs;
    handler.check({}, volume("us", { ...us, node1: { ...us.node1 } }));
    const { id, outs } = await handler.create(eu);
    expect(outs.connections).toEqual(only("node1"));
    world.change(({ hosts }) => {
      for (const host of ["node1", "us1"]) {
        const labels = { [LABELS.volume]: volumeId(eu) };
        hosts[host]!.volumes.push({
          name: "apples_data",
          labels,
          driver: "local",
          mountpoint: "/v",
          options: {},
          files: {},
        });
      }
    });
    await handler.delete(id, outs);
    expect(world.host("node1").volumes).toEqual([]);
    expect(world.host("us1").volumes).toHaveLength(1);
  });
});

test("what takes the hosts away from a replica is told in words", () => {
  const { handler } = fakeReplica();
  const { connections: _, ...without } = program("node1");
  const { problems } = handler.check({}, without);
  expect(problems.map(({ reason }) => reason).join()).toMatch(/hosts are missing.*ignoreChanges/);
});

test("a host that has left the program is forgotten with the next change", async () => {
  const it = await onNode1();
  it.world.setFaults("node3", { down: true });
  const silent = await it.handler.update(
    REPLICA,
    it.state,
    it.placed("node1", { healthTimeoutSeconds: 7 }),
  );
  expect(Object.keys(silent.connections)).toEqual(["node1", "node3"]);
  const fewer = it.placed("node1", { connections: only("node1", "node2") });
  const after = await it.handler.update(REPLICA, silent, fewer);
  expect(Object.keys(after.connections)).toEqual(["node1"]);
});

test("a move that is taken back leaves the ways to all in state, for what is left there", async () => {
  const it = await onNode1();
  it.world.failNext("node2", { call: "docker.create", reason: "broken" });
  const attempt = it.handler.update(REPLICA, it.state, it.placed("node2"));
  const error = await attempt.catch((failed: unknown) => failed as PartialStateError);
  expect(error).toBeInstanceOf(PartialStateError);
  const { outs } = error as { outs: typeof it.state };
  expect(Object.keys(outs.connections)).toEqual(HOSTS);
});

test("a destroy that does not know where its replica went says what to do", async () => {
  const it = await onNode1();
  await it.handler.update(REPLICA, it.state, it.placed("node2"));
  const attempt = alone(it).handler.delete(REPLICA, it.state);
  await expect(attempt).rejects.toThrow(/went to host 'node2'.*has no way to.*destroy --refresh/);
  expect(it.running()).toEqual(["node2"]);
});
