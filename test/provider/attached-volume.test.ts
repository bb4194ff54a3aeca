import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { formatLease, leasePath, parseLease } from "../../provider/core/volume/lease";
import { LET_GO } from "../../provider/adapters/volume/let-go";
import { textAt, writeText } from "../../provider/adapters/fakes/fake-journals";
import { fakeReplica, HOSTS, journal, program, REPLICA } from "./replica-fixture";
import { client, runKilledAt, watched } from "./replica-watch";

const DISK = { driver: "rbd", driverOptions: { size: "1g" }, external: false };
const data = { id: "shop/prod/apples/data", name: "apples_data", ...DISK };
const attached = { volumes: { data } };

const leaseOn = (world: FakeWorld, host: string) =>
  parseLease(textAt(world.host(host), leasePath({ driver: "rbd", volume: "apples_data" })) ?? "");

/** As a plugin tells of it, on every host. */
const fromPlugin = () => ({
  ...{ name: "apples_data", driver: "rbd", mountpoint: "", options: {}, labels: {}, files: {} },
});

/** Three hosts, of which one has let go of a volume once nothing runs on it. */
function withPlugin() {
  const it = fakeReplica();
  it.world.scripts.set(LET_GO, ({ host }) => {
    const isUsed = host.containers.some(({ status }) => status === "running");
    return { exitCode: isUsed ? 46 : 0 };
  });
  return it;
}

async function onNode1() {
  const it = withPlugin();
  const { outs } = await it.handler.create(it.placed("node1", attached));
  return { ...it, state: outs };
}

