import { journal, messageOf, onNode1, REPLICA } from "./replica-fixture";

const contents = (it: Awaited<ReturnType<typeof onNode1>>, host: string) =>
  it.world.host(host).volumes.map(({ name, files }) => [name, Object.keys(files)]);

/** node1 was lost and is back; the copy on it is being kept aside, and that is interrupted. */
async function halfQuarantined() {
  const it = await onNode1();
  it.world.setFaults("node1", { down: true });
  const change = { onSourceLost: "startEmpty" } as const;
  const anew = await it.handler.update(REPLICA, it.state, it.placed("node2", change));
  it.world.setFaults("node1", { down: false });
  it.world.failNext("node1", { call: "aside.keep", reason: "no space left on device" });
  it.world.failNext("node1", { call: "aside.keep", reason: "no space left on device" });
  const next = it.placed("node2", { ...change, healthTimeoutSeconds: 7 });
  const said = await messageOf(it.handler.update(REPLICA, anew, next));
  expect(said).toContain("no space left on device");
  expect(journal(it.world, "node1")).toMatchObject({ role: "aside", volumes: ["apples_data"] });
  return { ...it, anew };
}

test("deleting a replica keeps what was about to be put aside, and finishes that", async () => {
  const it = await halfQuarantined();
  await it.handler.delete(REPLICA, it.anew);
  expect(contents(it, "node1")).toEqual([["apples_data-aside-1", ["mark"]]]);
  expect(it.world.host("node1").files).toEqual({});
});

test("nothing is deleted while the replica may run on a host that does not answer", async () => {
  const it = await onNode1();
  // Interrupted before state was saved: it says node1 still.
  await it.handler.update(REPLICA, it.state, it.placed("node2"));
  it.write("node2", "after-the-move");
  it.world.setFaults("node2", { down: true });
  const before = it.world.host("node1");
  const said = await messageOf(it.handler.delete(REPLICA, it.state));
  expect(said).toMatch(
    /deleting apples\/redis failed: host 'node2', where it went .* does not answer/,
  );
  expect(it.world.host("node1")).toEqual(before);
  it.world.setFaults("node2", { down: false });
  await it.handler.delete(REPLICA, it.state);
  expect(it.running()).toEqual([]);
  for (const host of ["node1", "node2"]) expect(it.world.host(host).files).toEqual({});
  expect(Object.keys(it.files("node2") ?? {}).sort()).toEqual(["after-the-move", "mark"]);
});
