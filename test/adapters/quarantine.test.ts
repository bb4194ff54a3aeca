import { spawnSync } from "child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { hostQuarantine } from "../../provider/adapters/volume/quarantine";
import { LABELS } from "../../provider/core/identity";
import type { Host, VolumeState } from "../../provider/core/adapter-ports";

let folder: string;
let volumes: Map<string, VolumeState>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-aside-"));
  volumes = new Map();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Docker's volumes as folders of this machine, and its `sh`. */
function host(): Host {
  const createVolume: Host["docker"]["createVolume"] = ({ name, driver, options, labels }) => {
    const mountpoint = join(folder, name, "_data");
    mkdirSync(mountpoint, { recursive: true });
    const made = volumes.get(name) ?? { name, driver, options, labels, mountpoint };
    volumes.set(name, made);
    return Promise.resolve(made);
  };
  const removeVolume = (name: string) => {
    rmSync(join(folder, name), { recursive: true });
    volumes.delete(name);
    return Promise.resolve();
  };
  const script = (text: string, args: readonly string[]) => {
    const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}` };
    const done = spawnSync("sh", ["-s", "--", ...args], { input: text, env });
    const [stdout, stderr] = [done.stdout.toString(), done.stderr.toString()];
    return Promise.resolve({ exitCode: done.status ?? 1, stdout, stderr });
  };
  const volume = (name: string) => Promise.resolve(volumes.get(name));
  return {
    name: "node1",
    docker: { volume, createVolume, removeVolume },
    shell: { script },
  } as never;
}

async function data(...files: string[]) {
  const labels = { [LABELS.volume]: "shop/prod/apples/data" };
  const { mountpoint } = await host().docker.createVolume({
    ...{ name: "apples_data", driver: "local", options: {}, labels },
  });
  for (const file of files) writeFileSync(join(mountpoint, file), file);
}

const filesOf = (name: string) => readdirSync(join(folder, name, "_data")).sort();

/** A program of the host's that fails from here on. */
function failing(program: string, says: string): void {
  mkdirSync(join(folder, "bin"));
  const file = join(folder, "bin", program);
  writeFileSync(file, `#!/bin/sh\necho '${says}' >&2\nexit 1\n`);
  chmodSync(file, 0o755);
}

/** As full as a disk may be in the middle of it; then it has room again. */
async function interrupt(): Promise<void> {
  failing("chown", "no space left");
  await expect(hostQuarantine.keep(host(), "apples_data", 3)).rejects.toThrow(
    "nothing was deleted",
  );
  rmSync(join(folder, "bin"), { recursive: true });
}

test("one that was interrupted is gone on with in the same place", async () => {
  await data("a", "b");
  await interrupt();
  await data("c");
  await hostQuarantine.keep(host(), "apples_data", 3);
  expect([...volumes.keys()]).toEqual(["apples_data-aside-3"]);
  expect(filesOf("apples_data-aside-3")).toEqual(["a", "b", "c"]);
});

test("after a destroy epochs begin anew: what was put aside before is neither written over nor in the way", async () => {
  for (let time = 0; time < 3; time++) {
    await data("a");
    await hostQuarantine.keep(host(), "apples_data", 1);
  }
  expect([...volumes.keys()]).toEqual([
    "apples_data-aside-1",
    "apples_data-aside-1-2",
    "apples_data-aside-1-3",
  ]);
  for (const name of volumes.keys()) expect(filesOf(name)).toEqual(["a"]);
});

test("one that cannot even be noted leaves no volume behind, however often it is tried", async () => {
  await data("a");
  failing("sync", "no space left");
  for (let time = 0; time < 2; time++) {
    await expect(hostQuarantine.keep(host(), "apples_data", 3)).rejects.toThrow("no space left");
  }
  expect([...volumes.keys()]).toEqual(["apples_data"]);
  expect(filesOf("apples_data")).toEqual(["a"]);
});

test("a volume that was used again after it was interrupted goes to a place of its own", async () => {
  await data("a");
  await interrupt();
  await data("a");
  await hostQuarantine.keep(host(), "apples_data", 5);
  expect(filesOf("apples_data-aside-3")).toEqual(["a"]);
  expect(filesOf("apples_data-aside-5")).toEqual(["a"]);
});
