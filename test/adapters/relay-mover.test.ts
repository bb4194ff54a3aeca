import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { RelayMover } from "../../provider/adapters/volume/relay-mover";
import type { CopyRoute } from "../../provider/core/move/move-ports";
import type { Host } from "../../provider/core/adapter-ports";
import { allThatIsKept } from "./all-that-is-kept";

let folder: string;
let source: string;
let target: string;
let reported: string[];
let warned: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-relay-"));
  [source, target] = [join(folder, "source"), join(folder, "target")];
  for (const each of [source, target]) mkdirSync(each);
  [reported, warned] = [[], []];
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const text = async (stream: Readable) => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

/** This machine, in the place of both. */
const host = (name: string, { endsLate = false, full = false } = {}) =>
  ({
    name,
    shell: {
      script: (script: string, args: readonly string[]) => {
        const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", ...args]);
        return Promise.resolve({
          exitCode: status ?? 1,
          stdout: stdout.toString(),
          stderr: stderr.toString(),
        });
      },
      stream: ({ argv }: { argv: string[] }) => {
        const late = ["sh", "-c", `"$@" && sleep ${endsLate ? 0.5 : 0}`, "late", ...argv];
        const child = spawn("sh", full ? ["-c", "echo 'disk is full' >&2; exit 2"] : late.slice(1));
        const said = text(child.stderr);
        const done = new Promise((resolve) =>
          child.on(
            "close",
            (exitCode) => void said.then((stderr) => resolve({ exitCode, stdout: "", stderr })),
          ),
        );
        const { stdin, stdout } = child;
        return Promise.resolve({ stdin, stdout, done, kill: () => child.kill() });
      },
    },
  }) as unknown as Host;

const moverOf = (more: Partial<CopyRoute> = {}) => {
  const route: CopyRoute = {
    replica: "a/b/c/d/0",
    source: host("one"),
    target: host("two"),
    paths: [{ name: "v", source, target }],
    progress: {
      info: (message) => void reported.push(message),
      warn: (message) => void warned.push(message),
    },
    label: "d",
    ...more,
  };
  const able = { rsync: undefined, programs: new Set<string>() };
  return new RelayMover(route, able, able);
};

const socket = (path: string) =>
  spawnSync("python3", ["-c", "import socket, sys; socket.socket(1).bind(sys.argv[1])", path]);

test("all comes as it is, but for sockets and for devices, which are named", async () => {
  mkdirSync(join(source, "deep"));
  writeFileSync(join(source, "deep/file"), "it");
  writeFileSync(join(source, "null"), "no device");
  socket(join(source, "deep/sock"));
  const made = ["*", "deep/null", "deep/od\\d 'x"].map(
    (name) => spawnSync("mknod", [join(source, name), "c", "1", "3"]).status,
  );
  execFileSync("sh", ["-c", "mkfifo pipe; ln -s null link; ln null other; chmod 4711 deep/file"], {
    cwd: source,
  });
  await moverOf().round({ final: true });
  expect(readdirSync(join(target, "deep"))).toEqual(["file"]);
  const kept = ["(", "-type", "f", "-o", "-type", "d", "-o", "-type", "l", "-o", "-type", "p", ")"];
  expect(allThatIsKept(target)).toBe(allThatIsKept(source, ...kept));
  // Not every machine lets even root make one.
  if (made.every((status) => status === 0)) {
    expect(warned).toEqual([expect.stringMatching(/^d: 3 devices in volume 'v' not copied: /)]);
    expect(warned[0]).toContain("deep/null");
  }
});

test("a source that says its end long after its last byte has copied all", async () => {
  writeFileSync(join(source, "file"), "it");
  await moverOf({ source: host("one", { endsLate: true }) }).round({ final: true });
  expect(allThatIsKept(target)).toBe(allThatIsKept(source));
});

test("what the target's side says of its failing is told, rather than that its input broke off", async () => {
  writeFileSync(join(source, "file"), Buffer.alloc(3_000_000));
  const moving = moverOf({ target: host("two", { full: true }) }).round({ final: true });
  await expect(moving).rejects.toThrow("copying volume 'v' failed on host 'two': disk is full");
});

test("goes no faster than the limit allows", async () => {
  writeFileSync(join(source, "file"), Buffer.alloc(300_000, "x"));
  const began = performance.now();
  const { bytesCopied } = await moverOf({ maxBandwidth: 500_000 }).round({ final: true });
  expect(performance.now() - began).toBeGreaterThan((bytesCopied * 1000) / 500_000 - 5);
  expect(allThatIsKept(target)).toBe(allThatIsKept(source));
});

test("tells how far it is, of how much there is", async () => {
  writeFileSync(join(source, "file"), Buffer.alloc(3_000_000, "x"));
  const mover = moverOf();
  await mover.round({ final: false });
  let now = 0;
  jest.spyOn(performance, "now").mockImplementation(() => (now += 6000));
  await mover.round({ final: true });
  expect(reported[0]).toMatch(/^d: [\d.]+ \wB of 3\.0 MB of volume 'v' so far, [\d.]+ k?B\/s$/);
});
