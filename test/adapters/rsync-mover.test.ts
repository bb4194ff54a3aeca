import { PassThrough } from "node:stream";
import type { OneOffKey } from "../../provider/adapters/move-key/one-off-key";
import { RsyncMover } from "../../provider/adapters/volume/rsync-mover";
import type { CopyRoute } from "../../provider/core/move/move-ports";
import type { CommandResult, Host } from "../../provider/core/adapter-ports";
import { hostProgram } from "../../provider/on-host/load";

const BEGIN_ROUND = hostProgram("volume/begin-round.sh");
const DROP_SOCKETS = hostProgram("volume/drop-sockets.sh");

const mockWaited: number[] = [];
jest.mock("timers/promises", () => ({
  setTimeout: (milliseconds: number) => Promise.resolve(void mockWaited.push(milliseconds)),
}));

/** How the rsyncs of a test end, one after the other; the last one again and again. */
let ends: Partial<CommandResult>[];
let ran: string[][];
let scripts: { script: string; args: readonly string[] }[];
let warned: string[];
let reported: string[];

beforeEach(() => {
  [ran, scripts, warned, reported] = [[], [], [], []];
  mockWaited.length = 0;
  ends = [{ stdout: "Number of files: 3 (reg: 2, dir: 1)\n" }];
});

const ANSWERS = new Map([[BEGIN_ROUND, { exitCode: 0, stdout: "1700000000\n" }]]);

const host = (name: string) =>
  ({
    name,
    shell: {
      script: (script: string, args: readonly string[]) => {
        scripts.push({ script, args });
        return Promise.resolve({ exitCode: 0, stdout: "", stderr: "", ...ANSWERS.get(script) });
      },
      run: ({ argv }: { argv: string[] }) => {
        ran.push(argv);
        return Promise.resolve({ exitCode: 0, stdout: "", stderr: "" });
      },
      writeFile: () => Promise.resolve(),
      stream: ({ argv }: { argv: string[] }) => {
        ran.push(argv);
        const ended = { exitCode: 0, stdout: "", stderr: "", ...ends[0] };
        if (ends.length > 1) ends.shift();
        const stdout = new PassThrough();
        const done = new Promise((resolve) => stdout.on("end", () => resolve(ended)));
        stdout.end(ended.stdout);
        return Promise.resolve({ stdin: new PassThrough(), stdout, done, kill: () => undefined });
      },
    },
  }) as unknown as Host;

/** rsync alone copies where a rate is to be kept. */
const moverOf = (more: Partial<CopyRoute> = { maxBandwidth: 1e9 }) => {
  const route: CopyRoute = {
    replica: "a/b/c/d/0",
    source: host("one"),
    target: host("two"),
    paths: [{ name: "v", source: "/srv/from", target: "/srv/to" }],
    progress: {
      info: (message) => void reported.push(message),
      warn: (message) => void warned.push(message),
    },
    label: "d",
    ...more,
  };
  const key = { sshConfig: "/key/config", directory: "/key", served: "/served" } as OneOffKey;
  const able = { rsync: [3, 2, 7], programs: new Set<string>() };
  return new RsyncMover(route, key, able, able);
};

const dropped = () => scripts.filter(({ script }) => script === DROP_SOCKETS);

describe("sockets that rsync has made", () => {
  const WITH_PIPE = { stdout: "Number of files: 4 (reg: 2, dir: 1, special: 1)\n" };

  test.each([false, true])("go after a round, final: %s", async (final) => {
    ends = [WITH_PIPE];
    await moverOf().round({ final });
    expect(dropped().map(({ args }) => args)).toEqual([["/srv/to"]]);
  });

  test("are not looked for where the volume has none", async () => {
    await moverOf().round({ final: false });
    expect(dropped()).toEqual([]);
  });
});

