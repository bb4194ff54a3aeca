import { FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import {
  formatEntry,
  journalPath,
  parseEntry,
  type JournalEntry,
} from "../../provider/core/move/journal";
import type { ReplicaInputs } from "../../provider/core/replica/model";
import { adopting, anyClient, COMPOSE_LABELS, OLD, put, REQUEST } from "./adoption-fixture";
import { HOSTS, IMAGE, journal, messageOf, REPLICA } from "./replica-fixture";
import { watched } from "./replica-watch";

/** Who else takes over what runs: other replicas of the service, and other deployments. */

const NOTHING = () => undefined;
const newWorld = () =>
  FakeWorld.open()
    .addHosts(...HOSTS)
    .addImage(IMAGE, ...HOSTS);

const numbered = (world: FakeWorld, number: number) =>
  put(world, "node1", {
    name: `myapp-redis-${number}`,
    labels: { ...COMPOSE_LABELS, "com.docker.compose.container-number": `${number}` },
    mounts: [],
    volumeNames: {},
  });

/** Replica `index` of a service without data. */
const replica = (index: number, replicas: number): Partial<ReplicaInputs> =>
  adopting({
    index,
    volumes: {},
    spec: { image: IMAGE },
    adopt: { ...REQUEST, replicas },
    ip: `10.40.0.${index + 2}`,
  });

function scaled(world: FakeWorld) {
  const ids = [1, 2, 3, 4].map((number) => numbered(world, number));
  const run = watched(world, NOTHING, NOTHING);
  const create = async (index: number, replicas: number) =>
    (await run.handler.create(run.placed("node1", replica(index, replicas)))).outs;
  return { ids, run, create };
}

test("one that has moved away does not shift which containers the later ones take", async () => {
  const { ids, run, create } = scaled(newWorld());
  const first = await create(0, 2);
  const second = await create(1, 2);
  expect([first.adopted?.container, second.adopted?.container]).toEqual(ids.slice(0, 2));
  await run.handler.update(REPLICA, first, run.placed("node2", replica(0, 4)));
  expect((await create(3, 4)).adopted?.container).toBe(ids[3]);
  expect((await create(2, 4)).adopted?.container).toBe(ids[2]);
});

test("all of them gone from the host, the next one takes the next container", async () => {
  const { ids, run, create } = scaled(newWorld());
  const first = await create(0, 1);
  await run.handler.update(REPLICA, first, run.placed("node2", replica(0, 2)));
  expect((await create(1, 2)).adopted?.container).toBe(ids[1]);
});

test("a move that is taken back leaves it said whose place was taken", async () => {
  const world = newWorld();
  const { ids, run, create } = scaled(world);
  const first = await create(0, 2);
  world.failNext("node2", { call: "docker.create", kind: "trouble", reason: "no room" });
  await messageOf(run.handler.update(REPLICA, first, run.placed("node2", replica(0, 2))));
  expect(journal(world, "node1")).toMatchObject({ role: "home", adopts: { container: ids[0] } });
  expect((await create(1, 2)).adopted?.container).toBe(ids[1]);
});

test("a kept container that no journal names is not taken while one of the service is elsewhere", async () => {
  const world = newWorld();
  const { ids, run, create } = scaled(world);
  const first = await create(0, 2);
  const { adopted: _adopted, ...forgotten } = first;
  await run.handler.update(REPLICA, forgotten, run.placed("node2", replica(0, 2)));
  put(world, "node1", {
    name: "myapp-redis-1-before-ferry",
    labels: COMPOSE_LABELS,
    mounts: [],
    volumeNames: {},
    status: "exited",
  });
  const said = await messageOf(create(1, 2));
  expect(said).toContain("container 'myapp-redis-1-before-ferry' on host 'node1' may be the one");
  expect(world.host("node1").containers.map(({ id }) => id)).toEqual(
    expect.arrayContaining(ids.slice(1)),
  );
});

describe("two deployments that adopt one container at the same time", () => {
  const other = { deployment: "pears", ip: "10.41.0.2", subnet: "10.41.0.0/24" };

  async function both(delayed: number) {
    const world = newWorld();
    put(world, "node1");
    const { acknowledged, look } = anyClient(world);
    const table = new FakeLockTable(world);
    let calls = 0;
    let begin: () => void = NOTHING;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const one = watched(world, look, look, table.run(5));
    const two = watched(world, look, look, table.run(5));
    world.around.before = () => {
      if (++calls === delayed) begin();
      look();
    };
    const create = (it: typeof one, change: Partial<ReplicaInputs> = {}) =>
      it.handler.create(it.placed("node1", adopting(change))).then(
        () => "taken over",
        (error: unknown) => (error as Error).message,
      );
    const first = create(one);
    if (delayed > 0) await Promise.race([begun, first]);
    const said = await Promise.all([first, create(two, other)]);
    return { world, acknowledged, said };
  }

  test.each([0, 1, 2, 4, 8, 16, 32])(
    "one of them is refused, begun %s calls apart",
    async (delayed) => {
      const { world, acknowledged, said } = await both(delayed);
      expect(said.filter((each) => each === "taken over")).toHaveLength(1);
      expect(said.find((each) => each !== "taken over")).toMatch(
        /has taken the place of container/,
      );
      const [running, ...more] = world
        .host("node1")
        .containers.filter(({ status }) => status === "running");
      expect(more).toEqual([]);
      expect(running?.request.labels["pulumi-ferry.replica"]).toMatch(/redis/);
      const { files } = world.host("node1").volumes[0]!;
      expect(acknowledged.filter((name) => files[name] === undefined)).toEqual([]);
      expect(world.host("node1").containers.map(({ name }) => name)).toContain(
        `${OLD}-before-ferry`,
      );
    },
  );
});

test("what the journal said before an adoption is said again when that is taken back", async () => {
  const earlier: JournalEntry = {
    ...{ version: 2, replica: REPLICA, role: "retired", epoch: 1, volumes: [], other: "node2" },
    ...{ origin: "long ago", highest: 3 },
  };
  const world = newWorld();
  put(world, "node1");
  const run = watched(world, NOTHING, NOTHING);
  world.change(({ hosts }) => {
    const content = Buffer.from(formatEntry(earlier)).toString("base64");
    hosts["node1"]!.files[journalPath(REPLICA)] = { content, mode: 0o600 };
  });
  world.failNext("node1", { call: "docker.start", kind: "trouble", reason: "no room" });
  const inputs = run.placed("node1", adopting());
  expect(await messageOf(run.handler.create(inputs))).toContain("is back as it was");
  expect(journal(world, "node1")).toEqual(earlier);
  await run.handler.create(inputs);
  expect(journal(world, "node1")).toMatchObject({ role: "home", adopts: { done: true } });
  expect(journal(world, "node1")).not.toHaveProperty("adopts.before");
});

test("a journal that keeps an earlier one is read as it was written", () => {
  const before: JournalEntry = {
    ...{ version: 2, replica: REPLICA, role: "home", epoch: 2, volumes: ["data"] },
  };
  const entry: JournalEntry = {
    ...{ ...before, epoch: 3 },
    role: "home",
    adopts: { container: "c", name: "n", restart: { name: "always" }, running: true, before },
  };
  expect(parseEntry(JSON.stringify(entry))).toEqual(entry);
});
