import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SERVE } from "../../provider/adapters/volume/move-scripts";
import { PLAIN_SOURCE, PLAIN_TARGET } from "../../provider/adapters/volume/plain-scripts";

/** Both sides on this machine: an `ssh` that runs the key's script, as sshd would. */
let here: string;
let source: string;
let target: string;
const LARGE = 33 * 2 ** 20;
const odd = "a b/\"q' $x\n\n";

beforeEach(() => {
  here = mkdtempSync(join(tmpdir(), "ferry-plain-"));
  [source, target] = [join(here, "source"), join(here, "target")];
  for (const folder of ["source/a b", "target", "served/cut", "bin"])
    mkdirSync(join(here, folder), { recursive: true });
  writeFileSync(join(here, "served/0"), `${source}\n`);
  writeFileSync(join(here, "served/plain"), PLAIN_SOURCE);
  writeFileSync(join(here, "served/serve"), SERVE);
  program("id", "echo 0");
  program("ssh", `SSH_ORIGINAL_COMMAND=$4 exec sh "${here}/served/serve"`);
  writeFileSync(join(source, odd), Buffer.alloc(LARGE, "odd"));
  writeFileSync(join(source, "small"), "small");
});

afterEach(() => rmSync(here, { recursive: true }));

function program(name: string, text: string): void {
  writeFileSync(join(here, "bin", name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(here, "bin", name), 0o755);
}

const env = () => ({ ...process.env, PATH: `${join(here, "bin")}:${process.env.PATH ?? ""}` });
const copy = () =>
  spawnSync("sh", ["-c", PLAIN_TARGET, "plain", "config", "0", target, join(here, "list")], {
    env: env(),
    encoding: "utf8",
  }).stdout;
const ask = (command: string) =>
  spawnSync("sh", [join(here, "served/serve")], {
    env: { ...env(), SSH_ORIGINAL_COMMAND: command },
  });
const time = (path: string) => statSync(path, { bigint: true }).mtimeNs;

test("a large file of any name comes whole, with its time; a small one is left to rsync", () => {
  expect(copy()).toBe(`copied ${LARGE}\n`);
  expect(readFileSync(join(target, odd)).equals(readFileSync(join(source, odd)))).toBe(true);
  expect(time(join(target, odd))).toBe(time(join(source, odd)));
  expect(statSync(join(target, odd)).mode & 0o777).toBe(0o600);
  expect(existsSync(join(target, "small"))).toBe(false);
});

test("a file with holes is left to rsync", () => {
  truncateSync(join(source, odd), 2 * LARGE);
  expect(copy()).toBe("");
});

test("nothing goes into a volume that is not empty", () => {
  writeFileSync(join(target, "older"), "");
  expect(copy()).toBe("");
});

test("a file that broke off does not look complete", () => {
  program(
    "ssh",
    `SSH_ORIGINAL_COMMAND=$4; export SSH_ORIGINAL_COMMAND
case $4 in bytes-*) sh "${here}/served/serve"; exit 255 ;; *) exec sh "${here}/served/serve" ;; esac`,
  );
  expect(copy()).toBe("");
  expect(time(join(target, odd))).not.toBe(time(join(source, odd)));
});

test("a link in the place of what was listed is not followed, as a file or as a folder", () => {
  ask("plain-0");
  mkdirSync(join(here, "secret"));
  writeFileSync(join(here, "secret", odd.slice(4)), "secret");
  renameSync(join(source, "a b"), join(here, "kept"));
  symlinkSync(join(here, "secret"), join(source, "a b"));
  const { status, stdout } = ask("bytes-0-1");
  expect({ status, sent: stdout.toString() }).toEqual({ status: 1, sent: "" });
});

test("of a file that grows goes what it was when it was listed", () => {
  ask("plain-0");
  const before = readFileSync(join(source, odd));
  truncateSync(join(source, odd), 2 * LARGE);
  const sent = join(here, "sent");
  spawnSync("sh", ["-c", 'exec sh "$1" >"$2"', "sh", join(here, "served/serve"), sent], {
    env: { ...env(), SSH_ORIGINAL_COMMAND: "bytes-0-1" },
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
])("'%s' is refused", (command) => expect(ask(command).status).toBe(126));
