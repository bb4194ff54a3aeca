import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GapMeter } from "./moby-counter/modules";
import { eventually, Program, timed } from "./moby-counter/processes";
import { kinds, type TestRedis } from "./moby-counter/redis";

jest.setTimeout(30_000);

interface Figures {
  readonly acknowledged: number;
  readonly errors: number;
  readonly longestGapMs: number;
  readonly gaps: readonly { fromMs: number; toMs: number; ms: number }[];
  readonly firstAckMs: number;
  readonly startedAt: string;
}

interface Result extends Figures {
  readonly verified: boolean;
  readonly found: number | null;
  readonly lost: number | null;
  readonly ranMs: number;
}

describe.each(kinds)("the writer with %s", (_kind, create) => {
  let redis: TestRedis;
  let folder: string;
  const writers: Program[] = [];

  const start = (...options: string[]): Program => {
    const writer = new Program("writer.js", ["localhost", String(redis.port), ...options]);
    writers.push(writer);
    return writer;
  };

  const end = async (writer: Program): Promise<{ code: number | null; result: Result }> => {
    const code = await writer.exitCode();
    expect(writer.text).toMatch(/^\{[^\n]*\}\n$/);
    return { code, result: JSON.parse(writer.text) as Result };
  };

  const status = () => path.join(folder, "status.json");

  const statusIs = (wanted: (figures: Figures & { currentGapMs: number }) => boolean) =>
    eventually(() => {
      if (!fs.existsSync(status())) return undefined;
      const figures = JSON.parse(fs.readFileSync(status(), "utf8")) as Figures & {
        currentGapMs: number;
      };
      return wanted(figures) ? figures : undefined;
    }, "a status");

  beforeEach(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "ferry-writer-"));
    redis = await create();
    await redis.start();
  });

  afterEach(async () => {
    for (const writer of writers.splice(0)) await writer.dispose();
    await redis.dispose();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test("finds everything that was acknowledged", async () => {
    const { code, result } = await end(start("--seconds", "1"));
    expect(code).toBe(0);
    expect(result).toMatchObject({ verified: true, lost: 0 });
    expect(result.acknowledged).toBeGreaterThan(0);
    // At most one a millisecond: that is what keeps the numbers of two runs apart.
    expect(result.acknowledged).toBeLessThanOrEqual(result.ranMs);
    expect(result.found).toBe(result.acknowledged);
    expect(Math.abs(Date.now() - Date.parse(result.startedAt))).toBeLessThan(20_000);
  });

  test("sees an absence while it lasts, and after it", async () => {
    const writer = start("--status", status());
    await statusIs((figures) => figures.acknowledged > 20);
    await redis.stop();
    await statusIs((figures) => figures.currentGapMs > 400);
    await redis.start();
    const back = await statusIs((figures) => figures.longestGapMs > 400);
    await statusIs((figures) => figures.acknowledged > back.acknowledged + 20);
    writer.signal("SIGTERM");
    const { code, result } = await end(writer);
    expect(code).toBe(0);
    expect(result).toMatchObject({ verified: true, lost: 0 });
    expect(result.errors).toBeGreaterThan(0);
    const longest = result.gaps.find((gap) => gap.ms === result.longestGapMs);
    expect(longest?.ms).toBeGreaterThan(400);
    expect(longest!.toMs - longest!.fromMs).toBeCloseTo(longest!.ms, 0);
    expect(longest!.fromMs).toBeGreaterThanOrEqual(result.firstAckMs);
  });

  test("does not wait for a connection that has gone silent", async () => {
    const writer = start("--status", status());
    await statusIs((figures) => figures.acknowledged > 20);
    redis.freeze();
    await statusIs((figures) => figures.currentGapMs > 300 && figures.errors > 0);
    redis.thaw();
    const back = await statusIs((figures) => figures.longestGapMs > 300);
    await statusIs((figures) => figures.acknowledged > back.acknowledged);
    writer.type("stop\n");
    const { code, result } = await end(writer);
    expect(code).toBe(0);
    expect(result).toMatchObject({ verified: true, lost: 0 });
  });

  test("tells how many acknowledged writes are lost", async () => {
    const writer = start("--status", status());
    const before = await statusIs((figures) => figures.acknowledged > 100);
    await redis.forget();
    await statusIs((figures) => figures.acknowledged > before.acknowledged + 20);
    writer.signal("SIGTERM");
    const { code, result } = await end(writer);
    expect(code).toBe(1);
    expect(result.verified).toBe(true);
    expect(result.lost).toBeGreaterThanOrEqual(before.acknowledged);
    expect(result.found).toBe(result.acknowledged - result.lost!);
  });

  test("what an earlier run wrote does not stand in for what a later one lost", async () => {
    const first = await end(start("--seconds", "0.5"));
    const second = await end(start("--seconds", "0.5"));
    expect(first.result.found).toBe(first.result.acknowledged);
    const [from, to] = [first.result, second.result].map(
      (result) => (result as unknown as { firstNumber: number }).firstNumber,
    );
    expect(to).toBeGreaterThanOrEqual(from! + first.result.acknowledged);
  });

  test("cannot tell when redis stays away, and says that, in time", async () => {
    const writer = start("--status", status(), "--verify-seconds", "1");
    await statusIs((figures) => figures.acknowledged > 20);
    await redis.stop();
    writer.signal("SIGTERM");
    const { ms, value } = await timed(() => end(writer));
    expect(value.code).toBe(1);
    expect(value.result).toMatchObject({ verified: false, found: null, lost: null });
    expect(value.result.acknowledged).toBeGreaterThan(20);
    expect(ms).toBeLessThan(20_000);
  });

  test("starts before redis does, and counts no gap before the first acknowledgement", async () => {
    await redis.stop();
    const writer = start("--status", status());
    const before = await statusIs((figures) => figures.errors > 5);
    expect(before).toMatchObject({ acknowledged: 0, currentGapMs: 0, longestGapMs: 0 });
    await redis.start();
    await statusIs((figures) => figures.acknowledged > 20);
    writer.signal("SIGINT");
    const { code, result } = await end(writer);
    expect(code).toBe(0);
    expect(result.firstAckMs).toBeGreaterThan(50);
    for (const gap of result.gaps) expect(gap.fromMs).toBeGreaterThan(result.firstAckMs - 2);
  });

  test("goes on when stdin ends", async () => {
    const writer = start("--status", status());
    writer.closeInput();
    const before = await statusIs((figures) => figures.acknowledged > 20);
    await sleep(50);
    await statusIs((figures) => figures.acknowledged > before.acknowledged + 20);
  });
});

