import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import {
  fakeUpkeep,
  fakeUpkeepKey,
  type FakeTask,
} from "../../provider/adapters/fakes/fake-upkeep";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { FerryError } from "../../provider/core/errors";
import { upkeepName, type UpkeepState } from "../../provider/core/volume/upkeep";
import { FirstAlone } from "../../provider/handlers/first-alone";
import { upkeepHandler } from "../../provider/handlers/upkeep";
import { Ways } from "../../provider/handlers/ways";

const connections = {
  node1: { host: "node1", hostKey: "k" },
  node2: { host: "node2", hostKey: "k" },
};
const identity = { project: "shop", stack: "prod", deployment: "apples", key: "data" };
const VOLUME = upkeepName(identity);
const news = (change: object = {}) => ({
  ...identity,
  ...{ name: "apples_data", host: "node1", connections, cluster: "net" },
  backup: { repository: "/srv", every: "1h" },
  backupKey: { password: "pw" },
  ...change,
});

function fixture() {
  const world = FakeWorld.open().addHosts("node1", "node2");
  const warned: string[] = [];
  const progress = { info: () => undefined, warn: (text: string) => void warned.push(text) };
  const context = { hosts: fakeHostDirectory(world), progress };
  const upkeep = fakeUpkeep(world);
  const handler = upkeepHandler(context, upkeep, new Ways());
  const tasksOn = (host: string) =>
    Object.keys(world.host(host).extra[fakeUpkeepKey(VOLUME)] ?? {});
  const places = () => ["node1", "node2"].filter((host) => tasksOn(host).length > 0);
  const note = (host: string, found: Partial<FakeTask>) =>
    world.change(({ hosts }) => {
      const tasks = hosts[host]!.extra[fakeUpkeepKey(VOLUME)] as Record<string, FakeTask>;
      tasks["backup"] = { ...tasks["backup"]!, ...found };
    });
  const made = async () => (await handler.create(handler.check({}, news()).inputs)).outs;
  const update = (outs: UpkeepState, change: object) =>
    handler.update("", outs, handler.check(outs, news(change)).inputs);
  return { world, warned, context, upkeep, handler, places, note, made, update };
}

test("it is on the volume's host, follows the volume, and goes with it", async () => {
  const { handler, places, made, update } = fixture();
  const outs = await made();
  expect(places()).toEqual(["node1"]);
  expect(Object.keys(outs.connections)).toEqual(["node1"]);
  const moved = await update(outs, { host: "node2" });
  expect(places()).toEqual(["node2"]);
  expect(Object.keys(moved.connections)).toEqual(["node2"]);
  await handler.delete("", moved);
  expect(places()).toEqual([]);
});

test("a host that is called otherwise now keeps what it has", async () => {
  const { world, places, made, update } = fixture();
  const outs = await made();
  world.addName("first", "node1");
  const renamed = await update(outs, { host: "first", connections: { first: connections.node1 } });
  expect(places()).toEqual(["node1"]);
  expect(Object.keys(renamed.connections)).toEqual(["first"]);
});

test("what a lost host has of it goes when that is back, at a refresh", async () => {
  const { world, warned, handler, places, made, update } = fixture();
  const outs = await made();
  world.setFaults("node1", { down: true });
  const moved = await update(outs, { host: "node2" });
  expect(warned).toHaveLength(1);
  expect(places()).toEqual(["node1", "node2"]);
  expect(Object.keys(moved.connections).sort()).toEqual(["node1", "node2"]);
  world.setFaults("node1", { down: false });
  const found = await handler.read("", moved);
  expect(places()).toEqual(["node2"]);
  expect(Object.keys(found!.outs.connections)).toEqual(["node2"]);
});

test("a host that cannot do it is a failure, with what was begun in state", async () => {
  const { world, made, update } = fixture();
  const outs = await made();
  world.setFaults("node2", { down: true });
  await expect(update(outs, { host: "node2" })).rejects.toMatchObject({
    name: "PartialStateError",
    outs: { host: "node2" },
  });
});

