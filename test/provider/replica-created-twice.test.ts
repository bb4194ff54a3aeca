import { basename } from "path/posix";
import { FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import { journalDirectory } from "../../provider/core/move/journal";
import { fakeReplica, HOSTS, messageOf, onNode1, program, REPLICA } from "./replica-fixture";

/** Two runs at once, each with locks of its own, on the same hosts. */
function twoRuns(waitSeconds = 10) {
  const table = new FakeLockTable();
  const first = fakeReplica(undefined, (tools) => ({ ...tools, locks: table.run(waitSeconds) }));
  const second = fakeReplica(first.world, (tools) => ({ ...tools, locks: table.run(waitSeconds) }));
  /** Runs that copies run on, at every single call of either. */
  let most = 0;
  first.world.around = { after: () => (most = Math.max(most, first.running().length)) };
  return { table, first, second, most: () => most };
}

describe("two runs that make the same replica at once", () => {
  test.each([
    ["node1", "node2"],
    ["node2", "node1"],
    ["node1", "node3"],
  ])("on '%s' and on '%s': one makes it, the other finds it, and never two run", async (a, b) => {
    const { first, second, most } = twoRuns();
    await Promise.all([
      first.handler.create(first.placed(a)),
      second.handler.create(second.placed(b)),
    ]);
    expect(most()).toBe(1);
    expect(first.running()).toHaveLength(1);
    // Whoever came second had it moved.
    const moved = [...first.reported, ...second.reported].filter((line) => /moved node/.test(line));
    expect(moved).toHaveLength(1);
  });

  test("whose programs share one host only", async () => {
    const { first, second, most } = twoRuns();
    const only = (it: typeof first, host: string, ...names: string[]) => {
      const all = program(host).connections;
      const connections = Object.fromEntries(names.map((name) => [name, all[name]!]));
      return it.placed(host, { connections });
    };
    await Promise.allSettled([
      first.handler.create(only(first, "node1", "node1", "node2")),
      second.handler.create(only(second, "node2", "node2", "node3")),
    ]);
    expect(most()).toBe(1);
  });

  test("one that has waited long enough says who holds it, and has made nothing", async () => {
    const { first, second, table } = twoRuns(0);
    const host = { name: "node3", connection: { host: "node3" } } as never;
    await first.handler.create(first.placed("node1"));
    const name = basename(journalDirectory(REPLICA));
    const lock = await table.run().acquire(host, name, { owner: "root@ci-7", reason: "making it" });
    expect(await messageOf(second.handler.create(second.placed("node2")))).toMatch(/root@ci-7/);
    expect(second.world.host("node2").containers).toEqual([]);
    await lock.release();
  });
});

test("a host on which a run finds something of it is held as well before that is touched", async () => {
  const { world, state } = await onNode1();
  const table = new FakeLockTable();
  const it = fakeReplica(world, (tools) => ({ ...tools, locks: table.run(10) }));
  const seen = new Set<string>();
  world.around = {
    before: (call) => {
      if (call !== "cutover.stop" && call !== "docker.stop") return;
      for (const host of HOSTS) if (table.locksOn(host).length > 0) seen.add(host);
    },
  };
  // State believes it to be on node2.
  const lost = { ...state, host: "node2", epoch: 1 };
  const { machine: _machine, ...olds } = lost;
  await it.handler.update(REPLICA, olds, it.placed("node3"));
  expect(it.running()).toEqual(["node3"]);
  expect([...seen].sort()).toEqual(["node1", "node2", "node3"]);
});
