import { FakeLocks, FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { FerryError } from "../../provider/core/errors";
import { journalDirectory } from "../../provider/core/move/journal";
import { fakeReplica, HOSTS, REPLICA } from "./replica-fixture";
import { watched } from "./replica-watch";

/** A replica on node1, and a run of its own that refreshes it. */
async function refreshing(around?: Parameters<typeof fakeReplica>[1], world?: FakeWorld) {
  const before = fakeReplica(world);
  const { outs } = await before.handler.create(before.placed("node1"));
  const run = fakeReplica(before.world, around);
  return { ...run, state: outs, read: () => run.handler.read(REPLICA, outs) };
}

const claim = { owner: "root@ci-7, process 4711", reason: "moving apples/redis to 'node2'" };
const lockName = journalDirectory(REPLICA).split("/").at(-1)!;
const hostNamed = (name: string) => ({ name, connection: { host: name } }) as never;

/** What another run has while it moves the replica from node1 to node2. */
async function takeLock(table: FakeLockTable) {
  const other = new FakeLocks(table);
  const locks = await Promise.all(
    ["node1", "node2"].map((name) => other.acquire(hostNamed(name), lockName, claim)),
  );
  return { release: () => Promise.all(locks.map((lock) => lock.release())) };
}

describe("a refresh while another run moves the replica", () => {
  test("waits for that run, and says where the replica is then", async () => {
    const table = new FakeLockTable();
    const it = await refreshing((tools) => ({ ...tools, locks: table.run(10) }));
    const lock = await takeLock(table);
    const reading = it.read();
    const mover = fakeReplica(it.world);
    await mover.handler.update(REPLICA, it.state, mover.placed("node2"));
    await lock.release();
    const found = await reading;
    expect(found?.outs).toMatchObject({ host: "node2", epoch: 2 });
    expect(found?.outs).not.toHaveProperty("health");
    expect(found?.inputs).toEqual(mover.placed("node2"));
    expect(it.warned).toEqual([]);
    expect(HOSTS.flatMap((host) => table.locksOn(host))).toEqual([]);
  });

  test("says, when that run goes on for longer, who it is, and lets the next up look again", async () => {
    const table = new FakeLockTable();
    const it = await refreshing((tools) => ({ ...tools, locks: table.run() }));
    await takeLock(table);
    const found = await it.read();
    expect(found?.outs).toMatchObject({
      host: "node1",
      health: "unknown: another run may be changing it",
    });
    expect(found?.inputs?.containerName).toBe("apples-redis-0 (half way)");
    expect(it.warned).toHaveLength(1);
    expect(it.warned[0]).toMatch(
      /^apples\/redis: another run may be changing it, so state may be out of date: Host 'node1' is being used for moving apples\/redis to 'node2' by root@ci-7, process 4711 since .* Run again when that run has ended/,
    );
  });

  test("does not take it for gone when it sees no copy of it", async () => {
    const table = new FakeLockTable();
    const it = await refreshing((tools) => ({ ...tools, locks: table.run() }));
    await takeLock(table);
    it.world.change(({ hosts }) => void (hosts["node1"]!.containers = []));
    expect((await it.read())?.outs).toMatchObject({
      ...it.state,
      health: "unknown: another run may be changing it",
    });
  });

  test("keeps other runs off while it looks, and leaves nothing behind", async () => {
    const table = new FakeLockTable();
    const it = await refreshing((tools) => ({ ...tools, locks: table.run() }));
    const seen = new Set<string>();
    it.world.around = {
      before: () => {
        for (const name of table.locksOn("node1")) seen.add(name);
      },
    };
    await it.read();
    expect([...seen]).toEqual([lockName]);
    expect(HOSTS.flatMap((host) => table.locksOn(host))).toEqual([]);
  });

  test("looks all the same where the lock cannot be had, and says so", async () => {
    const refuse = () => Promise.reject(new FerryError("Locking failed on host 'node1': no room."));
    const broken = { acquire: refuse, acquireAll: refuse };
    const it = await refreshing((tools) => ({ ...tools, locks: broken }));
    expect((await it.read())?.outs).toMatchObject({ host: "node1" });
    expect(it.warned.join()).toMatch(
      /may be out of date: Locking failed on host 'node1': no room\.$/,
    );
  });
});

describe("a refresh while the cutover of a killed run goes on by itself", () => {
  /** A move that is killed in its cutover, and what the cutover on the hosts is asked to be. */
  async function cutoverGoesOn(status: (asked: number, world: FakeWorld) => "none" | "running") {
    let asked = 0;
    const it = await refreshing((tools) => ({
      ...tools,
      movers: {
        ...tools.movers,
        cutoverStatus: () => Promise.resolve(status((asked += 1), it.world)),
      },
    }));
    let dead = false;
    const die = () => {
      if (dead) throw new Error("killed");
    };
    const run = watched(it.world, die, (call) => {
      if (call === "cutover.stop") dead = true;
      die();
    });
    await run.handler.update(REPLICA, it.state, run.placed("node2")).catch(() => undefined);
    it.world.around = {};
    return it;
  }

  test("waits for its end, and says where the replica is then", async () => {
    const it = await cutoverGoesOn((asked, world) => {
      if (asked < 3) return "running";
      // It takes itself back.
      world.change(({ hosts }) => {
        Object.assign(hosts["node1"]!.containers[0]!, {
          status: "running",
          restart: { name: "always" },
        });
        hosts["node2"]!.containers = [];
        for (const host of ["node1", "node2"]) hosts[host]!.files = {};
      });
      return asked === 3 ? "running" : "none";
    });
    const found = await it.read();
    expect(found).toEqual({ inputs: it.placed("node1"), outs: it.state });
    expect(it.reported).toEqual([
      expect.stringMatching(/waiting for the cutover of an earlier run on node/),
    ]);
    expect(it.warned).toEqual([]);
  });

  test("does not wait for ever", async () => {
    const it = await cutoverGoesOn(() => "running");
    const found = await it.read();
    expect(found?.outs).toMatchObject({
      host: "node1",
      health: "unknown: another run may be changing it",
    });
    expect(it.warned.join()).toMatch(
      /a cutover that an earlier run began still goes on on host 'node\d'/,
    );
  });
});
