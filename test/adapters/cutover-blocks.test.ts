import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wherePython } from "./python-here";
import { hostProgram } from "../../provider/on-host/load";

const BLOCK_SOURCE = hostProgram("cutover/block_source.py");
const BLOCK_TARGET = hostProgram("cutover/block_target.py");
const SOURCE_SCRIPT = hostProgram("cutover/source.sh");

const MIB = 1 << 20;
const LARGE = 33 * MIB + 17;

let folder: string;
let source: string;
let target: string;

/** The agent of the source, as the move's key would run it. */
const agent = (word: string, input = Buffer.alloc(0)) =>
  execFileSync("sh", [join(folder, "served/agent"), join(folder, "served"), word, "0"], {
    input,
    maxBuffer: 256 * MIB,
    stdio: "pipe",
  });

const program = (word: string, input: Buffer, ...more: string[]) =>
  spawnSync("python3", ["-ISB", "blocks", word, "0", target, ...more], {
    cwd: join(folder, "key"),
    input,
  });

/** Random at its beginning, middle and end, and a hole between them. */
function large(path: string, size = LARGE): void {
  const file = openSync(path, "w");
  ftruncateSync(file, size);
  for (const at of [0, Math.floor(size / 2), size - 100]) writeSync(file, `at ${at}`, at);
  closeSync(file);
}

function overwrite(path: string, text: string, at: number): void {
  const file = openSync(path, "r+");
  writeSync(file, text, at);
  closeSync(file);
}

/** Both sides have the same files. */
function both(...names: string[]): void {
  for (const name of names) {
    mkdirSync(join(source, name, ".."), { recursive: true });
    large(join(source, name));
  }
  execFileSync("cp", ["-a", "--sparse=always", `${source}/.`, target]);
}

function takeSums(): void {
  writeFileSync(join(folder, "key/large-0"), agent("large"));
  expect(program("sum", Buffer.alloc(0), "60").status).toBe(0);
  agent("sums", readFileSync(join(folder, "key/sums-0")));
  renameSync(join(folder, "key/summed-0.new"), join(folder, "key/summed-0"));
}

/** What the cutover does once the source has stopped. */
function patch(listed: string[], truncate = (stream: Buffer) => stream) {
  writeFileSync(join(folder, "served/cut/rest-0"), listed.map((name) => `${name}\0`).join(""));
  const stream = truncate(agent("blocks"));
  const { status, stdout, stderr } = program("patch", stream);
  const handled = readFileSync(join(folder, "key/handled-0"), "utf8").split("\0").slice(0, -1);
  return { status, verdict: stdout.toString(), said: stderr.toString(), handled, stream };
}

const same = (name: string) =>
  readFileSync(join(source, name)).equals(readFileSync(join(target, name)));

const times = (path: string) => statSync(path, { bigint: true }).mtimeNs;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-blocks-"));
  [source, target] = [join(folder, "source"), join(folder, "target")];
  for (const each of ["source", "target", "key", "served/cut"]) {
    mkdirSync(join(folder, each), { recursive: true });
  }
  writeFileSync(join(folder, "served/agent"), SOURCE_SCRIPT);
  writeFileSync(join(folder, "served/blocks"), BLOCK_SOURCE);
  writeFileSync(join(folder, "served/0"), `${source}\n`);
  writeFileSync(join(folder, "served/cut/limit"), "0\n");
  writeFileSync(join(folder, "key/blocks"), BLOCK_TARGET);
});

afterEach(() => rmSync(folder, { recursive: true }));

wherePython("a large file that changed after sums of it were taken", () => {
  test.each<[string, (path: string) => void]>([
    ["in place", (path) => overwrite(path, "other", 20 * MIB)],
    ["at its very end", (path) => overwrite(path, "other", LARGE - 3)],
    ["by what was appended", (path) => writeFileSync(path, "more", { flag: "a" })],
    ["by a hole behind its end", (path) => truncateSync(path, LARGE + 5 * MIB)],
    ["by getting shorter", (path) => truncateSync(path, 1000)],
    ["by getting empty", (path) => truncateSync(path, 0)],
    [
      "by another one that took its name",
      (path) => {
        writeFileSync(`${path}.new`, Buffer.alloc(3 * MIB, 7));
        renameSync(`${path}.new`, path);
      },
    ],
    ["in its mode alone", (path) => chmodSync(path, 0o4750)],
    ["in its time alone", (path) => utimesSync(path, 1, 1234.567)],
  ])("%s arrives with its facts", (_name, change) => {
    both("a/heap");
    takeSums();
    change(join(source, "a/heap"));
    const { status, verdict, handled, stream } = patch(["a/heap"]);
    expect({ status, verdict, handled }).toEqual({
      status: 0,
      verdict: "nothing\n",
      handled: ["/a/heap"],
    });
    expect(same("a/heap")).toBe(true);
    expect(statSync(join(target, "a/heap")).mode).toBe(statSync(join(source, "a/heap")).mode);
    expect(times(join(target, "a/heap"))).toBe(times(join(source, "a/heap")));
    expect(stream.length).toBeLessThan(3.1 * MIB);
    expect(readFileSync(join(folder, "key/stats-0-blocks"), "utf8")).toMatch(
      /Total bytes received: \d+\n/,
    );
  });

  test("keeps its holes where it grew by zeros", () => {
    both("heap");
    takeSums();
    truncateSync(join(source, "heap"), 900 * MIB);
    patch(["heap"]);
    expect(statSync(join(target, "heap")).size).toBe(900 * MIB);
    expect(statSync(join(target, "heap")).blocks).toBeLessThan((LARGE + MIB) / 512);
  });

  test("is sent no faster than the limit allows", () => {
    both("heap");
    takeSums();
    overwrite(join(source, "heap"), "x".repeat(MIB), 4 * MIB);
    writeFileSync(join(folder, "served/cut/limit"), `${2 * MIB}\n`);
    const began = performance.now();
    expect(patch(["heap"]).status).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(450);
    expect(same("heap")).toBe(true);
  });
});

