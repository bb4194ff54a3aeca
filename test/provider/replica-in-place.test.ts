import type { ContainerSpec } from "../../provider/core/container-spec";
import type { ReplicaState } from "../../provider/core/replica/model";
import { messageOf, onNode1, program, REPLICA } from "./replica-fixture";
import { runKilledAt, watched } from "./replica-watch";

/** What Docker changes of a container without another start. */

const MIB = 1024 ** 2;
const given = (spec: Partial<ContainerSpec>) => ({ spec: { ...program("node1").spec, ...spec } });

async function onNode1With(spec: Partial<ContainerSpec>) {
  const it = await onNode1();
  await it.handler.delete(REPLICA, it.state);
  const { outs } = await it.handler.create(it.placed("node1", given(spec)));
  const container = () => it.world.host("node1").containers[0]!;
  const update = (state: ReplicaState, next: Partial<ContainerSpec>) =>
    it.handler.update(REPLICA, state, it.placed("node1", given(next)));
  return { ...it, state: outs, container, update };
}

test("limits and the restart policy change while it runs, and nothing else happens to it", async () => {
  const it = await onNode1With({ cpus: 1, restart: { name: "always" } });
  const { id, startedAt } = it.container();
  const more = { cpus: 2, memoryBytes: 64 * MIB, pidsLimit: 50 };
  const restart = { name: "on-failure", maximumRetryCount: 3 } as const;
  const after = await it.update(it.state, { ...more, restart });
  expect(it.container()).toMatchObject({ id, startedAt, status: "running", restart });
  expect(it.container().limits).toEqual({ ...more, memorySwapBytes: 128 * MIB });
  expect(after.containerId).toBe(id);
  expect((await it.handler.read(REPLICA, after))?.inputs).toEqual(
    it.placed("node1", given({ ...more, restart })),
  );
  const back = await it.update(after, { cpus: 2, memoryBytes: 32 * MIB, pidsLimit: 50, restart });
  expect(it.container()).toMatchObject({ id, limits: { memoryBytes: 32 * MIB } });
  const others = await it.update(back, { user: "app" });
  expect(it.container().id).not.toBe(id);
  expect(others).not.toHaveProperty("madeAs");
});

test("other retries are another restart policy", async () => {
  const it = await onNode1With({ restart: { name: "on-failure", maximumRetryCount: 3 } });
  const { id } = it.container();
  await it.update(it.state, { restart: { name: "on-failure", maximumRetryCount: 5 } });
  expect(it.container()).toMatchObject({ id, restart: { maximumRetryCount: 5 } });
});

test("a limit that goes takes another container, as Docker takes none away", async () => {
  const it = await onNode1With({ cpus: 1, memoryBytes: 64 * MIB });
  const { id } = it.container();
  await it.update(it.state, { cpus: 1 });
  expect(it.container().id).not.toBe(id);
  expect(it.container()).toMatchObject({ status: "running" });
});

test("less memory than it uses takes another container, and says so", async () => {
  const it = await onNode1With({ memoryBytes: 64 * MIB });
  const { id } = it.container();
  it.world.change(({ hosts }) => {
    hosts["node1"]!.containers[0]!.memoryInUse = 40 * MIB;
  });
  const smaller = await it.update(it.state, { memoryBytes: 48 * MIB });
  expect(it.container().id).toBe(id);
  await it.update(smaller, { memoryBytes: 32 * MIB });
  expect(it.container().id).not.toBe(id);
  expect(it.reported.join()).toContain("uses more memory (41943040 bytes) than it is to have");
});

test("what Docker refuses leaves it as it was, and state too", async () => {
  const it = await onNode1With({ cpusetCpus: "0" });
  it.world.failNext("node1", { call: "docker.setLimits", kind: "trouble", reason: "no CPU 9" });
  const inputs = it.placed("node1", given({ cpusetCpus: "9" }));
  const failure: unknown = await it.handler
    .update(REPLICA, it.state, inputs)
    .catch((error: unknown) => error);
  expect(failure).not.toHaveProperty("outs");
  expect((failure as Error).message).toMatch(
    /changing apples\/redis in place failed on host 'node1': .*no CPU 9.* as it was before\./,
  );
  expect(it.container()).toMatchObject({ status: "running" });
});

test("a refresh tells of limits that are others, and `up` puts them right in place", async () => {
  const it = await onNode1With({ cpus: 1 });
  const { id } = it.container();
  it.world.change(({ hosts }) => {
    hosts["node1"]!.containers[0]!.limits = { cpus: 3 };
  });
  const found = await it.handler.read(REPLICA, it.state);
  expect(found?.inputs?.containerName).toBe("apples-redis-0 (limits)");
  await it.update(it.state, { cpus: 1 });
  expect(it.container()).toMatchObject({ id, limits: { cpus: 1 } });
});

test("an order that says nothing is nothing to do", async () => {
  const it = await onNode1With({ capAdd: ["A", "B"] });
  const before = it.world.host("node1");
  const after = await it.update(it.state, { capAdd: ["B", "A"] });
  expect(it.world.host("node1")).toEqual(before);
  expect((await it.handler.read(REPLICA, after))?.inputs?.containerName).toBe("apples-redis-0");
});

test("a run that is killed at any call of it is gone on with, or taken back by the program of before", async () => {
  const [one, two] = [{ cpus: 1 }, { cpus: 2, memoryBytes: 64 * MIB }];
  for (let at = 0; ; at++) {
    const it = await onNode1With(one);
    const { id } = it.container();
    const killed = runKilledAt(it.world, () => undefined, { at, when: "after" });
    const done = await messageOf(
      killed.handler.update(REPLICA, it.state, killed.placed("node1", given(two))),
    );
    if (done === "nothing was thrown") break;
    const again = watched(
      it.world,
      () => undefined,
      () => undefined,
    );
    const forward = await again.handler.update(
      REPLICA,
      it.state,
      again.placed("node1", given(two)),
    );
    expect(it.container()).toMatchObject({ id, limits: { cpus: 2 } });
    expect((await again.handler.read(REPLICA, forward))?.inputs?.containerName).toBe(
      "apples-redis-0",
    );
    const back = await again.handler.update(REPLICA, it.state, again.placed("node1", given(one)));
    expect((await again.handler.read(REPLICA, back))?.inputs?.containerName).toBe("apples-redis-0");
    expect(again.world.host("node1").containers).toHaveLength(1);
  }
});
