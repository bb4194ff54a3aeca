import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { unpackArgv } from "../../provider/adapters/volume/relay-mover";
import { wherePython } from "./python-here";
import { ServedHere } from "./served-here";
import { hostProgram } from "../../provider/on-host/load";

const BLOCK_TARGET = hostProgram("cutover/block_target.py");
const ENTRIES_TARGET = hostProgram("cutover/entries_target.py");
const LARGE_TARGET = hostProgram("first-copy/large-target.sh");
const SMALL_TARGET = hostProgram("first-copy/small-target.sh");

/**
 * A source that means harm: its root belongs to somebody else by now. Whatever names it gives, and
 * whatever lies in the volume already, the target's root writes and removes nothing outside of the
 * volume.
 */

let side: ServedHere;
let outside: string;
const MIB = 2 ** 20;

beforeEach(() => {
  side = new ServedHere({});
  outside = join(side.folder, "outside");
  mkdirSync(join(outside, "kept"), { recursive: true });
  writeFileSync(join(outside, "kept/precious"), "precious");
  symlinkSync(outside, join(side.target, "link"));
  symlinkSync(join(outside, "new"), join(side.target, "dangling"));
  symlinkSync(join(outside, "kept/precious"), join(side.target, "file-link"));
  writeFileSync(join(side.folder, "precious"), "precious");
});

afterEach(() => side.remove());

/** All that lies beside the volume, but for what a receiver keeps in its own folder. */
function beside(): string[] {
  const all = spawnSync("find", [side.folder, "-not", "-path", `${side.target}/*`], {
    encoding: "utf8",
  });
  return all.stdout.split("\n").sort();
}

function expectUntouched(before: readonly string[], own: readonly string[] = []): void {
  const mine = own.map((name) => join(side.folder, name));
  expect(beside().filter((path) => !mine.includes(path))).toEqual(
    before.filter((path) => !mine.includes(path)),
  );
  for (const path of ["outside/kept/precious", "precious"]) {
    expect(readFileSync(join(side.folder, path), "utf8")).toBe("precious");
  }
}

const NAMES = [
  "/../x",
  "../x",
  "./../x",
  "./a/../../x",
  "..",
  "./..",
  "a/..",
  ".",
  "./",
  "",
  "a/",
  "./link/x",
  "./link/kept/x",
  "./dangling",
  "./file-link",
  "./link",
];

describe("large files", () => {
  const SIZE = 10;
  /** What the source says: whatever list was prepared, and ten bytes for each file. */
  const lie = (records: readonly string[]) => {
    writeFileSync(join(side.folder, "lie"), records.map((record) => `${record}\0`).join(""));
    side.program(
      "ssh",
      `case $4 in plain-*) cat "${side.folder}/lie" ;; *) printf 0123456789 ;; esac`,
    );
  };
  const record = (name: string) => `1:2 ${SIZE} 8 1000000000 ${name}`;

  test.each([...NAMES, "/outside-by-root"])("named '%s' are not written", (name) => {
    const absolute = name.startsWith("/") ? `${outside}${name}` : name;
    lie([record(absolute), record("./good/one")]);
    const before = beside();
    side.firstCopy(LARGE_TARGET);
    expectUntouched(before, ["large"]);
    expect(readFileSync(join(side.target, "good/one"), "utf8")).toBe("0123456789");
  });

  test.each(["bash", "dash"])("figures are no program for the target's shell, %s", (shell) => {
    side.program("sh", `exec ${shell} "$@"`);
    const mark = join(side.folder, "ran");
    const evil = `a[$(touch$IFS${mark})]`;
    lie([
      `1:2 ${SIZE} ${evil} 1000000000 ./x`,
      `1:2 ${evil} 8 1000000000 ./y`,
      `1:2 ${SIZE} 8 ${evil} ./z`,
    ]);
    side.firstCopy(LARGE_TARGET);
    side.program("ssh", `echo '${evil}'`);
    side.firstCopy(SMALL_TARGET);
    expect(existsSync(mark)).toBe(false);
  });
});

