import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as fc from "fast-check";
import { hostProgram } from "../../provider/on-host/load";

const BLOCK_SOURCE = hostProgram("cutover/block_source.py");
const BLOCK_TARGET = hostProgram("cutover/block_target.py");
const SOURCE_SCRIPT = hostProgram("cutover/source.sh");
const DROP_SERVE_ROOT = hostProgram("move-key/drop-serve-root.sh");
const UNTRACE = hostProgram("move-key/untrace.sh");

/**
 * On this machine's own kernel and file system, where they have the trace that is built upon;
 * elsewhere files are read as a whole, which cutover-blocks.test.ts tests.
 */
const TRACE = `[ -d /sys/kernel/tracing/instances ] || mount -t tracefs tracefs /sys/kernel/tracing
  test -d /sys/kernel/tracing/events/iomap/iomap_dio_rw_begin && test "$(stat -f -c %T ${tmpdir()})" = ext2/ext3 &&
  command -v python3`;
const traced = spawnSync("unshare", ["-m", "sh", "-c", TRACE]).status === 0;
const where = traced ? describe : describe.skip;

const MIB = 1 << 20;
const SIZE = 40 * MIB + 123;
jest.setTimeout(120_000);

let folder: string;
let served: string;
let source: string;
let target: string;

const agent = (word: string, input = Buffer.alloc(0)) =>
  execFileSync("sh", [join(served, "agent"), served, word, "0"], {
    input,
    maxBuffer: 256 * MIB,
  });

const python = (text: string, ...args: string[]) =>
  execFileSync("python3", ["-ISBc", text, ...args], { cwd: source });

const target3 = (word: string, input: Buffer, ...more: string[]) =>
  execFileSync("python3", ["-ISB", "blocks", word, "0", target, ...more], {
    cwd: join(folder, "key"),
    input,
  });

/**
 * How much of the two files is read, in bytes, and what is sent of them, once they have been
 * written to no more.
 */
function cutOver(...names: string[]): { read: number; sent: number } {
  writeFileSync(join(served, "cut/rest-0"), names.map((name) => `${name}\0`).join(""));
  const script = `sh "$1/agent" "$1" blocks 0 >"$2"; sed -n 's/^rchar: //p' "/proc/$$/io"`;
  const stream = join(folder, "stream");
  const read = execFileSync("sh", ["-c", script, "sh", served, stream]);
  const sent = readFileSync(stream);
  target3("patch", sent);
  return { read: Number(read), sent: sent.length };
}

const equal = (name: string) =>
  spawnSync("cmp", [join(source, name), join(target, name)]).status === 0;

const instances = () =>
  execFileSync("unshare", [
    ...["-m", "sh", "-c"],
    "[ -d /sys/kernel/tracing/instances ] || mount -t tracefs t /sys/kernel/tracing; ls /sys/kernel/tracing/instances",
  ]).toString();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-watch-"));
  [source, target] = [join(folder, "source"), join(folder, "target")];
  // The kernel's trace is named after it, and the kernel is everybody's.
  served = join(folder, basename(folder));
  for (const each of [source, target, join(folder, "key"), join(served, "cut")]) {
    mkdirSync(each, { recursive: true });
  }
  writeFileSync(join(served, "agent"), SOURCE_SCRIPT);
  writeFileSync(join(served, "blocks"), BLOCK_SOURCE);
  writeFileSync(join(served, "0"), `${source}\n`);
  writeFileSync(join(served, "cut/limit"), "0\n");
  writeFileSync(join(folder, "key/blocks"), BLOCK_TARGET);
});

afterEach(() => {
  untrace();
  rmSync(folder, { recursive: true });
});

/** As the library does it, in this test's own folder. */
function untrace(): void {
  execFileSync("sh", ["-c", `${UNTRACE}\nuntrace "$1"`, "sh", served]);
}

/**
 * Both sides have the files `log` and `heap`, the target has been summed, and the source is
 * watched.
 */
function begin(): void {
  for (const name of ["log", "heap"]) {
    execFileSync("sh", ["-c", `head -c ${SIZE} /dev/urandom >"$1"`, "sh", join(source, name)]);
  }
  execFileSync("cp", ["-a", `${source}/.`, target]);
  writeFileSync(join(folder, "key/large-0"), agent("large"));
  target3("sum", Buffer.alloc(0), "60");
  agent("sums", readFileSync(join(folder, "key/sums-0")));
  execFileSync("mv", [join(folder, "key/summed-0.new"), join(folder, "key/summed-0")]);
  agent("watch");
}

