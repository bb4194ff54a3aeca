import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { ReplicaInputs, ReplicaState } from "../../provider/core/replica/model";
import { fakeReplica, messageOf, onNode1, program, REPLICA } from "./replica-fixture";
import { client, runKilledAt, watched } from "./replica-watch";

/** Changes on the replica's own host: the old container is back when the new one does not work. */

const changed: Partial<ReplicaInputs> = { environment: { PASSWORD: "hunter2", A: "1" } };
/** Ends as soon as it is started. */
const broken: Partial<ReplicaInputs> = {
  spec: { ...program("node1").spec, command: ["broken"] },
};
const withBroken = (world: FakeWorld) => {
  world.commands.set("broken", () => ({ exitCode: 1, stderr: "no such option\n" }));
  return world;
};
const containersOf = (world: FakeWorld) =>
  world.host("node1").containers.map(({ id, name, status, restart }) => ({
    ...{ id, name, status },
    restart: restart.name,
  }));

test("one that ends while it is watched is put back, and the error is no change of state", async () => {
  const { world, handler, placed, state } = await onNode1();
  const before = containersOf(world);
  const inputs = { ...program("node1", changed), changes: { monitorSeconds: 5 } };
  const { inputs: checked } = handler.check(state, inputs);
  let looks = 0;
  world.around = {
    before: (call) => {
      if (call !== "docker.container" || ++looks !== 16) return;
      world.change(({ hosts }) => {
        const made = hosts["node1"]!.containers.at(-1)!;
        Object.assign(made, { status: "exited", exitCode: 9 });
      });
    },
  };
  const failure: unknown = await handler
    .update(REPLICA, state, checked)
    .catch((error: unknown) => error);
  world.around = {};
  expect((failure as Error).message).toMatch(
    /^changing apples\/redis failed on host 'node1': container 'apples-redis-0' does not run on host 'node1': it ended with exit code 9 within 5 s\..*The container that was there before is back\.$/,
  );
  expect(failure).not.toHaveProperty("outs");
  expect(containersOf(world)).toEqual(before);
  expect((await handler.read(REPLICA, state))?.inputs).toEqual(placed("node1"));
});

test("one that grows ill while it is watched ends before it goes: it may have served", async () => {
  const { world, handler, state } = await onNode1();
  const inputs = { ...program("node1", changed), changes: { monitorSeconds: 5 } };
  const { inputs: checked } = handler.check(state, inputs);
  let looks = 0;
  const interruptedAt: string[] = [];
  world.around = {
    before: (call) => {
      const all = world.host("node1").containers;
      if (call === "docker.container" && ++looks === 16)
        world.change(({ hosts }) => {
          hosts["node1"]!.containers.at(-1)!.health = "unhealthy";
        });
      if (call === "docker.remove")
        interruptedAt.push(
          ...all.flatMap(({ name, status }) => (status === "running" ? [name] : [])),
        );
    },
  };
  expect(await messageOf(handler.update(REPLICA, state, checked))).toMatch(
    /its healthcheck did not pass any more within 5 s\..* is back\.$/,
  );
  expect(interruptedAt).toEqual([]);
});

