import { spawnSync } from "child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { REPLACE } from "../../provider/adapters/lease/host-leases";
import { LET_GO } from "../../provider/adapters/volume/let-go";

let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ferry-leases-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The script as it runs on a host. */
function sh(script: string, ...args: string[]): number | null {
  return spawnSync("sh", ["-s", "--", ...args], { input: script }).status;
}

test("a lease takes the place of the text that was read alone, and leaves no folder behind", () => {
  const [dir, path] = [join(folder, "a", "volumes"), join(folder, "a", "volumes", "x.json")];
  expect(sh(REPLACE, dir, path, "{old}", "{new}")).toBe(47);
  expect(sh(REPLACE, dir, path, "", "{it's}")).toBe(0);
  expect(sh(REPLACE, dir, path, "", "{other}")).toBe(47);
  expect(readFileSync(path, "utf8")).toBe("{it's}\n");
  expect(sh(REPLACE, dir, path, "{it's}", "{new}")).toBe(0);
  expect(readFileSync(path, "utf8")).toBe("{new}\n");
  expect(sh(REPLACE, dir, path, "{new}", "")).toBe(0);
  expect(existsSync(join(folder, "a"))).toBe(false);
});

/** The script with a `flock` of the test's in the place of the host's. */
function withFlock(text: string, ...args: string[]) {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "flock"), `#!/bin/sh\n${text}\n`);
  chmodSync(join(bin, "flock"), 0o755);
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
  return spawnSync("sh", ["-s", "--", ...args], { input: REPLACE, env, encoding: "utf8" });
}

test("a folder that somebody takes away while it is waited for is no lock", () => {
  const [dir, path] = [join(folder, "volumes"), join(folder, "volumes", "x.json")];
  // Whoever had it goes with the folder, and another one comes to a new folder of that name.
  const taken = `[ -e ${folder}/once ] || { : >${folder}/once; rmdir ${dir}; mkdir ${dir}; }`;
  const counted = `echo >>${folder}/locked; ${taken}`;
  expect(withFlock(counted, dir, path, "", "{new}").status).toBe(0);
  expect(readFileSync(join(folder, "locked"), "utf8")).toHaveLength(2);
  expect(readFileSync(path, "utf8")).toBe("{new}\n");
});

test("one that somebody holds for ever is told, and nothing is written", () => {
  const [dir, path] = [join(folder, "volumes"), join(folder, "volumes", "x.json")];
  const { status, stderr } = withFlock("exit 1", dir, path, "", "{new}");
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^somebody else holds .*volumes$/m)]);
  expect(existsSync(path)).toBe(false);
});

test("a host without flock refuses: without a lock two could have one volume", () => {
  const few = join(folder, "few");
  mkdirSync(few);
  for (const name of ["sh", "mkdir", "cat", "mktemp", "mv", "rm", "rmdir", "sync"]) {
    spawnSync("sh", ["-c", `ln -s "$(command -v ${name})" ${few}/`]);
  }
  const dir = join(folder, "volumes");
  const { status, stderr } = spawnSync("sh", ["-s", "--", dir, join(dir, "x"), "", "{new}"], {
    ...{ input: REPLACE, env: { PATH: few }, encoding: "utf8" },
  });
  expect([status, stderr.trim()]).toEqual([
    127,
    "flock is not installed there (it is part of util-linux)",
  ]);
  expect(existsSync(join(dir, "x"))).toBe(false);
});

test("a host has let go of a folder where nothing is mounted, and not of one where something is", () => {
  expect(sh(LET_GO, folder, "0")).toBe(0);
  const [, , , , root = "/"] = readFileSync("/proc/1/mountinfo", "utf8").split("\n")[1]!.split(" ");
  expect(sh(LET_GO, root, "0")).toBe(46);
  expect(sh(LET_GO, `${folder}/with space`, "0")).toBe(0);
});
