import { spawn, spawnSync } from "child_process";
import * as fs from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { Readable } from "stream";
import * as fc from "fast-check";
import { hostFiles } from "../../provider/adapters/files/host-files";
import { fakeFiles } from "../../provider/adapters/fakes/fake-files";
import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { Host, VolumeState } from "../../provider/core/adapter-ports";
import { archiveOf, type TreeEntry } from "../../provider/core/files/tree";
import { packFolder } from "../../provider/local/pack-folder";
import { filesContract } from "../contracts/files-contract";

let folder: string;
beforeAll(() => (folder = fs.mkdtempSync(join(tmpdir(), "ferry-files-"))));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** This machine as a host: what runs there is what runs on hosts. */
const here = {
  name: "here",
  shell: {
    script(script: string, args: string[]) {
      const { status, stdout, stderr } = spawnSync("sh", ["-s", "--", ...args], { input: script });
      const [out, err] = [stdout.toString(), stderr.toString()];
      return Promise.resolve({ exitCode: status ?? 1, stdout: out, stderr: err });
    },
    stream({ argv: [program = "", ...args] }: { argv: string[] }) {
      const child = spawn(program, args);
      let stderr = "";
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      const done = new Promise((ended) =>
        child.on("close", (code) => ended({ exitCode: code ?? 1, stdout: "", stderr })),
      );
      return Promise.resolve({ stdin: child.stdin, stdout: child.stdout, done });
    },
  },
} as unknown as Host;

filesContract("in the shell of this machine", {
  host: () => here,
  files: () => hostFiles,
  folder: () => join(folder, "contract"),
  volume: () => volumeAt("contract-volume"),
  alter: (path) => {
    fs.writeFileSync(join(path, "content"), "altered");
    return Promise.resolve();
  },
});

const world = FakeWorld.open().addHosts("node1");
let fake: Host;
beforeAll(async () => {
  fake = await fakeHostDirectory(world).open("node1", { host: "node1", hostKey: "k" });
  await fake.docker.createVolume({ name: "v", driver: "local", options: {}, labels: {} });
});
filesContract("on fake hosts", {
  host: () => fake,
  files: () => fakeFiles(world),
  folder: () => "/var/lib/ferry/files/a",
  volume: () => world.host("node1").volumes.find(({ name }) => name === "v")!,
  alter: (path) => {
    world.change(({ hosts }) => {
      hosts["node1"]!.files[`${path}/content`] = { content: "", mode: 0o600 };
    });
    return Promise.resolve();
  },
});

function volumeAt(name: string): VolumeState {
  const mountpoint = join(folder, name, "_data");
  fs.mkdirSync(mountpoint, { recursive: true });
  return { name, driver: "local", mountpoint, options: {}, labels: {} };
}

const part = fc.stringMatching(/^[a-zA-Z0-9 $'"`;é-]{1,60}$/).filter((name) => !/^\s*$/.test(name));

test("what is put is there with its names, bytes and modes, and is not cut short", async () => {
  const file = fc.record({ name: part, bytes: fc.uint8Array({ maxLength: 1500 }) });
  const runs = fc.uniqueArray(file, { selector: ({ name }) => name.toLowerCase(), maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(part, runs, async (sub, all) => {
      const tree: TreeEntry[] = [
        { path: "", mode: 0o755, uid: 0, gid: 0 },
        { path: sub, mode: 0o555, uid: 7, gid: 8 },
        ...all.map(({ name, bytes }) => ({
          ...{ path: `${sub}/${name}`, mode: 0o440, uid: 70_000, gid: 9 },
          content: Buffer.from(bytes),
        })),
      ];
      const at = join(folder, "property");
      await hostFiles.put(here, at, "d", archiveOf(tree));
      const inside = join(at, "d", "content", sub);
      expect(fs.readdirSync(inside).sort()).toEqual(all.map(({ name }) => name).sort());
      for (const { name, bytes } of all) {
        expect(fs.readFileSync(join(inside, name))).toEqual(Buffer.from(bytes));
        expect(fs.statSync(join(inside, name)).mode & 0o7777).toBe(0o440);
      }
      expect(await hostFiles.missing(here, at, ["d"])).toEqual([]);
      await hostFiles.keepOnly(here, at, []);
      expect(fs.existsSync(at)).toBe(false);
    }),
    { numRuns: 15 },
  );
});

test.each([1, 512, 700, 1024, 1536])(
  "an archive that ends after %i bytes is nothing",
  async (end) => {
    const tree = [{ path: "", mode: 0o444, uid: 0, gid: 0, content: Buffer.alloc(600, "x") }];
    const at = join(folder, "cut");
    const truncated = archiveOf(tree).subarray(0, end);
    await expect(hostFiles.put(here, at, "d", truncated)).rejects.toThrow("bringing its files");
    expect(fs.readdirSync(at)).toEqual([]);
    const volume = volumeAt("cut-volume");
    await expect(hostFiles.fill(here, volume, Readable.from([truncated]))).rejects.toThrow(
      "filling",
    );
    expect(await hostFiles.isUnfilled(here, volume)).toBe(true);
  },
);

test("a folder of data arrives with its links, modes and times, and only once", async () => {
  const data = join(folder, "data");
  const long = "d".repeat(90);
  fs.mkdirSync(join(data, "in", long, long), { recursive: true });
  fs.writeFileSync(join(data, "in", long, long, "file"), "bytes", { mode: 0o640 });
  fs.writeFileSync(join(data, "big"), Buffer.alloc(3_000_001, "b"));
  fs.symlinkSync("/nowhere", join(data, "link"));
  fs.chmodSync(data, 0o700);
  fs.utimesSync(join(data, "big"), 1_000, 1_000);
  const volume = volumeAt("filled-volume");
  await hostFiles.fill(here, volume, packFolder(data)!);
  const { mountpoint: at } = volume;
  expect(fs.readFileSync(join(at, "in", long, long, "file"), "utf8")).toBe("bytes");
  expect(fs.statSync(join(at, "in", long, long, "file")).mode & 0o777).toBe(0o640);
  expect(fs.statSync(join(at, "big"))).toMatchObject({ size: 3_000_001, mtimeMs: 1_000_000 });
  expect(fs.readlinkSync(join(at, "link"))).toBe("/nowhere");
  expect(fs.statSync(at).mode & 0o777).toBe(0o700);
  fs.rmSync(at, { recursive: true });
  fs.mkdirSync(at);
  expect(await hostFiles.isUnfilled(here, volume)).toBe(false);
});

test("a folder without anything in it, and none at all, fill nothing", () => {
  fs.mkdirSync(join(folder, "empty"));
  expect(packFolder(join(folder, "empty"))).toBeUndefined();
  expect(packFolder(join(folder, "none"))).toBeUndefined();
});

test("a file that cannot be read to its end is told, and nothing is filled", async () => {
  const data = join(folder, "shrinking");
  fs.mkdirSync(data);
  fs.writeFileSync(join(data, "a"), Buffer.alloc(200_000));
  const archive = packFolder(data)!;
  const volume = volumeAt("shrunk");
  const first = archive[Symbol.asyncIterator]();
  await first.next();
  fs.truncateSync(join(data, "a"), 10);
  const rest = async function* () {
    for (let next = await first.next(); next.done !== true; next = await first.next())
      yield next.value as Buffer;
  };
  await expect(hostFiles.fill(here, volume, Readable.from(rest()))).rejects.toThrow();
  expect(await hostFiles.isUnfilled(here, volume)).toBe(true);
});
