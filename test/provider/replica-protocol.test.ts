import { FakeLocks, FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { journalPath, recordPath } from "../../provider/core/move/journal";
import type { ReplicaState } from "../../provider/core/replica/model";
import { fakeReplica, HOSTS, journal, messageOf, onNode1, REPLICA } from "./replica-fixture";
import { watched } from "./replica-watch";

const put = (world: FakeWorld, host: string, path: string, value: object) =>
  world.change(({ hosts }) => {
    const content = Buffer.from(`${JSON.stringify(value)}\n`).toString("base64");
    hosts[host]!.files[path] = { content, mode: 0o600 };
  });

/** A move to node2 that ends, by whatever kills it, right after a call. */
async function killedAfter(world: FakeWorld, state: ReplicaState, last: string, host: string) {
  let dead = false;
  const die = () => {
    if (dead) throw new Error(`killed after ${last}`);
  };
  const run = watched(world, die, (call, on) => {
    if (call === last && on === host) dead = true;
    die();
  });
  await run.handler.update(REPLICA, state, run.placed("node2")).catch(() => undefined);
  world.around = {};
  return fakeReplica(world);
}

describe("two runs", () => {
  test("keep off a replica that another one moves, and say who has it", async () => {
    const table = new FakeLockTable();
    const it = await onNode1(undefined, (tools) => ({ ...tools, locks: table.run() }));
    const other = new FakeLocks(table);
    const [name] = [journalPath(REPLICA).split("/").at(-2)!];
    const host = { name: "node2", connection: { host: "node2" } } as never;
    const lock = await other.acquire(host, name, {
      owner: "root@ci-7",
      reason: "moving apples/redis to 'node2'",
    });
    const before = HOSTS.map((each) => it.world.host(each));
    expect(await messageOf(it.handler.update(REPLICA, it.state, it.placed("node2")))).toMatch(
      /Host 'node2' is being used for moving apples\/redis to 'node2' by root@ci-7/,
    );
    expect(HOSTS.map((each) => it.world.host(each))).toEqual(before);
    await lock.release();
    expect((await it.handler.update(REPLICA, it.state, it.placed("node2"))).host).toBe("node2");
    expect(HOSTS.flatMap((each) => table.locksOn(each))).toEqual([]);
  });

  test("a run whose locks are lost stops before the next step, and the next one finishes", async () => {
    const table = new FakeLockTable();
    const locks = table.run();
    const it = await onNode1(undefined, (tools) => ({ ...tools, locks }));
    it.world.around = {
      after: (call) =>
        call === "mover.distrustRecent" || call === "mover.round" ? locks.disconnect() : undefined,
    };
    expect(await messageOf(it.handler.update(REPLICA, it.state, it.placed("node2")))).toMatch(
      /another run may have taken apples\/redis over/,
    );
    expect(it.running()).toEqual(["node1"]);
    it.world.around = {};
    const again = fakeReplica(it.world);
    await again.handler.update(REPLICA, it.state, again.placed("node2"));
    expect(again.running()).toEqual(["node2"]);
    expect(Object.keys(again.files("node2")!)).toEqual(["mark"]);
  });
});

describe("a move that was interrupted", () => {
  const begun = async (last: string, host: string) => {
    const it = await onNode1();
    const after = await killedAfter(it.world, it.state, last, host);
    return { ...after, world: it.world, state: it.state };
  };

  test("in the pre-copy goes on with the copy that is there", async () => {
    const { world, handler, state, placed, reported } = await begun("mover.round", "node2");
    expect(journal(world, "node2")).toMatchObject({ role: "target", step: "copying", epoch: 2 });
    const copied: string[] = [];
    world.around = { before: (call, host) => void copied.push(`${call} ${host}`) };
    await handler.update(REPLICA, state, placed("node2"));
    expect(copied).not.toContain("docker.removeVolume node2");
    expect(reported).toContain("apples/redis: keeping what has been copied to 'node2' so far");
  });

  test("after the compare goes forward, and not by way of the source", async () => {
    const { world, handler, state, placed, running, reported } = await begun(
      "cutover.journal",
      "node2",
    );
    // The first note of the cutover on the target is that of the last difference; two more and the
    // copy is compared.
    expect(journal(world, "node2")).toMatchObject({ step: "delta" });
    put(world, "node2", journalPath(REPLICA), { ...journal(world, "node2"), step: "compared" });
    world.change(({ hosts }) => {
      hosts["node2"]!.volumes[0]!.files = structuredClone(hosts["node1"]!.volumes[0]!.files);
    });
    const outs = await handler.update(REPLICA, state, placed("node2"));
    expect(outs).toMatchObject({ host: "node2", epoch: 2 });
    expect(running()).toEqual(["node2"]);
    expect(reported[0]).toMatch(/its copy on 'node2' is complete and verified: going on/);
    expect(journal(world, "node1")).toMatchObject({ role: "retired", epoch: 1 });
  });

  test("is seen by a refresh as it is, with a sentence and a diff; and nothing is said when all is well", async () => {
    const { handler, state, placed } = await begun("cutover.stop", "node1");
    const found = await handler.read(REPLICA, state);
    expect(found?.outs).toMatchObject({
      host: "node1",
      health: "a move to 'node2' was cut off at 'stopped': the next `pulumi up` puts it right",
    });
    expect(found?.inputs?.containerName).toBe("apples-redis-0 (exited, restart policy, half way)");
    const outs = await handler.update(REPLICA, found!.outs, placed("node2"));
    const calm = await handler.read(REPLICA, outs);
    expect(calm).toEqual({ inputs: placed("node2"), outs });
    expect(calm?.outs).not.toHaveProperty("health");
  });

  describe("and finished by a later run", () => {
    const earlier = {
      from: "node2",
      to: "node1",
      bytes: 4711,
      rounds: 3,
      downtimeMs: 300,
      when: "2026-01-01T00:00:00.000Z",
    };

    test.each(["an up", "a refresh"])(
      "does not have the figures of the one before it, after %s",
      async (how) => {
        const it = await onNode1();
        const state = { ...it.state, lastMove: earlier };
        const { world, handler, placed } = await killedAfter(
          it.world,
          state,
          "cutover.open inbound",
          "node2",
        );
        const after =
          how === "an up"
            ? await handler.update(REPLICA, state, placed("node2"))
            : (await handler.read(REPLICA, state))?.outs;
        expect(journal(world, "node2")).toMatchObject({ epoch: 2 });
        expect(after).toMatchObject({ host: "node2", epoch: 2 });
        expect(after).not.toHaveProperty("lastMove");
      },
    );

    test("but a move that was taken back leaves those of the last one", async () => {
      const it = await onNode1();
      const state = { ...it.state, lastMove: earlier };
      const { handler, placed } = await killedAfter(it.world, state, "cutover.stop", "node1");
      const outs = await handler.update(REPLICA, state, placed("node1"));
      expect(outs).toMatchObject({ host: "node1", lastMove: earlier });
      expect((await handler.read(REPLICA, outs))?.outs).toEqual(outs);
    });
  });

  test("by a version before this one is understood", async () => {
    const it = await onNode1();
    const facts = { version: 1, replica: REPLICA, volumes: ["apples_data"] };
    it.world.change(({ hosts }) => {
      Object.assign(hosts["node1"]!.containers[0]!, { status: "exited", restart: { name: "no" } });
    });
    put(it.world, "node1", recordPath(REPLICA), {
      ...facts,
      role: "leaving",
      epoch: 1,
      other: "node2",
    });
    put(it.world, "node2", recordPath(REPLICA), {
      ...facts,
      role: "arriving",
      epoch: 2,
      other: "node1",
    });
    const outs = await it.handler.update(REPLICA, it.state, it.placed("node1"));
    expect(outs.host).toBe("node1");
    expect(it.running()).toEqual(["node1"]);
    expect(it.world.host("node2").files).toEqual({});
    expect(it.world.host("node1").containers[0]?.restart).toEqual({ name: "always" });
  });
});

describe("a source that comes back", () => {
  test("is told of by a refresh, which changes nothing on it, and fenced by the up after that", async () => {
    const { world, handler, state, placed, running } = await onNode1();
    world.setFaults("node1", { down: true });
    const lost = placed("node2", { onSourceLost: "startEmpty" });
    const outs = await handler.update(REPLICA, state, lost);
    world.setFaults("node1", { down: false });
    const found = await handler.read(REPLICA, outs);
    expect(running()).toEqual(["node1", "node2"]);
    expect(found?.outs.health).toBe(
      "an out-of-date copy runs on 'node1': the next `pulumi up` puts it right",
    );
    expect(found?.inputs?.containerName).toBe("apples-redis-0 (half way)");
    await handler.update(REPLICA, found!.outs, lost);
    expect(running()).toEqual(["node2"]);
  });

  test("is fenced at the first change, and its data is kept aside and never taken for the replica's", async () => {
    const { world, handler, state, placed, running, files, write, reported } = await onNode1();
    world.setFaults("node1", { down: true });
    const lost = placed("node2", { onSourceLost: "startEmpty" });
    const outs = await handler.update(REPLICA, state, lost);
    expect(running()).toContain("node2");
    write("node2", "new life");
    world.setFaults("node1", { down: false });
    write("node1", "written while nobody looked");
    await handler.update(REPLICA, outs, placed("node2", { healthTimeoutSeconds: 9 }));
    expect(running()).toEqual(["node2"]);
    expect(reported.join("\n")).toMatch(/stopping a copy on 'node1' that is out of date/);
    expect(world.host("node1").containers).toEqual([]);
    const [quarantined, ...others] = world.host("node1").volumes;
    expect(others).toEqual([]);
    expect(quarantined?.name).toBe("apples_data-aside-1");
    expect(Object.keys(quarantined!.files).sort()).toEqual(["mark", "written while nobody looked"]);
    // A move back there neither takes it for data nor overwrites it, and deleting leaves it.
    const home = await handler.update(REPLICA, outs, placed("node1"));
    expect(Object.keys(files("node1")!)).toEqual(["new life"]);
    await handler.delete(REPLICA, home);
    expect(
      world
        .host("node1")
        .volumes.map(({ name }) => name)
        .sort(),
    ).toEqual(["apples_data", "apples_data-aside-1"]);
  });
});