describe("a run that is killed at any call of a change", () => {
  async function callsOf(change: Partial<ReplicaInputs>): Promise<string[]> {
    const { world, state } = await onNode1();
    const calls: string[] = [];
    const it = watched(
      withBroken(world),
      (call) => void calls.push(call),
      () => undefined,
    );
    await it.handler.update(REPLICA, state, it.placed("node1", change)).catch(() => undefined);
    return calls;
  }

  async function killedAt(change: Partial<ReplicaInputs>, at: number, when: "before" | "after") {
    const { world, state } = await onNode1();
    const { acknowledged, look } = client(withBroken(world));
    const killed = runKilledAt(world, look, { at, when });
    await killed.handler
      .update(REPLICA, state, killed.placed("node1", change))
      .catch(() => undefined);
    const again = watched(world, look, look);
    const lost = () => {
      const kept = Object.keys(again.files("node1")!);
      return acknowledged.filter(({ name }) => !kept.includes(name));
    };
    return { world, state, again, lost };
  }

  const eachCall = async (
    change: Partial<ReplicaInputs>,
    work: (at: number, when: "before" | "after") => Promise<void>,
  ) => {
    const calls = await callsOf(change);
    expect(calls.length).toBeGreaterThan(15);
    for (let at = 0; at < calls.length; at++) {
      for (const when of ["before", "after"] as const) await work(at, when);
    }
  };

  test("is finished by the next one, with all acknowledged writes", () =>
    eachCall(changed, async (at, when) => {
      const { world, state, again, lost } = await killedAt(changed, at, when);
      const outs = await again.handler.update(REPLICA, state, again.placed("node1", changed));
      expect({ at, when, found: containersOf(world), lost: lost() }).toEqual({
        ...{ at, when, lost: [] },
        found: [
          { id: outs.containerId, name: "apples-redis-0", status: "running", restart: "always" },
        ],
      });
      expect(world.host("node1").containers[0]?.request.environment).toEqual(changed.environment);
    }));

  test("is taken back when the program is put back", () =>
    eachCall(changed, async (at, when) => {
      const { world, state, again, lost } = await killedAt(changed, at, when);
      await again.handler.update(REPLICA, state, again.placed("node1"));
      expect({ at, when, found: containersOf(world), lost: lost() }).toEqual({
        ...{ at, when, lost: [] },
        found: [
          expect.objectContaining({
            ...{ name: "apples-redis-0", status: "running", restart: "always" },
          }),
        ],
      });
      expect(world.host("node1").containers[0]?.request.environment).toEqual(state.environment);
    }));

  test("to what does not work: the next one puts the old container back", () =>
    eachCall(broken, async (at, when) => {
      const { world, state, again, lost } = await killedAt(broken, at, when);
      const said = await messageOf(
        again.handler.update(REPLICA, state, again.placed("node1", broken)),
      );
      expect(said).toContain("The container that was there before is back.");
      expect({ at, when, found: containersOf(world), lost: lost() }).toEqual({
        ...{ at, when, lost: [] },
        found: [
          { id: state.containerId, name: "apples-redis-0", status: "running", restart: "always" },
        ],
      });
    }));

  test("is told by a refresh as half way, unless nothing was begun or all is done", () =>
    eachCall(changed, async (at, when) => {
      const { world, state, again } = await killedAt(changed, at, when);
      const [only, ...others] = containersOf(world);
      const asBefore = others.length === 0 && only?.id === state.containerId;
      const read = await again.handler.read(REPLICA, state);
      const drift = read?.inputs?.containerName !== "apples-redis-0";
      const whole = asBefore && only?.name === "apples-redis-0" && only.status === "running";
      expect({ at, when, drift }).toEqual({ at, when, drift: !whole });
    }));
});

describe("replicas of one service", () => {
  const replicas = (count: number) => Array.from({ length: count }, (_, index) => index);
  const one = (index: number, change: Partial<ReplicaInputs> = {}): ReplicaInputs => ({
    ...program("node1", { volumes: {}, ip: `10.40.0.${index + 2}`, index }),
    spec: { image: "redis:7", restart: { name: "always" } },
    ...change,
  });
  const idOf = (index: number) => `shop/prod/apples/redis/${index}`;

  async function service(count: number) {
    const it = fakeReplica();
    withBroken(it.world);
    const states: ReplicaState[] = [];
    for (const index of replicas(count)) {
      states.push((await it.handler.create(it.handler.check({}, { ...one(index) }).inputs)).outs);
    }
    const away = { now: 0, most: 0 };
    it.world.around = {
      after: () => {
        const up = it.world.host("node1").containers.filter(({ status }) => status === "running");
        away.now = count - up.length;
        away.most = Math.max(away.most, away.now);
      },
    };
    const change = (change: Partial<ReplicaInputs>) =>
      Promise.allSettled(
        replicas(count).map((index) => {
          const state = states[index]!;
          const { inputs } = it.handler.check(state, { ...one(index, change) });
          return it.sameRun.update(idOf(index), state, inputs);
        }),
      );
    return { ...it, states, change, away };
  }
  const spec = (word: string) =>
    ({ image: "redis:7", restart: { name: "always" }, command: [word] }) as const;
  const said = (results: PromiseSettledResult<unknown>[]) =>
    results.map((each) => (each.status === "fulfilled" ? "done" : (each.reason as Error).message));

  test("are changed one after the other", async () => {
    const { change, away } = await service(4);
    expect(said(await change({ spec: spec("other") }))).toEqual(["done", "done", "done", "done"]);
    expect(away.most).toBe(1);
  });

  test("or as many at a time as the program says", async () => {
    const two = await service(5);
    await two.change({ spec: spec("other"), changes: { parallelism: 2 } });
    expect(two.away.most).toBe(2);
    const all = await service(5);
    await all.change({ spec: spec("other"), changes: { parallelism: 0 } });
    expect(all.away.most).toBe(5);
  });

  test("after one that failed the others are left as they are", async () => {
    const { change, states, world } = await service(3);
    const messages = said(await change({ spec: spec("broken") }));
    expect(messages[0]).toMatch(/^changing apples\/redis\S* failed .* is back\.$/);
    for (const message of messages.slice(1)) {
      expect(message).toMatch(
        /^changing apples\/redis\S* was refused: apples\/redis\S* could not be changed, and was put back\..*It runs on as it was\.$/,
      );
    }
    const ids = world.host("node1").containers.map(({ id }) => id);
    expect(ids.sort()).toEqual(states.map(({ containerId }) => containerId).sort());
  });

  test("unless the program says otherwise, or tolerates as many", async () => {
    const goesOn = await service(3);
    const all = said(
      await goesOn.change({ spec: spec("broken"), changes: { onFailure: "continue" } }),
    );
    expect(all.filter((message) => message.includes("is back"))).toHaveLength(3);
    const some = await service(4);
    const changes = { maxFailureRatio: 0.5, replicas: 4 };
    const two = said(await some.change({ spec: spec("broken"), changes }));
    expect(two.filter((message) => message.includes("is back"))).toHaveLength(3);
    expect(two.filter((message) => message.includes("was refused"))).toHaveLength(1);
  });
});

