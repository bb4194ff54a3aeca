import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { fakeMoveParts } from "../../provider/adapters/fakes/fake-volume";
import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { dockerDriver } from "../../provider/adapters/volume/drivers/docker-driver";
import { flockerDriver } from "../../provider/adapters/volume/drivers/flocker-driver";
import { folderDriver } from "../../provider/adapters/volume/drivers/folder-driver";
import { hostDriver } from "../../provider/adapters/volume/drivers/host-driver";
import { controlServices } from "../../provider/adapters/volume/flocker/control-services";
import { VolumeDrivers } from "../../provider/core/volume/driver";
import { volumeHandler } from "../../provider/handlers/volume";
import { waysOfThisRun } from "../../provider/handlers/ways";
import { FlockerServer } from "../adapters/flocker-server";
import { installFlocker, nodeOf, PATIENCE } from "../adapters/flocker-world";
import { fakeReplica, HOSTS, messageOf, program, REPLICA } from "./replica-fixture";
import { client, runKilledAt, watched } from "./replica-watch";

/** Replicas with volumes of Flocker's, from a program's word to its control service. */

const NODES = [nodeOf(1), nodeOf(2), nodeOf(3)];
const [ONE, TWO] = NODES.map(({ uuid }) => uuid) as [string, string];
const drivers = new VolumeDrivers(
  [hostDriver, folderDriver],
  dockerDriver,
  flockerDriver(controlServices, PATIENCE),
);

let server: FlockerServer;

beforeEach(async () => {
  server = await FlockerServer.start(NODES);
});

afterEach(() => server.end());

const dataset = () => server.named("apples_data")[0];
const isOn = () => server.agents.on(dataset()?.dataset_id ?? "");
const leaseOf = () => server.agents.leases.get(dataset()?.dataset_id ?? "");

function attached() {
  const data = {
    ...{ id: "shop/prod/apples/data", name: "apples_data", driver: "flocker" },
    ...{ driverOptions: { size: "1GB" }, external: false },
    ...{ scope: "attach" as const, control: server.url },
  };
  return { volumes: { data }, flocker: { data: JSON.stringify(server.settings()) } };
}

function withFlocker(world?: FakeWorld) {
  const it = fakeReplica(world, (tools) => ({ ...tools, drivers }));
  installFlocker(it.world, server, HOSTS);
  return it;
}

async function onNode1() {
  const it = withFlocker();
  const change = attached();
  const { outs } = await it.handler.create(it.placed("node1", change));
  const on = (host: string) => it.placed(host, change);
  return { ...it, state: outs, change, on };
}

test("a replica's volume is made where it is, kept there, and its state has no part of the secret", async () => {
  const { state, world } = await onNode1();
  expect([isOn(), leaseOf(), dataset()?.maximum_size]).toEqual([ONE, ONE, 1024 ** 3]);
  expect(world.host("node1").volumes).toMatchObject([{ name: "apples_data", driver: "flocker" }]);
  expect(JSON.stringify(state)).not.toMatch(/BEGIN/);
});

test("a move hands it over: let go, moved by the control service, then the target's container", async () => {
  const { handler, state, on, running, world } = await onNode1();
  server.asked.length = 0;
  let atMake: string | undefined;
  world.around.before = (call, host) => {
    if (call === "docker.create" && host === "node2") atMake = isOn();
  };
  const moved = await handler.update(REPLICA, state, on("node2"));
  expect(atMake).toBe(TWO);
  expect(running()).toEqual(["node2"]);
  expect([isOn(), leaseOf()]).toEqual([TWO, TWO]);
  expect(moved.lastMove).toMatchObject({ bytes: 0 });
  const changes = server.asked.filter((each) => !each.startsWith("GET "));
  expect(changes.map((each) => each.replace(/[0-9a-f-]{36}/, "ID"))).toEqual([
    "DELETE /configuration/leases/ID",
    "POST /configuration/datasets/ID",
    "POST /configuration/leases",
  ]);
  await handler.update(REPLICA, moved, on("node1"));
  expect([running(), isOn(), leaseOf()]).toEqual([["node1"], ONE, ONE]);
});

test("a second run asks the control service for no change", async () => {
  const { handler, state, on } = await onNode1();
  server.asked.length = 0;
  await handler.update(REPLICA, state, on("node1"));
  expect(server.asked.filter((each) => !each.startsWith("GET "))).toEqual([]);
});

test.each([
  ["its agent is gone", () => server.agents.connected.delete(TWO), /agent there is not connected/],
  ["the service is away", () => server.kill(), /nothing listens there/],
  [
    "somebody else keeps it",
    () => server.agents.leases.set(dataset()!.dataset_id, NODES[2]!.uuid),
    /has a lease on its dataset/,
  ],
])("a move is refused before anything stops where %s", async (_what, happens, reason) => {
  const { handler, state, on, running, world } = await onNode1();
  const before = world.host("node1").containers;
  await happens();
  expect(await messageOf(handler.update(REPLICA, state, on("node2")))).toMatch(reason);
  expect(running()).toEqual(["node1"]);
  expect(world.host("node1").containers).toEqual(before);
});

test("a move whose agents never end is taken back, and the source has it again", async () => {
  const { handler, state, on, running, world } = await onNode1();
  world.around.before = (call, host) => {
    if (call === "docker.stop" && host === "node1") server.agents.stepMs = 30_000;
  };
  const failed = messageOf(handler.update(REPLICA, state, on("node2")));
  expect(await failed).toMatch(/has it still.*It runs on host 'node1', with all its data/s);
  expect(running()).toEqual(["node1"]);
  expect([dataset()?.primary, leaseOf()]).toEqual([ONE, ONE]);
});

