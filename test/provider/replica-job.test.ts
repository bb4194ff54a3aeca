import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { ReplicaInputs } from "../../provider/core/replica/model";
import type { ReplicaState } from "../../provider/core/replica/model";
import { fakeReplica, HOSTS, IMAGE, messageOf, program, REPLICA } from "./replica-fixture";
import { watched } from "./replica-watch";

/** What the job says is in its command; the fake world runs it to its end as it is started. */
const job = (...words: string[]): Partial<ReplicaInputs> => ({
  job: true,
  spec: { ...program("node1").spec, image: IMAGE, command: ["migrate", ...words] },
});

function withJob(it = fakeReplica()) {
  const runs: string[] = [];
  let failing = false;
  it.world.commands.set("migrate", ({ host, argv }) => {
    runs.push(`${argv.slice(1).join(" ")} on ${host.name}`);
    return failing
      ? { exitCode: 3, stdout: "reading\n", stderr: "no such table\n" }
      : { exitCode: 0, stdout: "done\n", stderr: "" };
  });
  const fail = (now: boolean) => void (failing = now);
  return { ...it, runs, fail };
}

const containers = (world: FakeWorld) =>
  HOSTS.flatMap((host) =>
    world.host(host).containers.map(({ name, status }) => `${name} ${status} on ${host}`),
  );

test("runs once, to its end, and a refresh and a second `up` find nothing to do", async () => {
  const { handler, placed, runs, world, reported } = withJob();
  const inputs = placed("node1", job("1"));
  const { outs } = await handler.create(inputs);
  expect(runs).toEqual(["1 on node1"]);
  expect(reported).toContain("apples/redis: runs on node1 to its end");
  expect(world.host("node1").containers[0]?.restart).toEqual({ name: "no" });
  const read = await handler.read(REPLICA, outs);
  expect(read?.inputs).toEqual(inputs);
  await handler.update(REPLICA, outs, inputs);
  expect(runs).toEqual(["1 on node1"]);
});

test("fails the `up` with exit code and last lines, and the next one runs it again", async () => {
  const { handler, placed, runs, world, fail } = withJob();
  fail(true);
  const said = await messageOf(handler.create(placed("node1", job("1"))));
  expect(said).toBe(
    "creating apples/redis failed on host 'node1': the job in container 'apples-redis-0' ended with exit code 3. " +
      "It wrote last: reading | no such table. Its container was removed, its volumes stay as they are, and the next " +
      "`pulumi up` runs it again.",
  );
  expect(containers(world)).toEqual([]);
  expect(world.host("node1").volumes.map(({ name }) => name)).toEqual(["apples_data"]);
  fail(false);
  await handler.create(placed("node1", job("1")));
  expect(runs).toEqual(["1 on node1", "1 on node1"]);
});

test("another one runs when it is another one; when it fails, the one that had ended is back", async () => {
  const { handler, placed, runs, world, fail } = withJob();
  const { outs } = await handler.create(placed("node1", job("1")));
  fail(true);
  expect(await messageOf(handler.update(REPLICA, outs, placed("node1", job("2"))))).toMatch(
    /ended with exit code 3\..*The container that was there before is back\.$/,
  );
  const found = world.host("node1").containers;
  expect(found.map(({ id, name }) => ({ id, name }))).toEqual([
    { id: outs.containerId, name: "apples-redis-0" },
  ]);
  fail(false);
  await handler.update(REPLICA, outs, placed("node1", job("2")));
  expect(runs).toEqual(["1 on node1", "2 on node1", "2 on node1"]);
  expect(containers(world)).toEqual(["apples-redis-0 exited on node1"]);
});

test("moves with its data and is not run by that, nor after", async () => {
  const it = withJob();
  const { handler, placed, runs, world } = it;
  const { outs } = await handler.create(placed("node1", job("1")));
  it.write("node1", "mark");
  const inputs = placed("node2", job("1"));
  const moved = await handler.update(REPLICA, outs, inputs);
  expect(moved.host).toBe("node2");
  expect(runs).toEqual(["1 on node1"]);
  expect(Object.keys(it.files("node2") ?? {})).toEqual(["mark"]);
  expect(containers(world)).toEqual(["apples-redis-0 created on node2"]);
  const read = await handler.read(REPLICA, moved);
  expect(read?.inputs).toEqual(inputs);
  const back = await handler.update(REPLICA, moved, placed("node3", job("1")));
  expect(runs).toEqual(["1 on node1"]);
  await handler.delete(REPLICA, back);
  expect(containers(world)).toEqual([]);
});