where("what the kernel notes of a large file", () => {
  test("spares the cutover what was not written to: an appended file is read at its end alone", () => {
    begin();
    python("open('log', 'ab').write(b'more' * 1000)");
    const { read, sent } = cutOver("log");
    expect(equal("log")).toBe(true);
    expect(sent).toBeLessThan(100_000);
    expect(read).toBeLessThan(20 * MIB);
  });

  test("is begun with what differed by then: the sums are of the target's copy", () => {
    for (const name of ["log", "heap"]) {
      execFileSync("sh", ["-c", `head -c ${SIZE} /dev/urandom >"$1"`, "sh", join(source, name)]);
    }
    execFileSync("cp", ["-a", `${source}/.`, target]);
    python("f = open('heap', 'r+b'); f.seek(5_000_000); f.write(b'x' * 8192)");
    writeFileSync(join(folder, "key/large-0"), agent("large"));
    target3("sum", Buffer.alloc(0), "60");
    agent("sums", readFileSync(join(folder, "key/sums-0")));
    execFileSync("mv", [join(folder, "key/summed-0.new"), join(folder, "key/summed-0")]);
    agent("watch");
    const { sent } = cutOver("heap", "log");
    expect(equal("heap")).toBe(true);
    expect(sent).toBeLessThan(100_000);
  });

  test("is not asked for a file outside that a link leads to, in the place of a folder", () => {
    const heap = "mkdir -p a && head -c 40000000 /dev/urandom >a/heap";
    execFileSync("sh", ["-c", heap], { cwd: source });
    execFileSync("cp", ["-a", `${source}/.`, target]);
    writeFileSync(join(folder, "key/large-0"), agent("large"));
    target3("sum", Buffer.alloc(0), "60");
    agent("sums", readFileSync(join(folder, "key/sums-0")));
    execFileSync("sh", ["-c", "mv a ../elsewhere && ln -s ../elsewhere a"], { cwd: source });
    agent("watch");
    expect(existsSync(join(served, "cut/watched-0"))).toBe(false);
  });

  const WAYS: Record<string, string> = {
    "a write": "import os; f = os.open(n, os.O_RDWR); os.pwrite(f, b'y' * length, at)",
    "a write that is put on disk":
      "import os; f = os.open(n, os.O_RDWR); os.pwrite(f, b'z' * length, at); os.fsync(f); os.pwrite(f, b'Z', at)",
    "a memory map": `import mmap
f = open(n, 'r+b'); m = mmap.mmap(f.fileno(), 0); end = min(len(m), at + length); m[at:end] = b'm' * (end - at); m.flush()
m[at:end] = b'M' * (end - at)`,
    "direct I/O": `import mmap, os
f = os.open(n, os.O_RDWR | os.O_DIRECT); m = mmap.mmap(-1, 4096); m.write(b'd' * 4096); os.pwritev(f, [m], at // 4096 * 4096)`,
    "a truncation, and growth": `import os
f = os.open(n, os.O_RDWR); size = os.fstat(f).st_size; os.ftruncate(f, at); os.ftruncate(f, size + length)`,
    "a truncation, and growth by writing": `import os
f = os.open(n, os.O_RDWR); size = os.fstat(f).st_size; os.ftruncate(f, at); os.pwrite(f, b't' * (size - at), at)`,
    "a hole":
      "import subprocess; subprocess.check_call(['fallocate', '-p', '-o', str(at), '-l', str(length), n])",
    zeros:
      "import subprocess; subprocess.check_call(['fallocate', '-z', '-o', str(at), '-l', str(length), n])",
    "another file of this name": `import os, shutil
shutil.copy(n, n + '.new'); f = os.open(n + '.new', os.O_RDWR); os.pwrite(f, b'o' * length, at); os.rename(n + '.new', n)`,
    "its end": "open(n, 'ab').write(b'e' * length)",
  };

  test.each(Object.entries(WAYS))("misses no change by %s", (_way, text) => {
    begin();
    python(`n, at, length = 'heap', 7_777_777, 30_000\n${text}`);
    python(`n, at, length = 'log', 39 * 2**20, 3_000_000\n${text}`);
    cutOver("heap", "log");
    expect([equal("heap"), equal("log")]).toEqual([true, true]);
  });

  test("misses none of many changes, whatever comes after whatever", () => {
    const change = fc.record({
      way: fc.constantFrom(...Object.keys(WAYS)),
      name: fc.constantFrom("heap", "log"),
      at: fc.integer({ min: 0, max: SIZE }),
      length: fc.integer({ min: 1, max: 200_000 }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        rmSync(source, { recursive: true });
        rmSync(target, { recursive: true });
        mkdirSync(source);
        mkdirSync(target);
        untrace();
        rmSync(join(served, "cut"), { recursive: true });
        mkdirSync(join(served, "cut"));
        writeFileSync(join(served, "cut/limit"), "0\n");
        begin();
        for (const { way, name, at, length } of changes) {
          python(`n, at, length = '${name}', ${at}, ${length}\n${WAYS[way]}`);
        }
        cutOver("heap", "log");
        const summed = readFileSync(join(folder, "key/handled-0"), "utf8");
        for (const name of ["heap", "log"]) {
          // Another file of this name may have too few bytes to be looked at by blocks; then rsync
          // has it.
          if (summed.includes(`/${name}\0`)) expect(equal(name)).toBe(true);
        }
      }),
      { numRuns: 5 },
    );
  });

  test("goes with the move", () => {
    begin();
    expect(instances()).toContain(`ferry-${basename(served)}`);
    untrace();
    expect(instances()).not.toContain(`ferry-${basename(served)}`);
    expect(DROP_SERVE_ROOT).toContain("untrace");
  });
});
