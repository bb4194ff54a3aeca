import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crash, sharedFolder } from "../../lab";
import { Attaching, DRIVER } from "../lab/attaching";
import { JoinedHosts } from "../lab/joined-hosts";
import { MovingRedis, REPLICA } from "../lab/moving-redis";
import { HostView } from "./move/host-view";
import { pause } from "./move/pause";
import { ReplicaProcess } from "./move/replica-process";

/**
 * Moves of a replica whose volume a plugin attaches to one host at a time, struck at each step under
 * a writer that counts what was acknowledged: by the end of the run, of a Docker daemon, or of the
 * plugin. The plugin pulls a volume from whoever has it, and writes down when it had to.
 */

const lab = new JoinedHosts("volumes", ["node1", "node2", "node3"]);
const plugin = new Attaching(lab);
const redis = new MovingRedis(lab, { driver: DRIVER, scope: "attach" });
const views = new Map<string, HostView>();

let at = "node1";
const other = () => (at === "node1" ? "node2" : "node1");

jest.setTimeout(900_000);

beforeAll(async () => {
  await lab.up();
  lab.connections = Object.fromEntries(
    Object.entries(lab.connections).map(([name, connection]) => [
      name,
      { ...connection, perDialTimeout: 3, dialErrorLimit: 0 },
    ]),
  );
  await plugin.install();
  await redis.volume.create(redis.volumeInputs());
  redis.state = (await redis.replica.create(redis.inputs(at))).outs;
  const subject = { replica: REPLICA, volume: "mv_data", program: "redis-server" };
  for (const name of ["node1", "node2"]) views.set(name, new HostView(lab.lab, name, subject));
});

afterAll(() => lab.down());

/** Looks at both hosts again and again: two copies must never run. */
class Watch {
  private on = true;
  private readonly done: Promise<void>;
  most = 0;

  constructor(struck: () => void, isStep: (host: string, words: readonly string[]) => boolean) {
    let isStruck = false;
    this.done = (async () => {
      while (this.on) {
        const seen = [...views].map(([host, view]) => ({ host, ...view.look() }));
        this.most = Math.max(this.most, seen.flatMap(({ running }) => running).length);
        if (!isStruck && seen.some(({ host, journal }) => isStep(host, journal?.words ?? []))) {
          isStruck = true;
          struck();
        }
        await pause(1);
      }
    })();
  }

  async end(): Promise<void> {
    this.on = false;
    await this.done;
  }
}

/** A move that is struck once a host's journal says the step; then one that is not. */
async function struckAt(
  side: "source" | "target",
  step: string,
  strike: (library: ReplicaProcess, host: string) => unknown,
): Promise<void> {
  const [source, target] = [at, other()];
  const host = side === "source" ? source : target;
  const library = new ReplicaProcess();
  const written = await redis.whileWriting(async () => {
    const isStep = (name: string, words: readonly string[]) =>
      name === host && words.includes(step);
    const watch = new Watch(() => void strike(library, host), isStep);
    const first = await library.update(
      REPLICA,
      redis.state,
      redis.program(target),
      redis.inputs(target),
    );
    await library.end();
    if (first.state !== undefined) redis.state = first.state;
    await redis.moveTo(target);
    await watch.end();
    return watch.most;
  });
  at = target;
  console.error(
    `${side} ${step}: longest gap ${written.longestGapMs} ms, ${written.acknowledged} acknowledged, ${written.lost} lost`,
  );
  expect({ lost: written.lost, most: written.result }).toEqual({ lost: 0, most: 1 });
  expect(await redis.running()).toEqual([target]);
  expect(plugin.holder("mv_data")).toBe(target);
  expect((await plugin.mountsOn(source)).trim()).toBe("0");
  expect(plugin.taken).toEqual([]);
}

const STEPS = [
  ["target", "preparing"],
  ["target", "copying"],
  ["source", "fenced"],
  ["source", "stopped"],
  ["target", "delta"],
  ["target", "compared"],
  ["source", "opening"],
  ["target", "starting"],
  ["source", "committed"],
] as const;

describe("the run is killed", () => {
  test.each(STEPS)("when the %s says %s", (side, step) =>
    struckAt(side, step, (library) => process.kill(library.pid, "SIGKILL")),
  );
});

describe("a Docker daemon starts again", () => {
  test.each([
    ["source", "stopped"],
    ["target", "delta"],
    ["target", "starting"],
  ] as const)("when the %s says %s", (side, step) =>
    struckAt(side, step, (_library, host) => lab.run(host, "systemctl restart docker.service")),
  );
});

test("a plugin that is gone on the target has the move refused or taken back, and then it moves", async () => {
  const target = other();
  await plugin.stop(target);
  await expect(redis.update(target)).rejects.toThrow(/It runs on host|it stays on host/);
  expect(await redis.running()).toEqual([at]);
  await plugin.start(target);
  await redis.moveTo(target);
  at = target;
  expect(plugin.taken).toEqual([]);
});

test("a mount that takes longer than Docker waits is waited for", async () => {
  const slow = join(sharedFolder(lab.lab), "slow");
  writeFileSync(slow, "130");
  const { lost } = await redis.whileWriting(() => redis.moveTo(other()));
  rmSync(slow);
  at = other();
  expect(lost).toBe(0);
  expect(await redis.running()).toEqual([at]);
  expect(plugin.taken).toEqual([]);
});

test("a lost host's volume is taken by the program's word alone, with every acknowledged write", async () => {
  const [lost, target] = [at, other()];
  const written = await redis.whileWriting(async () => {
    await crash(lost, lab.lab);
    await expect(redis.update(target)).rejects.toThrow(/does not answer.*`onSourceLost`/);
    expect(plugin.taken).toEqual([]);
    redis.state = await redis.update(target, { onSourceLost: "useLastCopy" });
  });
  expect(written.lost).toBe(0);
  expect(plugin.taken).toEqual([`taken mv_data from ${lost} by ${target}`]);
  expect(plugin.holder("mv_data")).toBe(target);
});
