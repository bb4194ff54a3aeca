import { spawnSync } from "child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "fs";
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

test("a host has let go of a folder where nothing is mounted, and not of one where something is", () => {
  expect(sh(LET_GO, folder, "0")).toBe(0);
  const [, , , , root = "/"] = readFileSync("/proc/1/mountinfo", "utf8").split("\n")[1]!.split(" ");
  expect(sh(LET_GO, root, "0")).toBe(46);
  expect(sh(LET_GO, `${folder}/with space`, "0")).toBe(0);
});
