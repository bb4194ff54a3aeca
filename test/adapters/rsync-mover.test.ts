import { PassThrough } from "node:stream";
import type { OneOffKey } from "../../provider/adapters/move-key/one-off-key";
import { BEGIN_ROUND, DROP_SOCKETS } from "../../provider/adapters/volume/copy-scripts";
import { IS_EMPTY } from "../../provider/adapters/volume/first-copy-scripts";
import { RsyncMover } from "../../provider/adapters/volume/rsync-mover";
import type { CopyRoute } from "../../provider/core/move/port";
import type { CommandResult, Host } from "../../provider/core/ports";

/** How the rsyncs of a test end, one after the other; the last one again and again. */
let ends: Partial<CommandResult>[];
let ran: string[][];
let scripts: { script: string; args: readonly string[] }[];
let warned: string[];

beforeEach(() => {
  [ran, scripts, warned] = [[], [], []];
  ends = [{ stdout: "Number of files: 3 (reg: 2, dir: 1)\n" }];
});

const ANSWERS = new Map([
  [BEGIN_ROUND, { exitCode: 0, stdout: "1700000000\n" }],
  // Somebody's files are there: no first copy.
  [IS_EMPTY, { exitCode: 1, stdout: "" }],
]);

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

const moverOf = (more: Partial<CopyRoute> = {}) => {
  const route: CopyRoute = {
    replica: "a/b/c/d/0",
    source: host("one"),
    target: host("two"),
    paths: [{ name: "v", source: "/srv/from", target: "/srv/to" }],
    progress: { info: () => undefined, warn: (message) => void warned.push(message) },
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

test("a device is named once, however many rounds leave it out", async () => {
  ends = [{ stdout: 'skipping non-regular file "dev/null"\nNumber of files: 1 (dir: 1)\n' }];
  const mover = moverOf();
  await mover.round({ final: false });
  await mover.round({ final: false });
  expect(warned).toEqual(["d: 1 device in volume 'v' not copied: dev/null"]);
});