wherePython("small files and what changed", () => {
  const word = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const facts = () => {
    const given = Buffer.alloc(20);
    given.writeUInt32BE(0o600, 0);
    return given;
  };
  const record = (kind: string, path: string, data: string) => {
    const parts = [Buffer.from(path), facts(), Buffer.from(data)];
    return Buffer.concat([Buffer.from(kind), ...parts.map((part) => word(part.length)), ...parts]);
  };
  const end = Buffer.concat([Buffer.from("Z"), word(0), word(0), word(0)]);
  const receive = (records: readonly Buffer[], first: boolean) => {
    const program = join(side.folder, "entries");
    writeFileSync(program, ENTRIES_TARGET);
    const own = ["missing", "stats"].map((name) => join(side.folder, name));
    const args = ["-ISB", program, side.target, ...own, ...(first ? ["1"] : [])];
    return spawnSync("python3", args, { input: Buffer.concat([...records, end]) });
  };

  test.each(NAMES.flatMap((name) => [true, false].map((first) => [name, first] as const)))(
    "a file and a folder named '%s' (first: %s)",
    (name, first) => {
      mkdirSync(join(side.target, "a"));
      writeFileSync(join(side.target, "a/here"), "here");
      const before = beside();
      const own = ["entries", "missing", "stats"];
      for (const kind of ["F", "D"]) {
        receive([record(kind, name, "precious\0x")], first);
        expectUntouched(before, own);
      }
    },
  );

  test("a name that leads nowhere ends it, and takes nothing of the volume with it", () => {
    writeFileSync(join(side.target, "here"), "here");
    for (const name of ["..", ".", "", "a/..", "../x"]) {
      const { status } = receive([record("F", name, "x")], true);
      expect(status).not.toBe(0);
      expect(readFileSync(join(side.target, "here"), "utf8")).toBe("here");
    }
  });

  test("blocks of files outside are neither summed nor written", () => {
    const names = [...NAMES, "../precious", "link/kept/precious", join(outside, "kept/precious")];
    writeFileSync(join(side.folder, "large-0"), ["sha256", ...names].join("\0"));
    const program = join(side.folder, "blocks");
    writeFileSync(program, BLOCK_TARGET);
    const run = (word: string, ...more: string[]) =>
      spawnSync("python3", ["-ISB", program, word, "0", side.target, ...more], {
        cwd: side.folder,
        input: more.length === 0 ? blocks() : "",
      });
    const frame = (kind: string, number: number, place: number, data: Buffer) => {
      const head = Buffer.alloc(17);
      head.write(kind, 0, "latin1");
      head.writeUInt32BE(number, 1);
      head.writeBigUInt64BE(BigInt(place), 5);
      head.writeUInt32BE(data.length, 13);
      return Buffer.concat([head, data]);
    };
    const none = Buffer.alloc(0);
    const blocks = () =>
      Buffer.concat([
        ...names.map((_, number) => frame("C", number, 0, none)),
        frame("R", 0, 1, none),
        ...names.map((_, number) => frame("B", number, 0, Buffer.from("overwritten"))),
        frame("Z", 0, 0, none),
      ]);
    run("sum", "10");
    expect(readFileSync(join(side.folder, "summed-0.new"), "utf8")).toBe("");
    writeFileSync(join(side.folder, "summed-0"), "");
    run("patch");
    for (const path of ["outside/kept/precious", "precious"]) {
      expect(readFileSync(join(side.folder, path), "utf8")).toBe("precious");
    }
  });

  test("an archive that comes through the operator's machine", () => {
    const script = `
import io, sys, tarfile
archive = tarfile.open(fileobj=sys.stdout.buffer, mode="w|")
def put(name, kind=tarfile.REGTYPE, to=""):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname, entry.size = kind, to, 4 if kind == tarfile.REGTYPE else 0
    archive.addfile(entry, io.BytesIO(b"evil") if entry.size else None)
put("good")
put("../x")
put("a/../../x")
put(sys.argv[1] + "/x")
put("way", tarfile.SYMTYPE, sys.argv[1])
put("way/x")
put("hard", tarfile.LNKTYPE, sys.argv[1] + "/kept/precious")
put("hard")
put("up", tarfile.SYMTYPE, "..")
put("up/x")
archive.close()
`;
    const archive = spawnSync("python3", ["-c", script, outside], { maxBuffer: MIB }).stdout;
    utimesSync(side.target, 0, 0);
    const before = beside();
    const [program = "", ...args] = unpackArgv(side.target);
    spawnSync(program, args, { input: archive });
    expectUntouched(before);
    expect(readFileSync(join(side.target, "good"), "utf8")).toBe("evil");
    expect(readdirSync(outside)).toEqual(["kept"]);
  });
});
