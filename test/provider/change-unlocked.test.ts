import { FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { ReplicaInputs } from "../../provider/core/replica/model";
import { adopting, put } from "./adoption-fixture";
import { HOSTS, IMAGE, messageOf, onNode1, program, REPLICA } from "./replica-fixture";
import { watched } from "./replica-watch";

/**
 * A run whose connection was away for so long that another one may have taken the replica over:
 * from that moment on it does nothing to its containers any more, whatever has failed.
 */

const CHANGING =
  /^docker\.(create|start|stop|remove|rename|setRestartPolicy|kill)$|^journals\.write$/;
const broken: Partial<ReplicaInputs> = {
  spec: { ...program("node1").spec, command: ["broken"] },
};

interface Story {
  readonly world: FakeWorld;
  readonly work: (run: ReturnType<typeof watched>) => Promise<unknown>;
}

/** What was done after the locks were lost at call `at`, and how many calls there were. */
async function after({ world, work }: Story, at: number) {
  world.commands.set("broken", () => ({ exitCode: 1, stderr: "no such option\n" }));
  const table = new FakeLockTable(world);
  const locks = table.run();
  const done: string[] = [];
  let calls = 0;
  let isLost = false;
  const run = watched(
    world,
    (call) => {
      if (isLost && CHANGING.test(call)) done.push(call);
    },
    () => {
      if (table.locksOn("node1").length === 0 || calls++ !== at) return;
      locks.disconnect();
      isLost = true;
    },
    locks,
  );
  const said = await messageOf(work(run));
  return { said, done, calls };
}

async function change(of: Partial<ReplicaInputs>): Promise<Story> {
  const { world, state } = await onNode1();
  return { world, work: (run) => run.handler.update(REPLICA, state, run.placed("node1", of)) };
}

function adoption(of: Partial<ReplicaInputs> = {}): Promise<Story> {
  const world = FakeWorld.open()
    .addHosts(...HOSTS)
    .addImage(IMAGE, ...HOSTS);
  put(world, "node1");
  const inputs = adopting(of);
  return Promise.resolve({ world, work: (run) => run.handler.create(run.placed("node1", inputs)) });
}

async function leftHalfWay(): Promise<Story> {
  const { world, state } = await onNode1();
  let made = false;
  const killed = watched(
    world,
    () => {
      if (made) throw new Error("killed");
    },
    (call) => {
      made ||= call === "docker.create";
    },
  );
  const changed = { environment: { PASSWORD: "hunter2", A: "1" } };
  await messageOf(killed.handler.update(REPLICA, state, killed.placed("node1", changed)));
  return { world, work: (run) => run.handler.update(REPLICA, state, run.placed("node1")) };
}

test.each([
  ["a change", () => change({ environment: { PASSWORD: "hunter2", A: "1" } })],
  ["a change that does not run", () => change(broken)],
  ["a change that was left half way", leftHalfWay],
  ["an adoption", () => adoption()],
  [
    "an adoption that does not run",
    () => adoption({ spec: { ...program("node1").spec, command: ["broken"] } }),
  ],
])("%s stops once its locks are lost", async (_name, story: () => Promise<Story>) => {
  const { calls } = await after(await story(), Infinity);
  expect(calls).toBeGreaterThan(15);
  for (let at = 0; at < calls; at++) {
    const { done } = await after(await story(), at);
    expect({ at, done }).toEqual({ at, done: done.slice(0, 1) });
  }
});
