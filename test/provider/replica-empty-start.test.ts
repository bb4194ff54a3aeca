import { journal, messageOf, onNode1, REPLICA } from "./replica-fixture";

/** It was on node3, which is lost; the program starts it with empty volumes on node1. */
async function lost() {
  const it = await onNode1();
  const there = await it.handler.update(REPLICA, it.state, it.placed("node3"));
  it.world.setFaults("node3", { down: true });
  return { ...it, there, anew: it.placed("node1", { onSourceLost: "startEmpty" }) };
}

test("what it has written since its empty start is missed when it is gone", async () => {
  const it = await lost();
  const state = await it.handler.update(REPLICA, it.there, it.anew);
  expect(journal(it.world, "node1")).toMatchObject({ role: "home", volumes: ["apples_data"] });
  it.write("node1", "acknowledged");
  it.world.change(({ hosts }) => {
    const host = hosts["node1"]!;
    host.containers = [];
    host.volumes = host.volumes.filter(({ name }) => name !== "apples_data");
  });
  const before = it.world.host("node1");
  const said = await messageOf(it.handler.update(REPLICA, state, it.placed("node1")));
  expect(said).toContain("its data was on host 'node1', where Docker volume 'apples_data' is not");
  expect(it.world.host("node1")).toEqual(before);
});

test("an empty start that fails is no copy of anything, and is begun again", async () => {
  const it = await lost();
  it.world.failNext("node1", { call: "docker.start" });
  await expect(it.handler.update(REPLICA, it.there, it.anew)).rejects.toThrow("was removed");
  expect(journal(it.world, "node1")).toMatchObject({ role: "home", volumes: [] });
  expect(it.files("node1")).toBeUndefined();
  await it.handler.update(REPLICA, it.there, it.anew);
  expect(it.running()).toContain("node1");
  expect(it.files("node1")).toEqual({});
});
