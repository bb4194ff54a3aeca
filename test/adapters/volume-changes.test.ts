import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostFacts } from "../../provider/adapters/host/host-facts";
import type { Host } from "../../provider/core/adapter-ports";

let folder: string;
const volume = () => join(folder, "volume");
const at = (name: string) => join(volume(), name);
const journal = () => join(folder, "journal.json");

/** On this machine. */
function changed(file = journal()) {
  const script = (text: string, args: string[]) => {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", text, "sh", ...args]);
    return Promise.resolve({ exitCode: status, stdout: String(stdout), stderr: String(stderr) });
  };
  return hostFacts.changedSince(
    { name: "here", shell: { script } } as unknown as Host,
    volume(),
    file,
  );
}
/** Longer than a tick of the kernel's clock for files. */
const later = () => new Promise((done) => setTimeout(done, 20));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ferry-changes-"));
  mkdirSync(at("deep"), { recursive: true });
  for (const name of ["one", "deep/two"]) writeFileSync(at(name), name);
  await later();
  writeFileSync(journal(), "left");
  await later();
});

afterEach(() => rmSync(folder, { recursive: true }));

test("a volume that was left alone is as it was", async () => {
  expect(await changed()).toBeUndefined();
});

test.each<[string, () => void, string]>([
  ["what was written", () => writeFileSync(at("deep/two"), "new"), "./deep/two"],
  ["what was set back in time", () => utimesSync(at("one"), 0, 0), "./one"],
  ["what went from within it", () => rmSync(at("deep/two")), "./deep"],
  ["what went from it", () => rmSync(at("one")), "."],
])("%s is found", async (_name, change, name) => {
  change();
  expect(await changed()).toBe(name);
});

test("what came is found", async () => {
  writeFileSync(at("three"), "3");
  expect(await changed()).toMatch(/^\.\/three/);
});

test("without the journal nothing is known", async () => {
  await expect(changed(join(folder, "none"))).rejects.toThrow(
    /failed on host 'here': find: .*none/,
  );
});