test("a refresh tells the last backup and what is wrong, without a change of inputs", async () => {
  const { handler, note, made } = fixture();
  const outs = await made();
  note("node1", { last: { at: 999_000, what: "ab12" }, failure: { at: 999_900, what: "no room" } });
  const found = await handler.read("", outs);
  expect(found?.outs.lastBackup?.snapshot).toBe("ab12");
  expect(found?.outs.health).toMatch(/^backup: the last is .* old; then: no room$/);
  expect(found?.inputs).toEqual(handler.check({}, news()).inputs);
});

test("what is not there as it was put is put again by the next up", async () => {
  const { handler, note, made, update } = fixture();
  const outs = await made();
  note("node1", { text: "changed by hand" });
  const found = await handler.read("", outs);
  expect(found?.inputs?.drift).toBe("backup");
  await update(found!.outs, {});
  const again = await handler.read("", outs);
  expect(again?.inputs?.drift).toBeUndefined();
});

test("a host that does not answer a refresh is told of, and keeps its last backup", async () => {
  const { world, handler, note, made } = fixture();
  const outs = await made();
  note("node1", { last: { at: 999_000, what: "ab12" } });
  const { outs: before } = (await handler.read("", outs))!;
  world.setFaults("node1", { down: true });
  const found = await handler.read("", before);
  expect(found?.outs.lastBackup).toEqual(before.lastBackup);
  expect(found?.outs.health).toMatch(/node1/);
});

test("what cannot be set up for the first time is left nowhere", async () => {
  const { world, handler, places } = fixture();
  const { inputs } = handler.check({}, news());
  world.failNext("node1", { call: "upkeep.put", when: "after" });
  await expect(handler.create(inputs)).rejects.toThrow("upkeep.put was cut off");
  expect(places()).toEqual([]);
});

test("snapshots are listed by a refresh", async () => {
  const { world, handler, made, update } = fixture();
  const outs = await update(await made(), { snapshots: { every: "1h", keep: 2 }, service: "db" });
  world.change(({ hosts }) => {
    const tasks = hosts["node1"]!.extra[fakeUpkeepKey(VOLUME)] as Record<string, FakeTask>;
    tasks["snapshots"] = { ...tasks["snapshots"]!, list: ["20260102T030405Z"] };
  });
  const found = await handler.read("", outs);
  expect(found?.outs.snapshotNames).toEqual(["20260102T030405Z"]);
  expect(found?.inputs?.drift).toBeUndefined();
});

test("of volumes that share a repository the first is alone with it until that is made", async () => {
  const { context, upkeep } = fixture();
  const said: string[] = [];
  let fails = true;
  const slow = {
    ...upkeep,
    put: async (...[host, volume, tasks]: Parameters<typeof upkeep.put>) => {
      said.push("begin");
      await new Promise((resolve) => setTimeout(resolve, 20));
      said.push("end");
      if (fails) {
        fails = false;
        throw new FerryError({ kind: "trouble", reason: "no room" });
      }
      await upkeep.put(host, volume, tasks);
    },
  };
  const handler = upkeepHandler(context, slow, new Ways(), new FirstAlone());
  const all = ["a", "b", "c", "d"].map((key) =>
    handler.create(handler.check({}, news({ key, name: `apples_${key}` })).inputs),
  );
  const elsewhere = { backup: { repository: "/other", every: "1h" }, key: "e" };
  const outcomes = await Promise.allSettled(all);
  expect(outcomes.map(({ status }) => status)).toEqual([
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
  // The one that failed, the one that made it, and two at once.
  expect(said.join(" ")).toBe("begin end begin end begin begin end end");
  said.length = 0;
  const others = [elsewhere, { ...elsewhere, key: "f", backup: { repository: "/third" } }];
  await Promise.all(others.map((each) => handler.create(handler.check({}, news(each)).inputs)));
  expect(said.join(" ")).toBe("begin begin end end");
});
