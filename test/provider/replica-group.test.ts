import { basename } from "path/posix";
import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeLocks, FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { LABELS } from "../../provider/core/identity";
import { journalDirectory } from "../../provider/core/move/journal";
import type { ReplicaInputs, ReplicaState } from "../../provider/core/replica/model";
import { fakeReplica, HOSTS, IMAGE } from "./replica-fixture";
import { watched } from "./replica-watch";

const APP = "shop/prod/apples/redis/0";
const BACKUP = "shop/prod/apples/backup/0";

const volume = (key: string) => ({
  id: `shop/prod/apples/${key}`,
  name: `apples_${key}`,
  driver: "local",
  driverOptions: {},
  external: false,
});

/** Mounts what the first one mounts, and a volume of its own. */
const backup: Partial<ReplicaInputs> = {
  service: "backup",
  ip: "10.40.0.3",
  spec: {
    image: IMAGE,
    mounts: [
      { type: "volume", volume: "data", target: "/data" },
      { type: "volume", volume: "spool", target: "/spool" },
    ],
    restart: { name: "always" },
  },
  volumes: { data: volume("data"), spool: volume("spool") },
};

type Fixture = ReturnType<typeof fakeReplica>;

/** Both on node1, with data in both volumes. */
async function group() {
  const it = fakeReplica();
  const app = (await it.handler.create(it.placed("node1"))).outs;
  const other = (await it.handler.create(it.placed("node1", backup))).outs;
  it.write("node1", "mark");
  put(it.world, "node1", "apples_spool", "letter");
  return { ...it, app, other };
}

function put(world: FakeWorld, host: string, name: string, file: string): void {
  world.change(({ hosts }) => {
    const found = hosts[host]!.volumes.find((each) => each.name === name)!;
    found.files[file] = { content: Buffer.from(file).toString("base64"), mode: 0o644 };
  });
}

const filesIn = (world: FakeWorld, host: string, name: string) =>
  Object.keys(world.host(host).volumes.find((each) => each.name === name)?.files ?? {});

/** "redis on node1", for every container that runs. */
const running = (world: FakeWorld) =>
  HOSTS.flatMap((host) =>
    world
      .host(host)
      .containers.filter(({ status }) => status === "running")
      .map(({ name }) => `${name} on ${host}`),
  ).sort();

const both = (host: string) => [`apples-backup-0 on ${host}`, `apples-redis-0 on ${host}`];

async function move(it: Fixture, host: string, app: ReplicaState, other: ReplicaState) {
  const appOuts = await it.handler.update(APP, app, it.placed(host));
  const otherOuts = await it.handler.update(BACKUP, other, it.placed(host, backup));
  return { app: appOuts, other: otherOuts };
}

describe("a replica on the network of another one", () => {
  const side = (app: ReplicaState): Partial<ReplicaInputs> => ({
    ...backup,
    spec: {
      image: IMAGE,
      mounts: [{ type: "volume", volume: "spool", target: "/spool" }],
      restart: { name: "always" },
      networkNamespace: `container:${app.containerId ?? ""}`,
    },
    volumes: { spool: volume("spool") },
  });

  async function withSide() {
    const it = fakeReplica();
    const app = (await it.handler.create(it.placed("node1"))).outs;
    const other = (await it.handler.create(it.placed("node1", side(app)))).outs;
    it.write("node1", "mark");
    put(it.world, "node1", "apples_spool", "letter");
    return { ...it, app, other };
  }

  test("is seen to by its host, and made again with that one", async () => {
    const it = await withSide();
    expect(it.world.host("node1").extra["seesToFollowers"]).toBe(true);
    const change = { environment: { B: "1" } };
    const app = await it.handler.update(APP, it.app, it.placed("node1", change));
    expect(app.containerId).not.toBe(it.app.containerId);
    const other = await it.handler.update(BACKUP, it.other, it.placed("node1", side(app)));
    expect(other.containerId).not.toBe(it.other.containerId);
    expect(running(it.world)).toEqual(both("node1"));
    expect(filesIn(it.world, "node1", "apples_spool")).toEqual(["letter"]);
  });

  test("is seen to by its host again when it is found as it is to be", async () => {
    const it = await withSide();
    it.world.change(({ hosts }) => void (hosts["node1"]!.extra = {}));
    const other = await it.handler.update(BACKUP, it.other, it.placed("node1", side(it.app)));
    expect(other.containerId).toBe(it.other.containerId);
    expect(it.world.host("node1").extra["seesToFollowers"]).toBe(true);
  });

  test("moves with it, and its data too; what is taken back has both where they were", async () => {
    const it = await withSide();
    it.world.failNext("node2", { call: "cutover.open barrier" });
    await expect(it.handler.update(APP, it.app, it.placed("node2"))).rejects.toThrow("moving");
    expect(running(it.world)).toEqual(both("node1"));
    const app = await it.handler.update(APP, it.app, it.placed("node2"));
    expect(running(it.world)).toEqual(["apples-redis-0 on node2"]);
    const other = await it.handler.update(BACKUP, it.other, it.placed("node2", side(app)));
    expect(other).toMatchObject({ host: "node2", ip: "10.40.0.3" });
    expect(running(it.world)).toEqual(both("node2"));
    expect(filesIn(it.world, "node2", "apples_spool")).toEqual(["letter"]);
    expect(it.world.host("node1").containers).toEqual([]);
    await it.handler.delete(BACKUP, other);
    await it.handler.delete(APP, app);
    for (const host of HOSTS)
      expect(it.world.host(host)).toMatchObject({ containers: [], files: {} });
  });
});

