import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { LABELS } from "../../provider/core/identity";
import { fakeReplica, IMAGE, journal, messageOf, REPLICA } from "./replica-fixture";

const NAME = "legacy";
const PATH = `/var/lib/docker/volumes/${NAME}/_data`;
const external = {
  volumes: {
    data: {
      ...{ id: "shop/prod/apples/data", name: NAME, driver: "local", driverOptions: {} },
      external: true,
    },
  },
};

function put(world: FakeWorld, host: string, ...files: string[]) {
  world.change(({ hosts }) => {
    hosts[host]!.volumes.push({
      ...{ name: NAME, driver: "local", mountpoint: PATH, options: {}, labels: {} },
      files: Object.fromEntries(files.map((file) => [file, { content: "", mode: 0o644 }])),
    });
  });
}

function write(world: FakeWorld, host: string, file: string) {
  world.change(({ hosts }) => {
    hosts[host]!.volumes.find(({ name }) => name === NAME)!.files[file] = {
      ...{ content: "", mode: 0o644 },
    };
  });
}

const volumes = (world: FakeWorld, host: string) =>
  world.host(host).volumes.map(({ name, files }) => [name, ...Object.keys(files)]);

/** A replica on node1 that lives in a volume of the user's own. */
async function onTheirs() {
  const it = fakeReplica();
  put(it.world, "node1", "customers");
  const placed = (host: string, change = {}) => it.placed(host, { ...external, ...change });
  const { outs } = await it.handler.create(placed("node1"));
  const move = (state: typeof outs, host: string, change = {}) =>
    it.handler.update(REPLICA, state, placed(host, change));
  return { ...it, placed, state: outs, move };
}

test("its data goes along, there, on, and back, and the volume itself stays where it was made", async () => {
  const { world, state, move, running } = await onTheirs();
  const there = await move(state, "node2");
  expect(volumes(world, "node1")).toEqual([[NAME, "customers"]]);
  expect(journal(world, "node1")).toMatchObject({ role: "retired", volumes: [NAME] });
  write(world, "node2", "second");
  const back = await move(there, "node1");
  expect(volumes(world, "node1")).toEqual([[NAME, "customers", "second"]]);
  expect(world.host("node1").volumes[0]!.labels).toEqual({});
  write(world, "node1", "third");
  const again = await move(back, "node2");
  expect(volumes(world, "node2")).toEqual([[NAME, "customers", "second", "third"]]);
  await move(again, "node3");
  expect(running()).toEqual(["node3"]);
});

test("what a failed move made is removed, and the next one succeeds", async () => {
  const { world, state, move, running } = await onTheirs();
  world.failNext("node2", { call: "mover.round", reason: "no space left" });
  expect(await messageOf(move(state, "node2"))).toContain("nothing of the copy is left");
  expect(volumes(world, "node2")).toEqual([]);
  expect(running()).toEqual(["node1"]);
  await move(state, "node2");
  expect(volumes(world, "node2")).toEqual([[NAME, "customers"]]);
});

test.each<[string, (world: FakeWorld) => void, string]>([
  [
    "of somebody else's",
    (world) => put(world, "node2", "not ours"),
    "it is no older copy that Ferry left there",
  ],
])("one %s on the target refuses the move", async (_name, prepare, words) => {
  const { world, state, move, running } = await onTheirs();
  prepare(world);
  const before = world.host("node2");
  expect(await messageOf(move(state, "node2"))).toContain(words);
  expect(world.host("node2")).toEqual(before);
  expect(running()).toEqual(["node1"]);
});

describe("moving back to the user's own volume", () => {
  async function away() {
    const it = await onTheirs();
    const state = await it.move(it.state, "node2");
    return { ...it, state };
  }

  test("is refused when it was changed there since", async () => {
    const { world, state, move } = await away();
    world.change(({ hosts }) => (hosts["node1"]!.extra["changed"] = { [PATH]: "new/customer" }));
    expect(await messageOf(move(state, "node1"))).toContain(
      "Docker volume 'legacy' is there already on host 'node1', and it was changed there after the replica had left it " +
        "('new/customer'). Look at its data, then remove or rename it",
    );
    expect(volumes(world, "node1")).toEqual([[NAME, "customers"]]);
  });

  test("is refused when somebody else uses it", async () => {
    const { world, state, move } = await away();
    world.change(({ hosts }) => {
      const [ours] = hosts["node2"]!.containers;
      const request = { ...ours!.request, name: "by-hand", labels: {} };
      hosts["node1"]!.containers.push({ ...ours!, id: "theirs", name: "by-hand", request });
    });
    expect(await messageOf(move(state, "node1"))).toContain("container 'by-hand' uses it");
    expect(volumes(world, "node1")).toEqual([[NAME, "customers"]]);
  });

  test("goes on where it was interrupted", async () => {
    const { world, state, move, running } = await away();
    world.failNext("node1", { call: "mover.round", reason: "no" });
    expect(await messageOf(move(state, "node1"))).toContain("It runs on host 'node2'");
    expect(volumes(world, "node1")).toEqual([[NAME, "customers"]]);
    write(world, "node2", "second");
    await move(state, "node1");
    expect(volumes(world, "node1")).toEqual([[NAME, "customers", "second"]]);
    expect(running()).toEqual(["node1"]);
  });
});

test("deleting the replica leaves the user's own volume, and the newest copy", async () => {
  const { world, handler, state, move } = await onTheirs();
  const there = await move(state, "node2");
  write(world, "node2", "second");
  await handler.delete(REPLICA, there);
  expect(volumes(world, "node1")).toEqual([[NAME, "customers"]]);
  expect(volumes(world, "node2")).toEqual([[NAME, "customers", "second"]]);
});