test("one that does not start on the target goes back with its volume", async () => {
  const { handler, state, on, running, world } = await onNode1();
  world.around.before = (call, host) => {
    if (call === "docker.start" && host === "node2") throw new Error("no such option");
  };
  await messageOf(handler.update(REPLICA, state, on("node2")));
  expect(running()).toEqual(["node1"]);
  expect([isOn(), leaseOf()]).toEqual([ONE, ONE]);
});

test("the service may be killed once the source has stopped, and come back", async () => {
  const { handler, state, on, running, world } = await onNode1();
  let back: Promise<unknown> = Promise.resolve();
  world.around.after = (call, host) => {
    if (call !== "docker.stop" || host !== "node1") return;
    world.around = {};
    back = server.kill().then(() => new Promise((resolve) => setTimeout(resolve, 200)));
    back = back.then(() => server.listen());
  };
  await handler.update(REPLICA, state, on("node2"));
  await back;
  expect([running(), isOn(), leaseOf()]).toEqual([["node2"], TWO, TWO]);
});

describe("a lost host", () => {
  async function withLost() {
    const it = await onNode1();
    it.world.change(({ hosts }) => void (hosts.node1!.faults.down = true));
    const onSourceLost = "useLastCopy" as const;
    const to = it.placed("node2", { ...it.change, onSourceLost });
    return { ...it, move: () => it.handler.update(REPLICA, it.state, to) };
  }

  test("keeps it while Flocker sees its agent, whatever the program says", async () => {
    const { move } = await withLost();
    expect(await messageOf(move())).toMatch(/Flocker's node .* has a lease on its dataset/);
    expect([isOn(), leaseOf()]).toEqual([ONE, ONE]);
  });

  test("gives it up by the program's word once its agent is gone, and its lease with it", async () => {
    const { move, running } = await withLost();
    server.agents.connected.delete(ONE);
    await move();
    expect(running()).toContain("node2");
    expect([isOn(), leaseOf()]).toEqual([TWO, TWO]);
  });
});

test("deleting the replica lets go of it, and its data stays", async () => {
  const { handler, state } = await onNode1();
  await handler.delete(REPLICA, state);
  expect([dataset()?.primary, leaseOf()]).toEqual([ONE, undefined]);
});

describe("the volume's own resource", () => {
  const said = () => {
    const { project, stack, deployment, connections } = program("node1");
    const { id: _id, ...data } = attached().volumes.data;
    const flocker = JSON.stringify(server.settings());
    return { project, stack, deployment, key: "data", ...data, connections, flocker };
  };
  const handlerOn = (world: FakeWorld) => {
    const progress = { info: () => undefined, warn: () => undefined };
    const context = { hosts: fakeHostDirectory(world), progress };
    return volumeHandler(context, drivers, waysOfThisRun, fakeMoveParts(world).leases);
  };

  test("says what is wrong with what opens the service, and keeps it as a secret", () => {
    const { world } = withFlocker();
    const volume = handlerOn(world);
    expect(volume.secrets).toContain("flocker");
    expect(volume.check({}, said()).problems).toEqual([]);
    const wrong = { ...server.settings(), key: "none" };
    expect(volume.check({}, { ...said(), flocker: JSON.stringify(wrong) }).problems).toEqual([
      { property: "flocker.key", reason: "volume 'data': this is no private key in PEM" },
    ]);
  });

  test.each([true, false])(
    "deletes the dataset only when it is told to: %s",
    async (deleteData) => {
      const { world, handler, state } = await onNode1();
      const volume = handlerOn(world);
      const { outs } = await volume.create(volume.check({}, { ...said(), deleteData }).inputs);
      await handler.delete(REPLICA, state);
      await volume.delete("id", outs);
      expect(server.named("apples_data")).toHaveLength(deleteData ? 0 : 1);
      expect(server.agents.leases.size).toBe(0);
    },
  );
});

test("a run that is killed at any step of the hand-over is finished or taken back by the next", async () => {
  const calls: string[] = [];
  const whole = await onNode1();
  const seen = watched(
    whole.world,
    (call, host) => void calls.push(`${call} ${host}`),
    () => undefined,
  );
  await seen.handler.update(REPLICA, whole.state, seen.placed("node2", whole.change));
  const first = calls.indexOf("docker.stop node1");
  const last = calls.indexOf("docker.start node2");
  expect(first).toBeGreaterThan(0);
  for (let at = first; at <= last; at++) {
    const [when, next] =
      at % 2 === 0 ? (["after", "node1"] as const) : (["before", "node2"] as const);
    server.agents.forget();
    const { world, state, change } = await onNode1();
    const { look } = client(world);
    const killed = runKilledAt(world, look, { at, when });
    await killed.handler
      .update(REPLICA, state, killed.placed("node2", change))
      .catch(() => undefined);
    const again = watched(world, look, look);
    await again.handler.update(REPLICA, state, again.placed(next, change));
    const node = next === "node1" ? ONE : TWO;
    expect({ at: calls[at], when, on: again.running(), has: isOn(), lease: leaseOf() }).toEqual({
      ...{ at: calls[at], when, on: [next], has: node, lease: node },
    });
    expect(server.named("apples_data")).toHaveLength(1);
  }
});