describe("replicas that share a volume", () => {
  test("each take their own image along, whatever its name means over there", async () => {
    const it = await group();
    const other = { id: `sha256:${"0".repeat(64)}`, sizeBytes: 1, architecture: "amd64" };
    it.world.change(({ hosts }) => (hosts["node2"]!.images[IMAGE] = other));
    const moved = await move(it, "node2", it.app, it.other);
    expect([moved.app.imageId, moved.other.imageId]).toEqual([it.app.imageId, it.other.imageId]);
    expect(running(it.world)).toEqual(both("node2"));
    expect(it.world.host("node2").images[IMAGE]).toEqual(other);
  });

  test("move together: stopped, copied once, started by their own updates, and home again", async () => {
    const it = await group();
    const appOuts = await it.handler.update(APP, it.app, it.placed("node2"));
    // The data has gone: the other one may run nowhere until its own update.
    expect(running(it.world)).toEqual(["apples-redis-0 on node2"]);
    const otherOuts = await it.handler.update(BACKUP, it.other, it.placed("node2", backup));
    expect(running(it.world)).toEqual(both("node2"));
    expect(otherOuts).toMatchObject({ host: "node2", ip: "10.40.0.3" });
    expect(filesIn(it.world, "node2", "apples_data")).toEqual(["mark"]);
    expect(filesIn(it.world, "node2", "apples_spool")).toEqual(["letter"]);
    expect(it.world.host("node1").containers).toEqual([]);
    for (const { restart } of it.world.host("node2").containers) {
      expect(restart).toEqual({ name: "always" });
    }
    it.write("node2", "away");
    const home = await move(it, "node1", appOuts, otherOuts);
    expect(running(it.world)).toEqual(both("node1"));
    expect(filesIn(it.world, "node1", "apples_data")).toEqual(["mark", "away"]);
    expect(it.world.host("node2").containers).toEqual([]);
    await it.handler.delete(BACKUP, home.other);
    await it.handler.delete(APP, home.app);
    for (const host of HOSTS)
      expect(it.world.host(host)).toMatchObject({ containers: [], files: {} });
  });

  test("are all back where they were when the move is taken back", async () => {
    const it = await group();
    it.world.failNext("node2", { call: "cutover.open barrier" });
    await expect(it.handler.update(APP, it.app, it.placed("node2"))).rejects.toThrow("moving");
    expect(running(it.world)).toEqual(both("node1"));
    for (const { restart } of it.world.host("node1").containers) {
      expect(restart).toEqual({ name: "always" });
    }
    expect(it.world.host("node2")).toMatchObject({ containers: [], volumes: [] });
  });

  test.each<[string, (it: Awaited<ReturnType<typeof group>>) => void, RegExp]>([
    [
      "a stranger that uses the volume",
      ({ world }) => {
        world.change(({ hosts }) => {
          const [mine] = hosts["node1"]!.containers.filter(
            ({ name }) => name === "apples-backup-0",
          );
          mine!.request = { ...mine!.request, labels: {} };
        });
      },
      /container 'apples-backup-0' on host 'node1' uses its volume 'apples_(data|spool)' as well/,
    ],
    [
      "a volume of that name on the target",
      ({ world }) => {
        world.change(({ hosts }) => {
          const spool = hosts["node1"]!.volumes.find(({ name }) => name === "apples_spool")!;
          hosts["node2"]!.volumes.push({ ...spool, labels: {}, files: {} });
        });
      },
      /Docker volume 'apples_spool' of apples\/backup, which comes along, is there already on host 'node2'/,
    ],
    [
      "one that is paused",
      ({ world }) => {
        world.change(({ hosts }) => {
          hosts["node1"]!.containers.find(({ name }) => name === "apples-backup-0")!.status =
            "paused";
        });
      },
      /container 'apples-backup-0', which shares a volume with it, is paused/,
    ],
  ])("stay where they are when there is %s", async (_name, spoil, words) => {
    const it = await group();
    spoil(it);
    const before = HOSTS.map((host) => it.world.host(host));
    await expect(it.handler.update(APP, it.app, it.placed("node2"))).rejects.toThrow(words);
    expect(HOSTS.map((host) => it.world.host(host))).toEqual(before);
  });
});

