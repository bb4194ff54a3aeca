import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { LABELS } from "../../provider/core/identity";
import { fakeReplica, IMAGE, messageOf, onNode1, REPLICA } from "./replica-fixture";

/** A name that Docker once made up. */
const HEX = "0d3f".repeat(16);

const volume = (name: string, external: boolean, id = "shop/prod/apples/data") => ({
  volumes: { data: { id, name, driver: "local", driverOptions: {}, external } },
});

function put(world: FakeWorld, host: string, name: string, labels: Record<string, string> = {}) {
  world.change(({ hosts }) => {
    hosts[host]!.volumes.push({
      name,
      driver: "local",
      mountpoint: `/var/lib/docker/volumes/${name}/_data`,
      options: {},
      labels,
      files: { customers: { content: "", mode: 0o644 } },
    });
  });
}

const volumes = (world: FakeWorld, host: string) =>
  world.host(host).volumes.map(({ name, files }) => [name, ...Object.keys(files)]);

/** The image keeps data where the program mounts nothing. */
function withImageVolume(world: FakeWorld) {
  world.change(({ hosts }) => {
    for (const host of Object.values(hosts)) {
      host.images[IMAGE] = { ...host.images[IMAGE]!, volumes: ["/data", "/cache"] };
    }
  });
}

describe("an external volume with a name that Docker made up", () => {
  test("stays when its replica is changed and deleted", async () => {
    const { world, handler, placed } = fakeReplica();
    put(world, "node1", HEX);
    const { outs } = await handler.create(placed("node1", volume(HEX, true)));
    const changed = placed("node1", { ...volume(HEX, true), environment: { PASSWORD: "new" } });
    await handler.delete(REPLICA, await handler.update(REPLICA, outs, changed));
    expect(volumes(world, "node1")).toEqual([[HEX, "customers"]]);
  });

  test("stays when its replica cannot be made", async () => {
    const { world, handler, placed } = fakeReplica();
    put(world, "node1", HEX);
    world.failNext("node1", { call: "docker.start" });
    const said = await messageOf(handler.create(placed("node1", volume(HEX, true))));
    expect(said).toContain("What had been made for it there was removed");
    expect(volumes(world, "node1")).toEqual([[HEX, "customers"]]);
  });
});

describe("a volume that the image makes", () => {
  test("stays through a change in place, and goes with its replica", async () => {
    const { world, handler, placed } = fakeReplica();
    withImageVolume(world);
    const { outs } = await handler.create(placed("node1"));
    const [, made] = volumes(world, "node1").flat();
    for (const [index, word] of ["one", "two"].entries()) {
      const changed = placed("node1", { environment: { PASSWORD: word } });
      await handler.update(REPLICA, outs, changed);
      expect(volumes(world, "node1")).toEqual([["apples_data"], [made]]);
      expect(world.host("node1").containers).toHaveLength(1);
      expect(world.host("node1").containers[0]!.request.labels[LABELS.epoch]).toBe(`${index + 2}`);
    }
    await handler.delete(REPLICA, outs);
    expect(volumes(world, "node1")).toEqual([["apples_data"]]);
  });

  test("moves along, also when it was taken over from the container before", async () => {
    const { world, handler, placed } = fakeReplica();
    withImageVolume(world);
    const { outs } = await handler.create(placed("node1"));
    const changed = placed("node1", { environment: { PASSWORD: "new" } });
    const state = await handler.update(REPLICA, outs, changed);
    world.change(({ hosts }) => {
      const made = hosts["node1"]!.volumes.find(({ name }) => name !== "apples_data")!;
      made.files["cached"] = { content: "", mode: 0o644 };
    });
    await handler.update(REPLICA, state, { ...changed, host: "node2" });
    expect(volumes(world, "node2")).toEqual([["apples_data"], [expect.any(String), "cached"]]);
    expect(volumes(world, "node1")).toEqual([["apples_data"]]);
  });

  test("has no last copy: beside one it begins anew, which is told, and alone it is none", async () => {
    const { world, handler, placed, warned, running } = fakeReplica();
    withImageVolume(world);
    const bare = { spec: { image: IMAGE }, volumes: {} };
    const lost = { onSourceLost: "useLastCopy" as const };
    const { outs: alone } = await handler.create(placed("node1", bare));
    world.setFaults("node1", { down: true });
    const attempt = handler.update(REPLICA, alone, placed("node2", { ...bare, ...lost }));
    expect(await messageOf(attempt)).toContain(
      "its data at /data, /cache is in a volume without a name, of which no copy is kept. Bring the host back",
    );
    world.setFaults("node1", { down: false });
    expect(running()).toEqual(["node1"]);

    const outs = await handler.update(REPLICA, alone, placed("node1"));
    const there = await handler.update(REPLICA, outs, placed("node2"));
    world.setFaults("node2", { down: true });
    expect((await handler.update(REPLICA, there, placed("node1", lost))).host).toBe("node1");
    expect(warned).toContain(
      "apples/redis: its data at /cache is in a volume without a name, of which no copy is kept: it begins anew",
    );
  });

  test("stays for whoever else mounts it", async () => {
    const { world, handler, placed } = fakeReplica();
    withImageVolume(world);
    const { outs } = await handler.create(placed("node1"));
    const [, made] = volumes(world, "node1").flat() as [string, string];
    world.change(({ hosts }) => {
      const [ours] = hosts["node1"]!.containers;
      const spec = { image: IMAGE, mounts: [{ type: "volume", volume: "x", target: "/x" }] };
      const request = { ...ours!.request, spec, name: "by-hand", labels: {} };
      const theirs = { ...ours!, id: "theirs", name: "by-hand", unnamed: {} };
      hosts["node1"]!.containers.push({
        ...theirs,
        request: { ...request, volumeNames: { x: made } } as unknown as typeof theirs.request,
      });
    });
    await handler.delete(REPLICA, outs);
    expect(volumes(world, "node1").flat()).toContain(made);
  });
});

