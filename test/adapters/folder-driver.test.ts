import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderDriver } from "../../provider/adapters/volume/drivers/folder-driver";
import { hostQuarantine } from "../../provider/adapters/volume/quarantine";
import type { Host, VolumeState } from "../../provider/core/adapter-ports";
import { folderOptions, folderOf } from "../../provider/core/volume/folder";

/** What the driver of folders does to folders, in the shell of this machine. */

let root: string;
let path: string;
let volumes: VolumeState[];
const label = () => volumes[0]?.labels["pulumi-ferry.folder"];

const host = {
  name: "here",
  shell: {
    script(script: string, args: string[]) {
      const { status, stdout, stderr } = spawnSync("sh", ["-s", "--", ...args], { input: script });
      const [out, err] = [stdout.toString(), stderr.toString()];
      return Promise.resolve({ exitCode: status ?? 1, stdout: out, stderr: err });
    },
  },
  docker: {
    info: () => Promise.resolve({ rootDirectory: "/var/lib/docker" }),
    containers: () => Promise.resolve([]),
    volume: (name: string) => Promise.resolve(volumes.find((each) => each.name === name)),
    createVolume(volume: VolumeState) {
      volumes.push(volume);
      return Promise.resolve(volume);
    },
    removeVolume(name: string) {
      volumes = volumes.filter((each) => each.name !== name);
      return Promise.resolve();
    },
  },
} as unknown as Host;

const make = (labels = {}) =>
  folderDriver.make(host, { name: "v", options: folderOptions(path), labels });
const copyProblem = (bytes = 0) => folderDriver.copyProblem(host, folderOptions(path), bytes);

beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "ferry-folder-")));
  path = join(root, "deep er", "app's\\data");
  volumes = [];
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

test("one that is not there is made, and goes with its volume", async () => {
  expect(await copyProblem()).toBeUndefined();
  const volume = await make();
  expect([label(), fs.existsSync(path)]).toEqual(["made", true]);
  fs.writeFileSync(join(path, ".hidden"), "x");
  await folderDriver.remove(host, volume);
  expect([volumes, fs.existsSync(path)]).toEqual([[], false]);
});

test("one that is empty is taken, and is empty again without its volume", async () => {
  fs.mkdirSync(path, { recursive: true });
  const volume = await make();
  fs.mkdirSync(join(path, "sub"));
  expect(label()).toBe("empty");
  await folderDriver.remove(host, volume);
  expect(fs.readdirSync(path)).toEqual([]);
});

test("what is in one is nothing to copy onto, and stays when its volume goes", async () => {
  fs.mkdirSync(path, { recursive: true });
  fs.writeFileSync(join(path, "theirs"), "x");
  expect(await copyProblem()).toMatch(/has something in it, and Ferry did not put it there/);
  const volume = await make();
  expect(label()).toBe("found");
  await folderDriver.remove(host, volume);
  expect([volumes, fs.readdirSync(path)]).toEqual([[], ["theirs"]]);
});

test("a link in its way, a file, and no room are refused in words", async () => {
  fs.mkdirSync(join(root, "real"));
  fs.symlinkSync("real", join(root, "deep er"));
  await expect(copyProblem()).rejects.toThrow(`is '${root}/real/app's\\data' there`);
  fs.rmSync(join(root, "deep er"));
  fs.mkdirSync(join(root, "deep er"));
  fs.writeFileSync(path, "");
  await expect(copyProblem()).rejects.toThrow(/is a file there/);
  fs.rmSync(path);
  expect(await copyProblem(1e18)).toMatch(/do not fit/);
});

test("one that is put aside gets another name beside it, in one step", async () => {
  await make({ "pulumi-ferry.volume": "shop/prod/apples/app" });
  fs.writeFileSync(join(path, "old"), "x");
  await hostQuarantine.keep(host, "v", 3);
  expect(fs.existsSync(path)).toBe(false);
  expect(fs.readdirSync(`${path}-aside-3`)).toEqual(["old"]);
  expect(volumes.map(({ name }) => name)).toEqual(["v-aside-3"]);
  expect(folderOf(volumes[0]!)).toBe(`${path}-aside-3`);
  expect(volumes[0]!.labels).toMatchObject({ "pulumi-ferry.aside": "shop/prod/apples/app" });
  expect(volumes[0]!.labels["pulumi-ferry.volume"]).toBeUndefined();
});