test("a move that changes it runs it where it goes to", async () => {
  const { handler, placed, runs, world } = withJob();
  const { outs } = await handler.create(placed("node1", job("1")));
  const moved = await handler.update(REPLICA, outs, placed("node2", job("2")));
  expect(runs).toEqual(["1 on node1", "2 on node2"]);
  expect(containers(world)).toEqual(["apples-redis-0 exited on node2"]);
  expect(moved.containerId).toBe(world.host("node2").containers[0]?.id);
});

test("has run, though somebody has cleared its ended container away", async () => {
  const { handler, placed, runs, world } = withJob();
  const inputs = placed("node1", job("1"));
  const { outs } = await handler.create(inputs);
  world.change(({ hosts }) => (hosts["node1"]!.containers = []));
  expect((await handler.read(REPLICA, outs))?.inputs).toEqual(inputs);
  const moved = await handler.update(REPLICA, outs, { ...inputs, healthTimeoutSeconds: 61 });
  expect(runs).toEqual(["1 on node1"]);
  expect(moved.spec).toEqual(outs.spec);
});

test("a service that becomes a job is run as one, and the other way round it is started", async () => {
  const { handler, placed, running } = withJob();
  const { outs } = await handler.create(placed("node1"));
  expect(running()).toEqual(["node1"]);
  const asJob = await handler.update(REPLICA, outs, placed("node1", job("1")));
  expect(running()).toEqual([]);
  await handler.update(REPLICA, asJob, placed("node1"));
  expect(running()).toEqual(["node1"]);
});

describe("killed at any call", () => {
  class Killed extends Error {}

  /** Every call of an undisturbed run, then each of them as the last one of a run. */
  async function killedAtEach(
    begin: (it: ReturnType<typeof withJob>) => Promise<ReplicaState | undefined>,
    act: (it: ReturnType<typeof withJob>, state: ReplicaState | undefined) => Promise<ReplicaState>,
    then: (it: ReturnType<typeof withJob>, outs: ReplicaState, where: object) => void,
  ) {
    let calls = 0;
    for (let at = 0; calls === 0 || at < calls; at++) {
      for (const when of ["before", "after"] as const) {
        const first = withJob();
        const state = await begin(first);
        const { world } = first;
        let made = 0;
        let limit = Infinity;
        const dead = () => {
          throw new Killed();
        };
        const it = withJob(
          watched(
            world,
            () => {
              if (made > limit || (made === limit && when === "before")) dead();
            },
            () => {
              made += 1;
              if (made > limit && when === "after") dead();
            },
          ),
        );
        if (calls === 0) {
          await act(it, state);
          calls = made;
          expect(calls).toBeGreaterThan(5);
          at = -1;
          break;
        }
        limit = at;
        await act(it, state).catch(() => undefined);
        const again = withJob(
          watched(
            world,
            () => undefined,
            () => undefined,
          ),
        );
        const runsBefore = [...first.runs, ...it.runs];
        const outs = await act(again, state);
        then(again, outs, { at, when, runsBefore });
        expect({ at, when, containers: containers(world) }).toEqual({
          ...{ at, when },
          containers: [expect.stringMatching(/^apples-redis-0 (exited|created) on/)],
        });
      }
    }
  }

  test("in its first run it runs until it has ended once", async () => {
    await killedAtEach(
      () => Promise.resolve(undefined),
      async ({ handler, placed }) => (await handler.create(placed("node1", job("1")))).outs,
      (again, _outs, where) => {
        const { runsBefore } = where as { runsBefore: string[] };
        expect({ ...where, runs: [...runsBefore, ...again.runs].length }).toEqual({
          ...where,
          runs: 1,
        });
      },
    );
  });

  test("in a change it is finished", async () => {
    await killedAtEach(
      async ({ handler, placed }) => (await handler.create(placed("node1", job("1")))).outs,
      ({ handler, placed }, state) => handler.update(REPLICA, state!, placed("node1", job("2"))),
      (again, outs, where) => {
        const { runsBefore } = where as { runsBefore: string[] };
        const twos = [...runsBefore, ...again.runs].filter((run) => run.startsWith("2"));
        expect({ ...where, twos: twos.length }).toEqual({ ...where, twos: 1 });
        expect(outs.spec.command).toEqual(["migrate", "2"]);
      },
    );
  });

  test("in a move it is not run", async () => {
    await killedAtEach(
      async ({ handler, placed }) => (await handler.create(placed("node1", job("1")))).outs,
      ({ handler, placed }, state) => handler.update(REPLICA, state!, placed("node2", job("1"))),
      (again, outs, where) => {
        const { runsBefore } = where as { runsBefore: string[] };
        expect({ ...where, runs: [...runsBefore, ...again.runs] }).toEqual({
          ...where,
          runs: ["1 on node1"],
        });
        expect(outs.host).toBe("node2");
      },
    );
  });
});
