import type { DataMover, DataMovers } from "../../provider/core/move/move-ports";
import type { Host } from "../../provider/core/adapter-ports";

/**
 * Two hosts that reach each other, and a way to put files into a volume of the same name on each.
 */
export interface MoverPair {
  readonly movers: DataMovers;
  readonly source: Host;
  readonly target: Host;
  write(host: Host, file: string, content: string): Promise<void>;
  remove(host: Host, file: string): Promise<void>;
  /** Contents by file. */
  read(host: Host): Promise<Record<string, string>>;
}

const VOLUME = "ferry_contract";

// Guards hang on these: one that forgets any does not compile, rather than switch a guard off.
const takeMovers = (movers: DataMovers) => movers;
const takeMover = (mover: DataMover) => mover;
// @ts-expect-error a cutover that goes on would be taken for none
takeMovers({} as Omit<DataMovers, "cutoverStatus">);
// @ts-expect-error a cutover whose target is lost would never be ended
takeMovers({} as Omit<DataMovers, "endCutover">);
// @ts-expect-error a container would start before its data is there
takeMovers({} as Omit<DataMovers, "startBarrier">);
// @ts-expect-error the cutover would be made step by step, and nobody told
takeMover({} as Omit<DataMover, "armCutover">);

/**
 * What every DataMovers keeps to, the fake and the real one. The tests build on one another, in
 * order.
 */
export function dataMoverContract(pairOf: () => MoverPair): void {
  let mover: DataMover;
  const reported: string[] = [];
  const fileNames = ["one", "two"];

  beforeAll(async () => {
    const { movers, source, target, write } = pairOf();
    const make = async (host: Host) => {
      const volume = { name: VOLUME, driver: "local", options: {}, labels: {} };
      return (await host.docker.createVolume(volume)).mountpoint;
    };
    const [from, to] = [await make(source), await make(target)];
    for (const file of fileNames) await write(source, file, `${file} at first`);
    await write(target, "stray", "left by somebody");
    expect(await movers.estimate(source, [from])).toBeGreaterThan(0);
    expect(await movers.estimate(source, [])).toBe(0);
    mover = await movers.open({
      replica: "contract/test/mover/it/0",
      source,
      target,
      paths: [{ name: VOLUME, source: from, target: to }],
      progress: {
        info: (message) => void reported.push(message),
        warn: (message) => void reported.push(message),
      },
      label: "mover/it",
    });
  });

  afterAll(async () => {
    const { source, target } = pairOf();
    await mover.cleanup();
    for (const host of [source, target]) await host.docker.removeVolume(VOLUME);
  });

  test("hosts that reach each other copy directly", () => {
    expect(mover.way).toBe("direct");
    expect(reported).toEqual([]);
  });

  test("the first round makes the target what the source is, nothing more", async () => {
    const { source, target, read } = pairOf();
    const round = await mover.round({ final: false });
    expect(round.bytesCopied).toBeGreaterThan(0);
    expect(round.filesChanged).toBeGreaterThanOrEqual(fileNames.length);
    expect(await read(target)).toEqual(await read(source));
  });

  test("a round without changes changes nothing, and looks at most into what is as new as the one before", async () => {
    const { source, target, read } = pairOf();
    const round = await mover.round({ final: false });
    expect(round.filesChanged).toBeLessThanOrEqual(fileNames.length);
    expect(round.bytesCopied).toBeLessThan(10_000);
    expect(await read(target)).toEqual(await read(source));
  });

  test("later rounds copy what has changed and remove what is gone", async () => {
    const { source, target, write, remove, read } = pairOf();
    await write(source, "one", "one at last");
    await remove(source, "two");
    await mover.round({ final: false });
    expect(await read(target)).toEqual({ one: "one at last" });
    expect(await read(source)).toEqual({ one: "one at last" });
  });

  test("equal copies compare equal, by content as well", async () => {
    await mover.distrustRecent();
    await mover.round({ final: true });
    for (const content of [false, true]) {
      expect(await mover.compare({ content })).toEqual({ equal: true, differences: [] });
    }
  });

  test("a difference is found and named", async () => {
    const { target, write } = pairOf();
    await write(target, "one", "somebody was here");
    const { equal, differences } = await mover.compare({ content: false });
    expect(equal).toBe(false);
    expect(differences.join()).toContain(VOLUME);
  });

  test("a copy is put on disk as it is", async () => {
    const { movers, target, read } = pairOf();
    const before = await read(target);
    const { mountpoint } = (await target.docker.volume(VOLUME))!;
    await movers.putOnDisk(target, [mountpoint]);
    await movers.putOnDisk(target, []);
    expect(await read(target)).toEqual(before);
  });

  test("clearing up twice is the same as once", async () => {
    await mover.cleanup();
    await mover.cleanup();
  });
}