test("what a member has left elsewhere of another history is kept aside before the group's move copies there", async () => {
  const it = await group();
  const there = await move(it, "node2", it.app, it.other);
  it.world.wipeDisk("node2");
  const anew = { onSourceLost: "startEmpty" } as const;
  const app = await it.handler.update(APP, there.app, it.placed("node2", anew));
  const other = await it.handler.update(
    BACKUP,
    there.other,
    it.placed("node2", { ...backup, ...anew }),
  );
  expect(running(it.world)).toEqual(both("node2"));
  await move(it, "node1", app, other);
  expect(running(it.world)).toEqual(both("node1"));
  const kept = it.world.host("node1").volumes.map(({ name, files }) => [name, Object.keys(files)]);
  expect(kept).toEqual(
    expect.arrayContaining([
      ["apples_data-aside-1", ["mark"]],
      ["apples_spool-aside-1", ["letter"]],
    ]),
  );
});

test("what an earlier version made moves there and back without anything of it being kept aside", async () => {
  const it = await group();
  it.world.change(({ hosts }) => {
    for (const { request } of hosts["node1"]!.containers) {
      Reflect.deleteProperty(request.labels, LABELS.origin);
    }
  });
  const there = await move(it, "node2", it.app, it.other);
  await move(it, "node1", there.app, there.other);
  expect(running(it.world)).toEqual(both("node1"));
  const kept = HOSTS.flatMap((host) => it.world.host(host).volumes.map(({ name }) => name));
  expect(kept.filter((name) => name.includes("-aside-"))).toEqual([]);
  expect(filesIn(it.world, "node1", "apples_spool")).toEqual(["letter"]);
});

describe("a member that was stopped by a move which was interrupted", () => {
  /** A run that is killed as soon as the member stands still. */
  async function stranded() {
    const { world, app, other } = await group();
    const killed = watched(
      world,
      () => {
        if (!running(world).includes("apples-backup-0 on node1")) throw new Error("killed");
      },
      () => undefined,
    );
    await killed.handler.update(APP, app, killed.placed("node2")).catch(() => undefined);
    return {
      ...watched(
        world,
        () => undefined,
        () => undefined,
      ),
      app,
      other,
    };
  }

  test("is started again when the next attempt is refused, and the message says so", async () => {
    const it = await stranded();
    expect(running(it.world)).toEqual(["apples-redis-0 on node1"]);
    it.world.change(({ hosts }) => {
      const copy = hosts["node2"]!.volumes.find(({ name }) => name === "apples_data")!;
      Object.assign(copy, { labels: {} });
    });
    await expect(it.handler.update(APP, it.app, it.placed("node2"))).rejects.toThrow(
      "it stays on host 'node1'. apples/backup, which an earlier attempt had stopped, was started again there.",
    );
    expect(running(it.world)).toEqual(both("node1"));
  });

  test("comes along with the next attempt otherwise", async () => {
    const it = await stranded();
    await move(it, "node2", it.app, it.other);
    expect(running(it.world)).toEqual(both("node2"));
  });
});

describe("a group's move and another run", () => {
  const nothing = () => undefined;

  test("that is at one of them: the move waits, and is refused", async () => {
    const { world, app } = await group();
    const table = new FakeLockTable();
    const locks = new FakeLocks(table);
    const it = watched(world, nothing, nothing, locks);
    const theirs = new FakeLocks(table);
    const hosts = fakeHostDirectory(world);
    const claim = { owner: "root@elsewhere", reason: "updating apples/backup on 'node1'" };
    const name = basename(journalDirectory(BACKUP));
    const lock = await theirs.acquire(await hosts.open("node1", { host: "node1" }), name, claim);
    await expect(it.handler.update(APP, app, it.placed("node2"))).rejects.toThrow(
      "being used for updating apples/backup on 'node1' by root@elsewhere",
    );
    expect(running(world)).toEqual(both("node1"));
    await lock.release();
    await it.handler.update(APP, app, it.placed("node2"));
    expect(locks.calls.filter((call) => call.includes(name))).toEqual([
      `node1 ${name}: moving apples/redis to 'node2'`,
      `node2 ${name}: moving apples/redis to 'node2'`,
    ]);
    await expect(
      theirs.acquire(await hosts.open("node2", { host: "node2" }), name, claim),
    ).resolves.toBeDefined();
  });
});

