import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostFacts } from "../../provider/adapters/host/host-facts";
import type { Host } from "../../provider/core/adapter-ports";

const namespaces = spawnSync("unshare", ["-m", "true"]).status === 0;

let folder: string;
const at = (name: string) => join(folder, "volume", name);

/** On this machine, once the command was run beside it. */
function ties(before = "") {
  const own = namespaces ? ["unshare", "-m"] : ["env"];
  const script = (text: string, args: string[]) => {
    const argv = [...own.slice(1), "sh", "-c", `${before}\n${text}`, "sh", ...args];
    const { status, stdout, stderr } = spawnSync(own[0]!, argv, { cwd: at("") });
    return Promise.resolve({ exitCode: status, stdout: String(stdout), stderr: String(stderr) });
  };
  return hostFacts.ties({ name: "here", shell: { script } } as unknown as Host, at(""));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-ties-"));
  mkdirSync(at("a b/deep\n1"), { recursive: true });
  for (const name of ["one", "a b/two", "a b/deep\n1/three"]) writeFileSync(at(name), name);
});

afterEach(() => rmSync(folder, { recursive: true }));

test("a volume of files, folders and links among them has none", async () => {
  linkSync(at("one"), at("a b/deep\n1/second"));
  linkSync(at("one"), at("a b/third"));
  expect(await ties()).toEqual({});
});

test("files with a name outside are counted once, however many they have inside", async () => {
  linkSync(at("one"), join(folder, "outside"));
  linkSync(at("one"), at("a b/second"));
  linkSync(at("a b/deep\n1/three"), join(folder, "outside too"));
  expect(await ties()).toEqual({
    linked: {
      count: 2,
      name: expect.stringMatching(/^(one|a b\/second|a b\/deep\?1\/three)$/) as string,
    },
  });
});

test("a name that comes and goes is none", async () => {
  linkSync(at("one"), join(folder, "outside"));
  expect(await ties("sort() { command sort; rm -f ../outside; }")).toEqual({});
});

(namespaces ? test : test.skip)("another file system in it is told before all else", async () => {
  linkSync(at("one"), join(folder, "outside"));
  expect(await ties("mount -t tmpfs none 'a b/deep\n1'")).toEqual({ mounted: "a b/deep?1" });
});

test("a folder that is not there is said", async () => {
  await expect(ties('cd /; rm -r "$1"')).rejects.toThrow(
    /looking through .* failed on host 'here'/,
  );
});