describe("a connection between the hosts that is lost", () => {
  const LOST = {
    exitCode: 12,
    stderr: "rsync: connection unexpectedly closed\nrsync error: (code 12) at io.c\n",
  };
  const DONE = { stdout: "Total bytes received: 5\n" };
  const rsyncs = () => ran.filter(([program]) => program === "rsync");

  test("is made anew within a round, which goes on with what is there", async () => {
    ends = [LOST, { ...LOST, exitCode: 255 }, DONE];
    expect(await moverOf().round({ final: false })).toMatchObject({ bytesCopied: 5 });
    expect(ran.map(([program, ...words]) => `${program} ${words.includes("-O")}`)).toEqual([
      "rsync false",
      "ssh true",
      "rsync false",
      "ssh true",
      "rsync false",
    ]);
    expect(ran[1]).toEqual(["ssh", "-F", "/key/config", "-O", "exit", "ferry-source"]);
    expect(mockWaited).toEqual([2000, 5000]);
    const whole = rsyncs().map((argv) => argv.includes("--whole-file"));
    expect(whole).toEqual([true, false, false]);
    expect(warned).toHaveLength(2);
    expect(warned[0]).toBe(
      "d: the connection from host 'two' to host 'one' was lost while volume 'v' was copied " +
        "(rsync: connection unexpectedly closed); it goes on from where it was in 2 s",
    );
  });

  test.each([10, 12, 30, 35, 255])(
    "with code %s ends the round at the fourth time",
    async (exitCode) => {
      ends = [{ ...LOST, exitCode }];
      await expect(moverOf().round({ final: false })).rejects.toThrow(
        "copying volume 'v' from host 'one' failed on host 'two': rsync: connection unexpectedly closed.",
      );
      expect(rsyncs()).toHaveLength(4);
      expect(mockWaited).toEqual([2000, 5000, 10_000]);
    },
  );

  test("ends the final round at once: the container stands still", async () => {
    ends = [LOST];
    await expect(moverOf().round({ final: true })).rejects.toThrow(
      "connection unexpectedly closed",
    );
    expect(rsyncs()).toHaveLength(1);
    expect(warned).toEqual([]);
  });

  test("while a first copy is streamed leaves the rest to rsync", async () => {
    ends = [{ exitCode: 255, stdout: "all 90\ncopied 40\n" }, DONE];
    const { bytesCopied } = await moverOf({}).round({ final: false });
    expect(bytesCopied).toBe(45);
    expect(rsyncs().map((argv) => argv.includes("--no-whole-file"))).toEqual([true]);
  });

  test("leaves what an earlier run has left in doubt", async () => {
    ends = [LOST, DONE];
    await moverOf({ resumed: true }).round({ final: false });
    for (const argv of rsyncs()) expect(argv).toContain("--ignore-times");
  });
});

test("no other failure is tried again, and what vanished meanwhile is none", async () => {
  ends = [{ exitCode: 11, stderr: "No space left on device" }];
  await expect(moverOf().round({ final: false })).rejects.toThrow("No space left on device");
  ends = [{ exitCode: 24 }];
  await moverOf().round({ final: false });
  expect(ran).toHaveLength(2);
});

test("a long round tells how far it is, and the first one how much of all that is", async () => {
  ends = [{ stdout: "\r  1,234,567  41%   12.34MB/s    0:00:00 (xfr#1, to-chk=4/7)" }];
  let now = 0;
  jest.spyOn(performance, "now").mockImplementation(() => (now += 6000));
  const mover = moverOf();
  await mover.round({ final: false });
  await mover.round({ final: false });
  jest.restoreAllMocks();
  expect(reported).toEqual([
    "d: round 1: 1.2 MB (41 %) of volume 'v' so far, 12.34MB/s",
    "d: round 2: 1.2 MB of volume 'v' so far, 12.34MB/s",
  ]);
});

test("a device is named once, however many rounds leave it out", async () => {
  ends = [{ stdout: 'skipping non-regular file "dev/null"\nNumber of files: 1 (dir: 1)\n' }];
  const mover = moverOf();
  await mover.round({ final: false });
  await mover.round({ final: false });
  expect(warned).toEqual(["d: 1 device in volume 'v' not copied: dev/null"]);
});