describe("a volume that one host has at a time", () => {
  test("is handed over and not copied: made on the target as it is, and never copied into", async () => {
    const { handler, placed, world, state, running } = await onNode1();
    const moved = await handler.update(REPLICA, state, placed("node2", attached));
    expect(moved.lastMove).toMatchObject({ bytes: 0, rounds: 0 });
    expect(running()).toEqual(["node2"]);
    const there = world.host("node2");
    expect(there.volumes).toMatchObject([{ name: "apples_data", ...{ driver: "rbd" } }]);
    expect(there.volumes[0]?.options).toEqual({ size: "1g" });
    expect(there.containers[0]?.request.spec.mounts).toMatchObject([{ noCopy: true }]);
    expect(journal(world, "node1")).toMatchObject({ role: "retired", volumes: [] });
    await handler.update(REPLICA, moved, placed("node1", attached));
    expect(running()).toEqual(["node1"]);
  });

  test("nothing of it is on the target before the source has stopped and let go of it", async () => {
    const { placed, world, state } = await onNode1();
    const seen: string[] = [];
    const it = watched(
      world,
      (call, host) => {
        if (host === "node1" && call === "docker.stop") seen.push("stopped");
        if (host !== "node2") return;
        if (call === "docker.createVolume" || call === "docker.create") seen.push(call);
        if (call === "docker.start") seen.push(call);
      },
      () => undefined,
    );
    await it.handler.update(REPLICA, state, placed("node2", attached));
    expect(seen).toEqual(["stopped", "docker.createVolume", "docker.create", "docker.start"]);
  });

  test("its lease is on every host, and says who has it and where", async () => {
    const { handler, placed, world, state } = await onNode1();
    for (const host of HOSTS) {
      expect(leaseOn(world, host)).toMatchObject({
        holder: "shop/prod/apples",
        host: "node1",
        epoch: 1,
      });
    }
    await handler.update(REPLICA, state, placed("node2", attached));
    for (const host of HOSTS)
      expect(leaseOn(world, host)).toMatchObject({ host: "node2", epoch: 2 });
  });

  test("who shares it goes along, and it is let go once both have stopped", async () => {
    const { handler, placed, world, state } = await onNode1();
    const other = { ...attached, service: "backup", ip: "10.40.0.3" };
    const backup = await handler.create(placed("node1", other));
    const on = (host: string) =>
      world.host(host).containers.map(({ name, status }) => `${name} ${status}`);
    await handler.update(REPLICA, state, placed("node2", attached));
    expect([on("node1"), on("node2")]).toEqual([
      ["apples-backup-0 exited"],
      ["apples-redis-0 running"],
    ]);
    await handler.update(backup.id, backup.outs, placed("node2", other));
    expect([on("node1"), on("node2")]).toEqual([
      [],
      ["apples-redis-0 running", "apples-backup-0 running"],
    ]);
    expect(world.host("node2").volumes).toHaveLength(1);
  });

  test("another stack is refused it, also by the word of one host alone", async () => {
    const { handler, placed, world } = await onNode1();
    const before = world.host("node2");
    const other = placed("node2", {
      ...{ stack: "test", deployment: "pears", volumes: { data: { ...data, external: true } } },
    });
    await expect(handler.create(other)).rejects.toThrow(
      /volume 'apples_data' of driver 'rbd' is deployment 'shop\/prod\/apples''s, for host 'node1'/,
    );
    expect(world.host("node2")).toEqual(before);
  });

  test("nor what another stack calls external, and says nothing more of", async () => {
    const { handler, placed, world } = await onNode1();
    world.change(({ hosts }) => hosts.node2!.volumes.push(fromPlugin()));
    const theirs = { ...data, driver: "local", driverOptions: {}, external: true };
    const other = placed("node2", {
      stack: "test",
      deployment: "pears",
      volumes: { data: theirs },
    });
    await expect(handler.create(other)).rejects.toThrow(/is deployment 'shop\/prod\/apples''s/);
  });

  test("what cannot be made keeps it from nobody, and what a plugin has already is not taken up", async () => {
    const it = withPlugin();
    it.world.change(({ hosts }) => hosts.node1!.volumes.push(fromPlugin()));
    for (const _attempt of [1, 2]) {
      await expect(it.handler.create(it.placed("node1", attached))).rejects.toThrow(
        /Docker volume 'apples_data'.*is there already and Ferry did not make it/,
      );
      expect(leaseOn(it.world, "node2")).toBeUndefined();
    }
    const external = { volumes: { data: { ...data, external: true } } };
    await it.handler.create(it.placed("node1", external));
    expect(it.running()).toEqual(["node1"]);
  });

  test("what a change is refused keeps it from nobody, and is refused the next time as well", async () => {
    const it = withPlugin();
    const nothing = () => undefined;
    const without = { volumes: {}, spec: { image: "redis:7" } };
    const { outs } = await it.handler.create(it.placed("node1", without));
    it.world.change(({ hosts }) => hosts.node1!.volumes.push(fromPlugin()));
    for (const host of ["node1", "node2", "node1"]) {
      const to = it.placed(host, attached);
      it.world.change(({ hosts }) => {
        hosts.node2!.volumes = [fromPlugin()];
      });
      const { handler } = watched(it.world, nothing, nothing);
      await expect(handler.update(REPLICA, outs, to)).rejects.toThrow(/apples_data/);
      for (const each of HOSTS) expect(leaseOn(it.world, each)).toBeUndefined();
    }
    expect(it.running()).toEqual(["node1"]);
  });

  test("one host's word that it is somebody else's is enough, however old", async () => {
    const { handler, placed, world, state } = await onNode1();
    const theirs = { ...leaseOn(world, "node3")!, holder: "shop/test/pears", epoch: 0 };
    world.change(({ hosts }) => {
      const path = leasePath({ driver: "rbd", volume: "apples_data" });
      writeText(hosts.node3!, path, formatLease(theirs));
    });
    for (const host of ["node1", "node2"]) {
      await expect(handler.update(REPLICA, state, placed(host, attached))).rejects.toThrow(
        /volume 'apples_data' of driver 'rbd' is deployment 'shop\/test\/pears''s/,
      );
    }
    expect(leaseOn(world, "node3")).toEqual(theirs);
  });

  test("a host that says nothing of it may have somebody who runs with it", async () => {
    const { handler, placed, world, state } = await onNode1();
    world.change(({ hosts }) => {
      const [own] = hosts.node1!.containers;
      hosts.node3!.files = {};
      hosts.node3!.volumes.push(fromPlugin());
      const request = { ...own!.request, labels: {} };
      hosts.node3!.containers.push({ ...own!, id: "theirs", name: "theirs", request });
    });
    await expect(handler.update(REPLICA, state, placed("node1", attached))).rejects.toThrow(
      /container 'theirs' on host 'node3' runs with volume 'apples_data' of driver 'rbd'/,
    );
  });

  test("is not taken from under a container of somebody else's", async () => {
    const it = withPlugin();
    const { handler, placed, world } = it;
    await handler.create(placed("node1", attached));
    // Ferry's own words about it are gone, as after an older program's.
    world.change(({ hosts }) => {
      for (const host of Object.values(hosts)) host.files = {};
      for (const each of hosts.node1!.containers) each.request = { ...each.request, labels: {} };
    });
    const other = {
      stack: "test",
      deployment: "pears",
      volumes: { data: { ...data, external: true } },
    };
    await expect(handler.create(placed("node2", other))).rejects.toThrow(
      /container 'apples-redis-0' on host 'node1' runs with volume 'apples_data' of driver 'rbd'/,
    );
  });

  test("a driver that says that its data is on one host is not moved by a guess", async () => {
    const unknown = { volumes: { data: { ...data, driver: "convoy" } } };
    const { handler, placed, running } = withPlugin();
    const { outs } = await handler.create(placed("node1", unknown));
    await expect(handler.update(REPLICA, outs, placed("node2", unknown))).rejects.toThrow(
      /'convoy', which says that its data is on one host.*Say by `scope`/,
    );
    const said = { volumes: { data: { ...unknown.volumes.data, scope: "attach" as const } } };
    await handler.update(REPLICA, outs, placed("node2", said));
    expect(running()).toEqual(["node2"]);
  });

  test("a lost host is passed over by the program's word alone, and nothing is emptied", async () => {
    const { handler, placed, world, state, warned } = await onNode1();
    world.change(({ hosts }) => void (hosts.node1!.faults.down = true));
    const to = (onSourceLost?: "useLastCopy" | "startEmpty") =>
      handler.update(
        REPLICA,
        state,
        placed("node2", { ...attached, ...(onSourceLost ? { onSourceLost } : {}) }),
      );
    await expect(to()).rejects.toThrow(/does not answer.*onSourceLost/);
    await expect(to("startEmpty")).rejects.toThrow(/is not on that host, and is not emptied/);
    // As its plugin tells of it there.
    world.change(({ hosts }) => hosts.node2!.volumes.push(fromPlugin()));
    expect((await to("useLastCopy")).host).toBe("node2");
    expect(warned.join("\n")).toMatch(/its data \('apples_data'\) is not on that host/);
  });
});

describe("its move that is killed at any call", () => {
  test.each(["node2", "node1"])("ends with one container, on %s", async (next) => {
    const calls: string[] = [];
    const first = await onNode1();
    await watched(
      first.world,
      (call) => void calls.push(call),
      () => undefined,
    ).handler.update(REPLICA, first.state, first.placed("node2", attached));
    expect(calls.length).toBeGreaterThan(30);
    for (const when of ["before", "after"] as const) {
      for (let at = 0; at < calls.length; at++) {
        const { world, state } = await onNode1();
        const { look } = client(world);
        const killed = runKilledAt(world, look, { at, when });
        await killed.handler
          .update(REPLICA, state, killed.placed("node2", attached))
          .catch(() => undefined);
        const again = watched(world, look, look);
        const outs = await again.handler.update(REPLICA, state, again.placed(next, attached));
        expect({ at: calls[at], when, on: again.running() }).toEqual({
          ...{ at: calls[at], when },
          on: [next],
        });
        const containers = HOSTS.flatMap((host) => world.host(host).containers);
        expect(containers.map(({ restart }) => restart)).toEqual([{ name: "always" }]);
        expect(outs.host).toBe(next);
        // Nobody has deleted what only one of them has.
        expect(world.host("node1").volumes).toHaveLength(1);
      }
    }
  });
});

test("a volume in a server's folder moves without a copy, and the source forgets it", async () => {
  const nfs = { type: "nfs", o: "addr=192.0.2.9,rw", device: ":/export" };
  const served = { volumes: { data: { ...data, driver: "local", driverOptions: nfs } } };
  const { handler, placed, world, running } = withPlugin();
  const { outs } = await handler.create(placed("node1", served));
  expect(placed("node1", served).volumes).toEqual(served.volumes);
  const moved = await handler.update(REPLICA, outs, placed("node2", served));
  expect(moved.lastMove).toMatchObject({ bytes: 0, rounds: 0 });
  expect(running()).toEqual(["node2"]);
  expect(world.host("node1").volumes).toEqual([]);
  expect(world.host("node2").volumes).toMatchObject([{ name: "apples_data", options: nfs }]);
  expect(program("node1").volumes["data"]).not.toHaveProperty("scope");
});
