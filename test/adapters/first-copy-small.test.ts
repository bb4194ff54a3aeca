import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { allThatIsKept } from "./all-that-is-kept";
import { wherePython } from "./python-here";
import { ServedHere } from "./served-here";
import { hostProgram } from "../../provider/on-host/load";

const ENTRIES_SOURCE = hostProgram("cutover/entries_source.py");
const ENTRIES_TARGET = hostProgram("cutover/entries_target.py");
const FIRST_SOURCE = hostProgram("first-copy/source.sh");
const SMALL_TARGET = hostProgram("first-copy/small-target.sh");

/** Of first-copy/small-target.sh: fewer are left to rsync. */
const FILES_PER_STREAM = 2000;
const MANY = 2 * FILES_PER_STREAM + 100;
let side: ServedHere;
let at: (name: string) => string;

function make(count: number): void {
  for (let n = 0; n < count; n++) {
    if (n % 100 === 0) mkdirSync(at(`d/${n / 100}`), { recursive: true });
    writeFileSync(at(`d/${Math.floor(n / 100)}/${n}`), `file ${n}`);
  }
}

beforeEach(() => {
  side = new ServedHere({ first: FIRST_SOURCE, entries: ENTRIES_SOURCE });
  writeFileSync(join(side.folder, "entries"), ENTRIES_TARGET);
  side.program("getconf", "echo 2");
  at = (name) => join(side.source, name);
});

afterEach(() => side.remove());

const copy = () => side.firstCopy(SMALL_TARGET);
const files = (root: string) => allThatIsKept(root, "-type", "f");

wherePython("the first copy of many small files", () => {
  test("they come as they are, in as many streams as there are processors", () => {
    make(MANY);
    writeFileSync(at("d/0/0"), "");
    writeFileSync(at("d/1/sp\nace 'x"), Buffer.concat([Buffer.alloc(20_000), Buffer.from("end")]));
    execFileSync("sh", ["-c", "chmod 4711 0; touch -d 1999-01-02 0; chown 12:34 0"], {
      cwd: at("d/0"),
    });
    const [all, ...reported] = copy().trim().split("\n");
    expect(all).toBe(`all ${MANY + 1}`);
    const streams = new Map(
      reported.map((line) => [line.split(" ")[0], line.split(" ").map(Number)]),
    );
    expect([...streams.keys()].sort()).toEqual(["1", "2"]);
    expect([...streams.values()].reduce((sum, [, , count]) => sum + count!, 0)).toBe(MANY + 1);
    expect(files(side.target)).toBe(files(side.source));
    const { blocks, size } = statSync(join(side.target, "d/1/sp\nace 'x"));
    expect(blocks * 512).toBeLessThan(size);
  });

  test("a few are left to rsync, and so is what is large or has several names", () => {
    make(FILES_PER_STREAM - 1);
    expect(copy()).toBe("");
    writeFileSync(at("one more"), "");
    execFileSync("truncate", ["-s", "33M", at("large")]);
    linkSync(at("d/0/0"), at("d/0/another name"));
    expect(copy()).toBe("");
    writeFileSync(at("and one"), "");
    copy();
    expect(existsSync(join(side.target, "and one"))).toBe(true);
    expect(existsSync(join(side.target, "large"))).toBe(false);
    expect(existsSync(join(side.target, "d/0/0"))).toBe(false);
  });

  test("what became something else after it was listed is left out, and no link is followed", () => {
    make(600);
    side.ask("few-0");
    const secret = join(side.folder, "secret");
    mkdirSync(secret);
    for (const name of ["200", "3"]) writeFileSync(join(secret, name), "secret");
    renameSync(at("d/2"), join(side.folder, "kept"));
    symlinkSync(secret, at("d/2"));
    for (const name of ["1", "2", "3", "4", "5"]) rmSync(at(`d/0/${name}`));
    execFileSync("mkfifo", [at("d/0/1")]);
    mkdirSync(at("d/0/2"));
    symlinkSync(join(secret, "3"), at("d/0/3"));
    linkSync(at("d/0/6"), at("d/0/7 too"));
    const { status, stdout } = side.ask("few-0-1-1");
    expect(status).toBe(0);
    expect(stdout.includes("secret")).toBe(false);
    expect(stdout.toString("latin1").match(/file \d+/g)).toHaveLength(600 - 100 - 5 - 1);
  });

  test("where it breaks off, what is there with a file's own time is whole", () => {
    make(MANY);
    const old = new Date("2001-02-03");
    for (const folder of readdirSync(at("d"))) {
      for (const name of readdirSync(at(`d/${folder}`)))
        utimesSync(at(`d/${folder}/${name}`), old, old);
    }
    side.program(
      "ssh",
      `SSH_ORIGINAL_COMMAND=$4; export SSH_ORIGINAL_COMMAND
case $4 in few-0-*) sh "${side.served}/serve" | head -c 50021 ;; *) exec sh "${side.served}/serve" ;; esac`,
    );
    copy();
    const came = execFileSync("find", [side.target, "-type", "f"], { encoding: "utf8" })
      .trim()
      .split("\n")
      .filter((path) => statSync(path).mtimeMs === old.getTime());
    expect(came.length).toBeGreaterThan(500);
    expect(came.length).toBeLessThan(MANY);
    for (const path of came) expect(readFileSync(path, "utf8")).toBe(`file ${basename(path)}`);
  });
});

test.each([
  "few-",
  "few-7",
  "few-0-",
  "few-0-1",
  "few-0-1-",
  "few-0--1",
  "few-0-0-1",
  "few-0-1-0",
  "few-0-1-2-3",
  "few-0-1-2x",
  "few-0/../1",
  "few-0-1-2 x",
  "few-0,1-2",
])("'%s' is refused", (command) => expect(side.ask(command).status).toBe(126));