wherePython("what is left to rsync", () => {
  test("everything that is not a large file of one name, here and there", () => {
    both("heap", "gone", "became", "linked", "pat[t]ern", "folder/inner");
    writeFileSync(join(source, "small"), "small");
    takeSums();
    rmSync(join(source, "gone"));
    rmSync(join(source, "became"));
    symlinkSync("heap", join(source, "became"));
    linkSync(join(source, "linked"), join(source, "second"));
    overwrite(join(source, "heap"), "x", 5);
    const listed = ["./", "heap", "became", "linked", "second", "pat[t]ern", "small"];
    expect(patch(listed)).toMatchObject({ status: 0, verdict: "rest\n", handled: ["/heap"] });
    expect(same("heap")).toBe(true);
  });

  test("but not a large file that did not change in a folder that did", () => {
    both("a/heap", "a/still", "b/still");
    takeSums();
    overwrite(join(source, "a/heap"), "x", 5);
    const { handled, verdict } = patch(["./a/", "a/heap"]);
    expect(handled).toEqual(expect.arrayContaining(["/a/heap", "/a/still"]));
    expect(handled).toHaveLength(2);
    expect(verdict).toBe("rest\n");
  });

  test.each<[string, (path: string) => void]>([
    ["was written to since", (path) => overwrite(path, "zz", 7)],
    ["got another time", (path) => utimesSync(path, 5, 5)],
    ["went", (path) => rmSync(path)],
    [
      "became a link",
      (path) => {
        renameSync(path, join(folder, "outside"));
        symlinkSync(join(folder, "outside"), path);
      },
    ],
  ])("a file whose copy %s", (_name, change) => {
    both("heap");
    takeSums();
    change(join(target, "heap"));
    overwrite(join(source, "heap"), "other", 5);
    const copy = () =>
      existsSync(join(target, "heap"))
        ? createHash("sha256")
            .update(readFileSync(join(target, "heap")))
            .digest("hex")
        : "none";
    const before = copy();
    expect(patch(["heap"])).toMatchObject({ status: 0, verdict: "rest\n", handled: [] });
    expect(copy()).toBe(before);
  });

  test("a file below a link that the target has in a folder's place", () => {
    both("a/heap");
    renameSync(join(target, "a"), join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(target, "a"));
    takeSums();
    expect(readFileSync(join(folder, "key/summed-0"), "utf8")).toBe("");
  });

  test("a file below a link that the source has in a folder's place", () => {
    both("a/heap");
    takeSums();
    renameSync(join(source, "a"), join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(source, "a"));
    overwrite(join(folder, "elsewhere/heap"), "of the host", 5);
    for (const listed of [["a/heap"], ["./a/"]]) {
      expect(patch(listed)).toMatchObject({ status: 0, verdict: "rest\n", handled: [] });
    }
    expect(readFileSync(join(target, "a/heap"), "utf8")).not.toMatch(/of the host/);
  });

  test("all, when there is no time for sums", () => {
    both("heap");
    writeFileSync(join(folder, "key/large-0"), agent("large"));
    program("sum", Buffer.alloc(0), "-1");
    expect(readFileSync(join(folder, "key/summed-0.new"), "utf8")).toBe("");
  });
});

wherePython("the comparison by blocks fails", () => {
  test.each([0.1, 0.5, 0.999])("when only %d of what was sent arrives", (share) => {
    both("heap");
    takeSums();
    overwrite(join(source, "heap"), "x".repeat(MIB), 5 * MIB);
    const { status, said } = patch(["heap"], (stream) =>
      stream.subarray(0, Math.floor(stream.length * share)),
    );
    expect(status).not.toBe(0);
    expect(said).toMatch(/the source did not send all blocks/);
  });

  test("when the sums are none", () => {
    both("heap");
    agent("large");
    for (const text of [
      "",
      "sums-1 sha256 7\n",
      "sums-1 md5 131072\n",
      "sums-1 sha256 131072\nxxx",
    ]) {
      expect(() => agent("sums", Buffer.from(text))).toThrow();
    }
  });
});