describe("a group's move that is interrupted at any call", () => {
  class Killed extends Error {}

  async function callsOfAMove(): Promise<string[]> {
    const { world, app, other } = await group();
    const calls: string[] = [];
    const it = watched(
      world,
      (call, host) => void calls.push(`${call} on ${host}`),
      () => undefined,
    );
    await move(it, "node2", app, other);
    return calls;
  }

  /**
   * Both write while they run with an open inbound, into the volume that they share; nothing of it
   * may be lost.
   */
  function writers(world: FakeWorld) {
    const acknowledged: string[] = [];
    const look = () => {
      world.change(({ hosts }) => {
        for (const name of ["apples-redis-0", "apples-backup-0"]) {
          const up = HOSTS.flatMap((host) =>
            hosts[host]!.containers.filter(
              (each) => each.name === name && each.status === "running",
            ).map((copy) => ({ host, copy })),
          );
          expect(up.length).toBeLessThanOrEqual(1);
          const [only] = up;
          if (only === undefined || only.copy.inboundBlocked === true) continue;
          const volume = hosts[only.host]!.volumes.find((each) => each.name === "apples_data")!;
          const file = `${name}-${acknowledged.length}`;
          volume.files[file] = { content: "", mode: 0o644 };
          acknowledged.push(file);
        }
      });
    };
    return { acknowledged, look };
  }

  /**
   * One that has data of its own, and whose container was not made yet on the new host, has nothing
   * there to be moved with: then the message says what to do, and it is done.
   */
  async function moveAsReported(it: Fixture, host: string, app: ReplicaState, other: ReplicaState) {
    const appOuts = await it.handler.update(APP, app, it.placed(host));
    try {
      await it.handler.update(BACKUP, other, it.placed(host, backup));
    } catch (error) {
      expect((error as Error).message).toMatch(
        /its data is on host 'node2' .*, and no container is there to move it with\. Set the replica's host to 'node2' first and move it after/,
      );
      const there = await move(it, "node2", appOuts, other);
      await move(it, host, there.app, there.other);
    }
  }

  test.each([
    ["and the program still says so", "node2"],
    ["and the program was put back", "node1"],
  ])(
    "ends with all of them on one host with everything that any of them wrote, %s",
    async (_name, next) => {
      const calls = await callsOfAMove();
      expect(calls.length).toBeGreaterThan(60);
      // Killed after a call is killed before the next one: nothing else happens in between.
      for (let at = 0; at < calls.length; at++) {
        const { world, app, other } = await group();
        const { acknowledged, look } = writers(world);
        let made = 0;
        const killed = watched(
          world,
          () => {
            if (made >= at) throw new Killed(`killed before call ${at}, ${calls[at] ?? ""}`);
            look();
          },
          () => {
            look();
            made += 1;
          },
        );
        // As Pulumi does: who comes later is not updated when the first one fails.
        let states = { app, other };
        try {
          const moved = await killed.handler.update(APP, app, killed.placed("node2"));
          states = { app: moved, other };
          await killed.handler.update(BACKUP, other, killed.placed("node2", backup));
        } catch {
          // Whatever it says: the process is gone.
        }
        const again = watched(world, look, look);
        await moveAsReported(again, next, states.app, states.other);
        look();
        const where = { call: calls[at] };
        expect({ ...where, running: running(world) }).toEqual({ ...where, running: both(next) });
        const kept = filesIn(world, next, "apples_data");
        const lost = acknowledged.filter((file) => !kept.includes(file));
        expect({ ...where, lost }).toEqual({ ...where, lost: [] });
        expect(HOSTS.flatMap((host) => world.host(host).containers)).toHaveLength(2);
      }
    },
    300_000,
  );
});

test.each(["docker.create", "docker.start"])(
  "a change of one of them that was killed right after %s does not keep the other from moving",
  async (last) => {
    const it = await group();
    const changed = { ...backup, environment: { A: "1" } };
    let dead = false;
    const killed = watched(
      it.world,
      () => {
        if (dead) throw new Error("killed");
      },
      (call) => {
        dead ||= call === last;
        if (dead) throw new Error("killed");
      },
    );
    await killed.handler
      .update(BACKUP, it.other, killed.placed("node1", changed))
      .catch(() => undefined);
    it.world.around = {};
    expect(it.world.host("node1").containers).toHaveLength(3);
    await it.handler.update(APP, it.app, it.placed("node2"));
    await it.handler.update(BACKUP, it.other, it.placed("node2", changed));
    expect(running(it.world)).toEqual(both("node2"));
    expect(filesIn(it.world, "node2", "apples_data")).toEqual(["mark"]);
    expect(filesIn(it.world, "node2", "apples_spool")).toEqual(["letter"]);
    expect(it.world.host("node1").containers).toEqual([]);
  },
  90_000,
);