describe("when the host is lost", () => {
  test("what a volume of that name happens to hold is no last copy", async () => {
    const { world, state, move, running } = await onTheirs();
    put(world, "node2", "not ours");
    world.setFaults("node1", { down: true });
    expect(await messageOf(move(state, "node2", { onSourceLost: "useLastCopy" }))).toContain(
      "No host that answers has a complete copy of its data",
    );
    expect(volumes(world, "node2")).toEqual([[NAME, "not ours"]]);
    world.setFaults("node1", { down: false });
    expect(running()).toEqual(["node1"]);
  });

  test("the user's own volume, as the replica has left it, is a last copy", async () => {
    const { world, state, move, warned } = await onTheirs();
    const there = await move(state, "node2");
    world.setFaults("node2", { down: true });
    const back = await move(there, "node1", { onSourceLost: "useLastCopy" });
    expect(back.host).toBe("node1");
    expect(warned.join()).toContain("it starts on 'node1' from the last copy there");
  });

  test("and is none when it was changed since", async () => {
    const { world, state, move } = await onTheirs();
    const there = await move(state, "node2");
    world.setFaults("node2", { down: true });
    world.change(({ hosts }) => (hosts["node1"]!.extra["changed"] = { [PATH]: "x" }));
    expect(await messageOf(move(there, "node1", { onSourceLost: "useLastCopy" }))).toContain(
      "is no copy any more on host 'node1': it was changed there after the replica had left it ('x')",
    );
  });

  test("startEmpty takes the user's volume as it is, and says so; it makes none", async () => {
    const { world, state, move, warned, running } = await onTheirs();
    world.setFaults("node1", { down: true });
    const lost = { onSourceLost: "startEmpty" };
    expect(await messageOf(move(state, "node2", lost))).toContain(
      "Docker volume 'legacy', which is external, is not there on host 'node2'. Make it there",
    );
    expect(world.host("node2")).toMatchObject({ volumes: [], files: {} });
    put(world, "node2", "prepared");
    await move(state, "node2", lost);
    expect(warned.join()).toContain("what is external ('legacy') is taken as it is there");
    expect(volumes(world, "node2")).toEqual([[NAME, "prepared"]]);
    expect(running()).toContain("node2");
  });

  test("a host that comes back keeps the user's volume under its name", async () => {
    const { world, state, move, running } = await onTheirs();
    put(world, "node2", "prepared");
    world.setFaults("node1", { down: true });
    const now = await move(state, "node2", { onSourceLost: "startEmpty" });
    world.setFaults("node1", { down: false });
    await move(now, "node2");
    expect(running()).toEqual(["node2"]);
    expect(volumes(world, "node1")).toEqual([[NAME, "customers"]]);
  });
});

test("a container that was removed by hand is not made on a host with an older copy", async () => {
  const { world, handler, placed, state, move } = await onTheirs();
  const there = await move(state, "node2");
  world.change(({ hosts }) => (hosts["node2"]!.containers = []));
  expect(await messageOf(handler.update(REPLICA, there, placed("node1")))).toContain(
    "its data is on host 'node2' (Docker volume 'legacy'), and no container is there to move it with",
  );
  expect((await move(there, "node2")).host).toBe("node2");
});

test("a copy that an earlier version made of it is known as one", async () => {
  const { world, state, move } = await onTheirs();
  const there = await move(state, "node2");
  expect(world.host("node2").volumes[0]!.labels[LABELS.volume]).toBe("shop/prod/apples/data");
  await move(there, "node3");
  expect(journal(world, "node2")).toMatchObject({ role: "retired", volumes: [NAME] });
});

test("one of another driver is not copied", async () => {
  const { world, state, move } = await onTheirs();
  world.change(({ hosts }) => {
    hosts["node1"]!.volumes = hosts["node1"]!.volumes.map((of) => ({ ...of, driver: "cloud" }));
  });
  expect(await messageOf(move(state, "node2"))).toContain("has Docker's driver 'cloud'");
});

test("of a replica that comes along with another one, it is known as well", async () => {
  const it = await onTheirs();
  const { world, handler } = it;
  const spare = {
    ...external.volumes.data,
    id: "shop/prod/apples/spare",
    name: "spare",
  };
  const member = {
    ...{ service: "backup", ip: "10.40.0.3" },
    spec: {
      image: IMAGE,
      mounts: [
        { type: "volume" as const, volume: "data", target: "/data" },
        { type: "volume" as const, volume: "spare", target: "/spare" },
      ],
    },
    volumes: { ...external.volumes, spare },
  };
  world.change(({ hosts }) => {
    const [legacy] = hosts["node1"]!.volumes;
    hosts["node1"]!.volumes.push({
      ...legacy!,
      ...{ name: "spare", mountpoint: "/var/lib/docker/volumes/spare/_data", files: {} },
    });
  });
  const BACKUP = "shop/prod/apples/backup/0";
  let other = (await handler.create(it.placed("node1", member))).outs;
  let state = it.state;
  for (const host of ["node2", "node1", "node2"]) {
    state = await it.move(state, host);
    other = await handler.update(BACKUP, other, it.placed(host, member));
    expect(it.running()).toEqual([host]);
  }
  const names = world.host("node1").volumes.map(({ name, labels }) => [name, labels]);
  expect(names).toEqual([
    [NAME, {}],
    ["spare", {}],
  ]);
});
