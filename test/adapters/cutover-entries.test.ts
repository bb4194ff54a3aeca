import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { allThatIsKept } from "./all-that-is-kept";
import { wherePython } from "./python-here";
import { hostProgram } from "../../provider/on-host/load";
import { withParts } from "./on-host/here";

const ENTRIES_SOURCE = hostProgram("cutover/entries_source.py");
const ENTRIES_TARGET = hostProgram("cutover/entries_target.py");
const BEGIN_ROUND = hostProgram("volume/begin-round.sh");

const WORDS = `set -u
LC_ALL=C
export LC_ALL
here=$1
lists_of=$here/cut
${withParts("host/wall.sh", "cutover/source-changes.sh", "cutover/source-lists.sh")}`;

let folder: string;
let here: string;
let source: string;
let target: string;

const sh = (script: string, ...args: string[]) =>
  execFileSync("sh", ["-c", script, "sh", ...args], { maxBuffer: 1 << 28 });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-entries-"));
  [here, source, target] = ["served", "source", "target"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [join(here, "cut"), source, target]) mkdirSync(each, { recursive: true });
  writeFileSync(join(here, "0"), `${source}\n`);
  writeFileSync(join(here, "cut/limit"), "0\n");
  writeFileSync(join(here, "entries"), ENTRIES_SOURCE);
  for (const each of ["a", "a/deep", "b", "quiet"]) mkdirSync(join(source, each));
  for (const each of ["a/one", "a/two", "a/deep/three", "b/one", "quiet/still", "n\new", "-rf"]) {
    writeFileSync(join(source, each), `${each} at first`);
  }
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Both sides have the same, and that is what the cutover builds upon. */
function begin(): void {
  sh('cp -a "$1/." "$2"', source, target);
  sh(BEGIN_ROUND, here, "0");
  const [, offset = ""] = readFileSync(join(here, "cut/next-0"), "utf8").trim().split(" ");
  // What is taken off the round's beginning would hold all that the test has made so far.
  const now = execFileSync("date", ["+%s.%N"], { encoding: "utf8" }).trim();
  writeFileSync(join(here, "cut/base-0"), `${now} ${offset}\n`);
  sh("sleep 0.02");
}

/**
 * What the cutover does once the source has stopped; "small", "rest" and so on, with what came of
 * it.
 */
function cutOver(truncate = (stream: Buffer) => stream) {
  const which = sh(`${WORDS}\nchanges 0 && which_of 0`, here).toString().trim();
  const list = (name: string) =>
    readFileSync(join(here, `cut/${name}-0`), "utf8")
      .split("\0")
      .slice(0, -1);
  const stream = truncate(sh(`${WORDS}\nentries 0`, here));
  const { status, stderr } = spawnSync(
    "python3",
    ["-ISBc", ENTRIES_TARGET, target, join(folder, "missing"), join(folder, "stats")],
    { input: stream },
  );
  const missing = readFileSync(join(folder, "missing"), "utf8").split("\0").slice(0, -1);
  return { which, rest: list("rest"), list: list("list"), missing, status, said: String(stderr) };
}

const attribute = (words: string, path: string) =>
  execFileSync("python3", ["-ISBc", `import os, sys; ${words}`, path]).toString();

const at = (name: string) => join(source, name);

const socket = (path: string) =>
  attribute("import socket; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", path);