describe("the writer", () => {
  test.each([
    [[], /^A host is needed/],
    [["redis", "none"], /^"none" is not a port/],
    [["redis", "1", "2"], /^A host is needed/],
    [["redis", "--seconds", "soon"], /^"soon" is not a number of seconds/],
    [["redis", "--pace", "1"], /^Unknown option '--pace'/],
    [["127.0.0.1", "1", "--status", "/nowhere/at/all"], /^--status: ENOENT/],
  ])("refuses %j", async (args, message) => {
    const writer = new Program("writer.js", args);
    expect(await writer.exitCode()).toBe(2);
    expect(writer.text).toMatch(message);
  });
});

describe("the gap meter", () => {
  test("keeps gaps from 30 ms on, with their times, and one that is not over", () => {
    let now = 1_000;
    const meter = new GapMeter(() => now);
    const acknowledge = (at: number) => {
      now = at;
      meter.acknowledged();
    };
    expect(meter.currentGapMs()).toBe(0);
    for (const at of [1_500, 1_529.9, 1_560, 1_561, 1_961.26]) acknowledge(at);
    now = 2_061.26;
    expect(meter.currentGapMs()).toBe(100);
    expect(meter.finish()).toEqual({
      longestGapMs: 400.3,
      gaps: [
        { fromMs: 529.9, toMs: 560, ms: 30.1 },
        { fromMs: 561, toMs: 961.3, ms: 400.3 },
        { fromMs: 961.3, toMs: 1_061.3, ms: 100 },
      ],
    });
  });

  test("remembers the longest gap even among more than it keeps", () => {
    let now = 0;
    const meter = new GapMeter(() => now);
    for (let i = 0; i < 1_500; i++) {
      now += i === 1_400 ? 900 : 40;
      meter.acknowledged();
    }
    const { gaps, longestGapMs } = meter.finish();
    expect(gaps).toHaveLength(1_000);
    expect(longestGapMs).toBe(900);
  });
});
