import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ServedHere } from "./served-here";
import { hostProgram } from "../../provider/on-host/load";

const FIRST_SOURCE = hostProgram("first-copy/source.sh");
const LARGE_TARGET = hostProgram("first-copy/large-target.sh");

let side: ServedHere;
const LARGE = 33 * 2 ** 20;
const odd = "a b/\"q' $x\n\n";

beforeEach(() => {
  side = new ServedHere({ first: FIRST_SOURCE });
  mkdirSync(join(side.source, "a b"));
  writeFileSync(join(side.source, odd), Buffer.alloc(LARGE, "odd"));
  writeFileSync(join(side.source, "small"), "small");
});

afterEach(() => side.remove());

const copy = () => side.firstCopy(LARGE_TARGET);
const time = (path: string) => statSync(path, { bigint: true }).mtimeNs;

test("a large file of any name comes whole, with its time; a small one is left to rsync", () => {
  expect(copy()).toBe(`all ${LARGE}\ncopied ${LARGE}\n`);
  expect(readFileSync(join(side.target, odd)).equals(readFileSync(join(side.source, odd)))).toBe(
    true,
  );
  expect(time(join(side.target, odd))).toBe(time(join(side.source, odd)));
  expect(statSync(join(side.target, odd)).mode & 0o777).toBe(0o600);
  expect(existsSync(join(side.target, "small"))).toBe(false);
});

test("a file with holes is left to rsync", () => {
  truncateSync(join(side.source, odd), 2 * LARGE);
  expect(copy()).toBe("");
});

test("a file that broke off does not look complete", () => {
  side.program(
    "ssh",
    `SSH_ORIGINAL_COMMAND=$4; export SSH_ORIGINAL_COMMAND
case $4 in bytes-*) sh "${side.served}/serve"; exit 255 ;; *) exec sh "${side.served}/serve" ;; esac`,
  );
  expect(copy()).toBe(`all ${LARGE}\n`);
  expect(time(join(side.target, odd))).not.toBe(time(join(side.source, odd)));
});

test("a link in the place of what was listed is not followed, as a file or as a folder", () => {
  side.ask("plain-0");
  mkdirSync(join(side.folder, "secret"));
  writeFileSync(join(side.folder, "secret", odd.slice(4)), "secret");
  renameSync(join(side.source, "a b"), join(side.folder, "kept"));
  symlinkSync(join(side.folder, "secret"), join(side.source, "a b"));
  const { status, stdout } = side.ask("bytes-0-1");
  expect({ status, sent: stdout.toString() }).toEqual({ status: 1, sent: "" });
});

test("of a file that grows goes what it was when it was listed", () => {
  side.ask("plain-0");
  const before = readFileSync(join(side.source, odd));
  truncateSync(join(side.source, odd), 2 * LARGE);
  const sent = join(side.folder, "sent");
  spawnSync("sh", ["-c", 'exec sh "$1" >"$2"', "sh", join(side.served, "serve"), sent], {
    env: { ...side.env(), SSH_ORIGINAL_COMMAND: "bytes-0-1" },
  });
  expect(readFileSync(sent).equals(before)).toBe(true);
});

test.each([
  "plain-",
  "plain-0-1",
  "plain-0/../1",
  "plain-7",
  "bytes-0",
  "bytes-0-",
  "bytes--1",
  "bytes-0-1-2",
  "bytes-0-1p",
  "bytes-0,0-1",
  "bytes-0-,",
  "bytes-0-1 x",
])("'%s' is refused", (command) => expect(side.ask(command).status).toBe(126));