wherePython("what changed of a volume, but for what is rsync's", () => {
  const CHANGES: Record<string, () => void> = {
    "a file written to": () => {
      appendFileSync(at("a/one"), " more");
      writeFileSync(at("n\new"), "");
      truncateSync(at("-rf"), 2);
    },
    "a file replaced by another": () => {
      writeFileSync(at("a/one.new"), "another");
      renameSync(at("a/one.new"), at("a/one"));
    },
    "files that came and went": () => {
      rmSync(at("a/two"));
      writeFileSync(at("b/new"), "new");
      renameSync(at("a/one"), at("b/moved"));
    },
    "a folder that went, with all that was in it": () => rmSync(at("a"), { recursive: true }),
    "a file where a folder was": () => {
      rmSync(at("a/deep"), { recursive: true });
      writeFileSync(at("a/deep"), "a file");
    },
    "modes, times and attributes": () => {
      chmodSync(at("a/one"), 0o4711);
      chmodSync(at("b"), 0o2770);
      utimesSync(at("quiet"), 1000, 2000);
      for (const name of ["a", "-rf"])
        attribute("os.setxattr(sys.argv[1], 'user.word', b'it')", at(name));
    },
    "holes, and zeros": () => {
      truncateSync(at("a/one"), 900_000);
      writeFileSync(at("a/two"), Buffer.alloc(100_000));
      writeFileSync(at("b/one"), Buffer.concat([Buffer.alloc(8192), Buffer.from("end")]));
    },
  };

  test.each(Object.entries(CHANGES))("%s", (_name, change) => {
    begin();
    change();
    const { which, missing, list, status, said } = cutOver();
    expect({ which, status, said }).toEqual({ which: "small", status: 0, said: "" });
    expect(list).toEqual(expect.arrayContaining(missing));
    expect(allThatIsKept(target)).toBe(allThatIsKept(source));
  });

  test("extended attributes come along, and go", () => {
    attribute("os.setxattr(sys.argv[1], 'user.old', b'it')", at("a/one"));
    begin();
    attribute("os.removexattr(sys.argv[1], 'user.old')", at("a/one"));
    CHANGES["modes, times and attributes"]!();
    expect(cutOver().status).toBe(0);
    const found = ["a/one", "a", "-rf"].map((name) =>
      attribute("print(os.listxattr(sys.argv[1]))", join(target, name)),
    );
    expect(found).toEqual(["[]\n", "['user.word']\n", "['user.word']\n"]);
  });

  test("a file with holes has them there as well", () => {
    begin();
    truncateSync(at("a/one"), 900_000);
    cutOver();
    expect(lstatSync(join(target, "a/one")).blocks).toBeLessThan(100);
  });

  test("all of it, whatever comes after whatever", () => {
    const change = fc.constantFrom(...Object.keys(CHANGES));
    const names = fc.uniqueArray(change, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(names, (several) => {
        sh('rm -rf "$1"/* "$2"/*; mkdir -p "$1/a/deep" "$1/b" "$1/quiet"', source, target);
        for (const each of ["a/one", "a/two", "a/deep/three", "b/one", "quiet/still", "-rf"])
          writeFileSync(at(each), each);
        writeFileSync(at("n\new"), "");
        begin();
        for (const name of several) {
          try {
            CHANGES[name]!();
          } catch {
            // Not after the one before.
          }
        }
        expect(cutOver().status).toBe(0);
        expect(allThatIsKept(target)).toBe(allThatIsKept(source));
      }),
      { numRuns: 8 },
    );
  });

  test("a file whose other name went is a file of its own there as well", () => {
    linkSync(at("a/one"), at("b/linked"));
    begin();
    writeFileSync(at("b/linked.new"), "its own now");
    renameSync(at("b/linked.new"), at("b/linked"));
    expect(cutOver().which).toBe("small");
    expect(readFileSync(join(target, "a/one"), "utf8")).toBe("a/one at first");
    expect(allThatIsKept(target)).toBe(allThatIsKept(source));
  });

  test("leaves links, large files and new folders to rsync, and says so", () => {
    begin();
    symlinkSync("a", at("link"));
    linkSync(at("a/one"), at("b/hard"));
    writeFileSync(at("b/large"), Buffer.alloc((1 << 20) + 1, "x"));
    mkdirSync(at("new"));
    const { which, rest, missing, list } = cutOver();
    expect(which).toBe("some");
    expect([...rest].sort()).toEqual(["./a/one", "./b/hard", "./b/large", "./link", "./new/"]);
    expect([...missing].sort()).toEqual(["b/hard", "b/large", "link", "new"]);
    const accounted = list.map((name) => name.replace(/^(\.\/)+|\/$/g, ""));
    expect(accounted).toEqual(expect.arrayContaining(missing));
  });

  test("sockets and devices are no names: the copy neither lacks them nor keeps its own", () => {
    begin();
    socket(join(target, "a/old.sock"));
    for (const name of ["a/new.sock", "a/one.sock"]) socket(at(name));
    writeFileSync(join(target, "a/one.sock"), "a file before");
    // Not every machine lets even root make one.
    spawnSync("mknod", [at("a/null"), "c", "1", "3"]);
    sh('mkfifo "$1"', at("a/pipe"));
    const { missing, status, said } = cutOver();
    expect({ missing, status, said }).toEqual({ missing: ["a/pipe"], status: 0, said: "" });
    expect(readdirSync(join(target, "a")).sort()).toEqual(["deep", "one", "two"]);
    expect(lstatSync(join(target, "a")).mtimeMs).toBe(lstatSync(at("a")).mtimeMs);
  });

  test("tells of a name that the copy lacks though it never changed", () => {
    begin();
    rmSync(join(target, "a/two"));
    appendFileSync(at("a/one"), "x");
    rmSync(at("a/deep/three"));
    writeFileSync(at("a/new"), "x");
    expect(cutOver().missing).toContain("a/two");
  });

  test("never writes or removes through a link on the target", () => {
    const outside = join(folder, "outside");
    mkdirSync(join(outside, "deep"), { recursive: true });
    writeFileSync(join(outside, "deep/precious"), "precious");
    writeFileSync(join(outside, "one"), "precious");
    begin();
    rmSync(join(target, "a"), { recursive: true });
    symlinkSync(outside, join(target, "a"));
    appendFileSync(at("a/one"), "x");
    rmSync(at("a/deep/three"));
    const { status, said } = cutOver();
    expect(status).not.toBe(0);
    expect(said).toMatch(/^(Not a directory|Too many levels of symbolic links)\n$/);
    expect(readdirSync(join(outside, "deep"))).toEqual(["precious"]);
    expect(readFileSync(join(outside, "one"), "utf8")).toBe("precious");
  });

  test("replaces a link in a file's place, and not what it leads to", () => {
    const outside = join(folder, "precious");
    writeFileSync(outside, "precious");
    begin();
    rmSync(join(target, "a/one"));
    symlinkSync(outside, join(target, "a/one"));
    appendFileSync(at("a/one"), "x");
    expect(cutOver().status).toBe(0);
    expect(readFileSync(outside, "utf8")).toBe("precious");
    expect(readFileSync(join(target, "a/one"), "utf8")).toBe("a/one at firstx");
  });

  test("that arrives in part fails, and says why", () => {
    begin();
    appendFileSync(at("a/one"), "x");
    const { status, said } = cutOver((stream) => stream.subarray(0, -3));
    expect({ status, said }).toEqual({
      status: 1,
      said: "the source did not send all that changed\n",
    });
  });

  test("is sent no faster than the limit allows", () => {
    begin();
    writeFileSync(at("a/one"), Buffer.alloc(300_000, "x"));
    writeFileSync(join(here, "cut/limit"), "500000\n");
    const began = performance.now();
    expect(cutOver().status).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(590);
  });

  test("without the program is rsync's, folders with all that they have", () => {
    begin();
    rmSync(join(here, "entries"));
    rmSync(at("a/two"));
    appendFileSync(at("b/one"), "x");
    const which = sh(`${WORDS}\nchanges 0 && which_of 0`, here).toString().trim();
    expect(which).toBe("rest");
    const rest = readFileSync(join(here, "cut/rest-0"), "utf8").split("\0").slice(0, -1);
    expect([...rest].sort()).toEqual(["./a/", "./b/one"]);
  });
});
