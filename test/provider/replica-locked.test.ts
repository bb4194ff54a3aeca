import { FakeLocks, FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { HOSTS, IMAGE, messageOf, onNode1, program, REPLICA } from "./replica-fixture";
import { watched } from "./replica-watch";

test.each(["useLastCopy", "startEmpty"] as const)(
  "a host that came back too late to be held is held before anything is begun on it: %s",
  async (onSourceLost) => {
    const world = FakeWorld.open()
      .addHosts(...HOSTS)
      .addImage(IMAGE, ...HOSTS);
    const it = await onNode1(world);
    const there = await it.handler.update(REPLICA, it.state, it.placed("node2"));
    const back = await it.handler.update(REPLICA, there, it.placed("node1"));
    world.setFaults("node1", { down: true });
    world.failNext("node2", { call: "open", kind: "silent", reason: "no answer in time" });
    const table = new FakeLockTable(world);
    const unheld: string[] = [];
    const run = watched(
      world,
      (call, host) => {
        const changes = ["journals.write", "aside.keep", "docker.create"].includes(call);
        if (changes && table.locksOn(host).length === 0) unheld.push(`${call} on ${host}`);
      },
      () => undefined,
      table.run(),
    );
    await run.handler.update(REPLICA, back, run.placed("node2", { onSourceLost }));
    expect(run.running()).toContain("node2");
    expect(unheld).toEqual([]);
  },
);

test("a third host, on which something of it is left, is held before that is touched", async () => {
  const world = FakeWorld.open()
    .addHosts(...HOSTS)
    .addImage(IMAGE, ...HOSTS);
  const it = await onNode1(world);
  // Both it and node2 know nothing of what node1 has, once that was lost.
  world.setFaults("node1", { down: true });
  const lost = { onSourceLost: "startEmpty" } as const;
  const anew = await it.handler.update(REPLICA, it.state, it.placed("node2", lost));
  world.setFaults("node1", { down: false });
  const table = new FakeLockTable(world);
  const unheld: string[] = [];
  const run = watched(
    world,
    (call, host) => {
      const changes = ["journals.write", "aside.keep", "docker.stop", "docker.remove"];
      if (changes.includes(call) && table.locksOn(host).length === 0)
        unheld.push(`${call} on ${host}`);
    },
    () => undefined,
    table.run(),
  );
  await run.handler.update(REPLICA, anew, run.placed("node3", lost));
  expect(run.running()).toEqual(["node3"]);
  expect(unheld).toEqual([]);
});

test("a host that came back too late to be held keeps what it has when the replica is deleted", async () => {
  const it = await onNode1();
  const state = await it.handler.update(REPLICA, it.state, it.placed("node2"));
  const before = it.world.host("node1");
  it.world.failNext("node1", { call: "open", kind: "silent", reason: "no answer in time" });
  const said = await messageOf(it.handler.delete(REPLICA, state));
  expect(said).toContain("something of it on host 'node1' as well");
  expect(it.world.host("node1")).toEqual(before);
  expect(it.running()).toEqual(["node2"]);
  await it.handler.delete(REPLICA, state);
  for (const host of HOSTS)
    expect(it.world.host(host)).toMatchObject({ containers: [], files: {} });
});

test("a host that comes back with an old copy while a move fails does not keep its source from being started again", async () => {
  const world = FakeWorld.open()
    .addHosts(...HOSTS)
    .addImage(IMAGE, ...HOSTS);
  const it = await onNode1(world);
  world.setFaults("node1", { down: true });
  const lost = { onSourceLost: "startEmpty" } as const;
  const anew = await it.handler.update(REPLICA, it.state, it.placed("node2", lost));
  // node1's old copy runs again, and nobody holds it, when the copying to node3 breaks off.
  const run = watched(
    world,
    (call, host) => {
      if (call === "cutover.open barrier" && host === "node3") {
        world.setFaults("node1", { down: false });
        throw new Error("a fault was asked for");
      }
    },
    () => undefined,
  );
  const said = await messageOf(run.handler.update(REPLICA, anew, run.placed("node3", lost)));
  expect(said).toContain("It runs on host 'node2'");
  expect(run.running()).toContain("node2");
  expect(run.running()).not.toContain("node3");
});

test("a change whose host another run may have taken while the image came touches no container", async () => {
  const it = await onNode1();
  it.world.change(({ registry }) => {
    registry["redis:8"] = { id: `sha256:${"8".repeat(64)}`, sizeBytes: 1, architecture: "amd64" };
  });
  const before = it.world.host("node1").containers;
  const locks = new FakeLocks(new FakeLockTable(it.world));
  const run = watched(
    it.world,
    () => undefined,
    (call) => {
      if (call === "docker.pull") locks.disconnect();
    },
    locks,
  );
  const spec = { ...program("node1").spec, image: "redis:8" };
  const said = await messageOf(
    run.handler.update(REPLICA, it.state, run.placed("node1", { spec })),
  );
  expect(said).toContain("was away for so long that another run may have taken apples/redis over");
  expect(it.world.host("node1").containers).toEqual(before);
});