describe("what a replica depends on with `restart: true`", () => {
  const withMark = (restartsWith: string): Partial<ReplicaInputs> => ({ restartsWith });
  const starts = (world: FakeWorld) => world.host("node1").containers[0]?.startedAt;

  test("starts it again, with the same container, when that is another one", async () => {
    const { world, handler, placed, state, reported } = await onNode1();
    const marked = await handler.update(REPLICA, state, placed("node1", withMark("a")));
    const id = world.host("node1").containers[0]?.id;
    world.change(({ hosts }) => (hosts["node1"]!.containers[0]!.startedAt = "before"));
    await handler.update(REPLICA, marked, placed("node1", withMark("a")));
    expect(starts(world)).toBe("before");
    handler.check(marked, { ...program("node1", withMark("b")) });
    expect(reported.at(-1)).toBe(
      "apples/redis is started again on node1, as what it depends on changes (`restart: true`)",
    );
    await handler.update(REPLICA, marked, placed("node1", withMark("b")));
    expect(starts(world)).not.toBe("before");
    expect(world.host("node1").containers).toMatchObject([
      { id, status: "running", restart: { name: "always" } },
    ]);
  });
});

test("a preview names what another container is for, and no value", async () => {
  const { handler, state, reported } = await onNode1();
  const spec = { ...program("node1").spec, image: "redis:8", init: true };
  handler.check(state, { ...program("node1", { spec, environment: { B: "s3cret" } }) });
  expect(reported.at(-1)).toBe(
    "apples/redis gets another container on node1, with the same data, for: spec.image, spec.init, environment.B, environment.PASSWORD",
  );
  reported.length = 0;
  handler.check(state, { ...program("node1", { healthTimeoutSeconds: 9 }) });
  expect(reported).toEqual([]);
});

test("a host whose Docker would mount all of a volume for a folder of it is refused", async () => {
  const { handler, placed } = fakeReplica();
  const { spec } = program("node1");
  const mounts = (spec.mounts ?? []).map((mount) => ({ ...mount, subPath: "a/b" }));
  await expect(handler.create(placed("node1", { spec: { ...spec, mounts } }))).rejects.toThrow(
    /Docker 20\.10\.24 on host 'node1' cannot mount a folder inside of a volume \(`subpath`, at \/data\), which is from 26 on/,
  );
});

test("a host whose Docker has no start interval is told of", async () => {
  const { handler, placed, warned } = fakeReplica();
  const spec = {
    ...program("node1").spec,
    healthcheck: { test: ["CMD", "true"], startIntervalSeconds: 1 },
  };
  await handler.create(placed("node1", { spec }));
  expect(warned).toEqual([
    expect.stringMatching(
      /^apples\/redis: Docker 20\.10\.24 on host 'node1' knows no `start_interval`/,
    ),
  ]);
});