describe("another stack's volume of the same name", () => {
  async function beside() {
    const it = await onNode1();
    const dev = { stack: "dev", service: "store", ip: "10.44.0.2", subnet: "10.44.0.0/24" };
    const inputs = it.placed("node2", {
      ...dev,
      ...volume("apples_data", false, "shop/dev/apples/data"),
    });
    await it.handler.create(inputs);
    it.write("node2", "of-dev");
    const before = it.world.host("node2");
    it.world.setFaults("node1", { down: true });
    return { ...it, before };
  }

  test.each(["startEmpty", "useLastCopy"] as const)("is left to it by %s", async (onSourceLost) => {
    const { world, handler, placed, state, before } = await beside();
    const lost = placed("node2", { onSourceLost });
    const said = await messageOf(handler.update(REPLICA, state, lost));
    if (onSourceLost === "startEmpty") {
      expect(said).toContain("it belongs to volume 'shop/dev/apples/data'");
    }
    expect(world.host("node2")).toEqual({ ...before, faults: {}, failures: [] });
  });

  test("is left to it when an interrupted move had not come to its own", async () => {
    const { world, handler, placed, state } = await onNode1();
    world.failNext("node2", { call: "docker.create" });
    world.failNext("node2", { call: "docker.removeVolume" });
    await messageOf(handler.update(REPLICA, state, placed("node2")));
    // What was there went, and somebody else's is there now.
    world.change(({ hosts }) => (hosts["node2"]!.volumes = []));
    put(world, "node2", "apples_data", { [LABELS.volume]: "shop/dev/apples/data" });
    await handler.update(REPLICA, state, placed("node1"));
    expect(volumes(world, "node2")).toEqual([["apples_data", "customers"]]);
  });
});

test("a copy that was there and is gone is no copy to start from", async () => {
  const { world, handler, placed, state, running } = await onNode1();
  const there = await handler.update(REPLICA, state, placed("node2"));
  world.setFaults("node2", { down: true });
  world.change(({ hosts }) => (hosts["node1"]!.volumes = []));
  const lost = placed("node1", { onSourceLost: "useLastCopy" });
  expect(await messageOf(handler.update(REPLICA, there, lost))).toContain(
    "the copy on host 'node1' is gone: there is no Docker volume 'apples_data' any more",
  );
  world.setFaults("node2", { down: false });
  expect(running()).toEqual(["node2"]);
});
