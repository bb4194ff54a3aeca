import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { SERVE_ROOT } from "../../provider/adapters/move-key/one-off-key";
import { hostProgram } from "../../provider/on-host/load";

const REWRITE_KEYS = hostProgram("move-key/rewrite-keys.sh");

/**
 * What a move does to the login user's authorized_keys, with the script's own words, in a folder of
 * this machine.
 */

const home = mkdtempSync(join(tmpdir(), "ferry-keys-"));
const moves = join(home, "moves");
const file = join(home, ".ssh/authorized_keys");
const script = REWRITE_KEYS.replaceAll(SERVE_ROOT, moves);

const MINE = "0123456789ab-000000000001";
const OTHERS = "ba9876543210-000000000002";
const GONE = "ba9876543210-000000000003";

const lineOf = (token: string) =>
  `restrict,command="/bin/sh ${moves}/${token}/serve" ssh-ed25519 AAAAC3Nza+/= ferry-move-${token}`;

beforeAll(() => {
  for (const token of [MINE, OTHERS]) {
    mkdirSync(join(moves, token), { recursive: true });
    writeFileSync(join(moves, token, "serve"), "");
  }
});
beforeEach(() => {
  rmSync(join(home, ".ssh"), { recursive: true, force: true });
  mkdirSync(join(home, ".ssh"));
});
afterAll(() => rmSync(home, { recursive: true }));

function rewrite(tokens: string, line = "", env: NodeJS.ProcessEnv = {}) {
  return spawnSync("sh", ["-c", script, "sh", tokens, line], {
    env: { ...process.env, HOME: home, ...env },
    encoding: "utf8",
  });
}

const read = () => readFileSync(file, "latin1");
const add = () => rewrite(`${MINE.slice(0, 12)}-`, lineOf(MINE));
const remove = () => rewrite(MINE);

test("ours goes in and out again, and those of moves whose folder is gone; another move's stays", () => {
  writeFileSync(file, `${lineOf(GONE)}\nssh-rsa AAAA me\n${lineOf(OTHERS)}\n`);
  expect(add().status).toBe(0);
  expect(read()).toBe(`${lineOf(MINE)}\nssh-rsa AAAA me\n${lineOf(OTHERS)}\n`);
  expect(remove().status).toBe(0);
  expect(read()).toBe(`ssh-rsa AAAA me\n${lineOf(OTHERS)}\n`);
  expect(readdirSync(join(home, ".ssh"))).toEqual(["authorized_keys"]);
});

test("a file and a folder that are not there are made for the time of the move", () => {
  rmSync(join(home, ".ssh"), { recursive: true });
  expect(add().status).toBe(0);
  expect(read()).toBe(`${lineOf(MINE)}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(remove().status).toBe(0);
  expect(existsSync(file)).toBe(false);
});

/** Lines that look like ours in part, and anything else that a file may hold. */
const line = fc.oneof(
  fc.constantFrom(
    "ssh-ed25519 AAAA backup of ferry-move-0123456789ab-000000000001",
    "ssh-ed25519 AAAA me ferry-move-0123456789ab-",
    `ssh-ed25519 AAAA x ferry-move-${MINE}`,
    `# restrict,command="/bin/sh ${moves}/${MINE}/serve" ssh-ed25519 AAAA ferry-move-${MINE}`,
    `${lineOf(MINE)} `,
    `${lineOf(GONE)} and me`,
    lineOf(MINE).replace("restrict", "no-pty"),
    lineOf(GONE).replace(" ssh-ed25519 ", " ssh-ed25519 AAAA me "),
    `command="x" ssh-rsa AAAA ferry-move-${GONE}`,
    "%s\\n%d \\t 'a' \"b\" $HOME `id`",
    "\r",
    "\t leading and trailing ",
    "-n",
  ),
  fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((c) => String.fromCharCode(c)) }),
);

test("all other lines stay byte for byte, whatever they hold and however the last one ends", () => {
  const text = fc.tuple(fc.array(line, { minLength: 1, maxLength: 6 }), fc.boolean());
  fc.assert(
    fc.property(text, ([lines, ended]) => {
      const given = lines.join("\n") + (ended ? "\n" : "");
      fc.pre(given !== "");
      writeFileSync(file, given, "latin1");
      expect(add().status).toBe(0);
      expect(read()).toBe(`${lineOf(MINE)}\n${given}`);
      expect(remove().status).toBe(0);
      expect(read()).toBe(given);
    }),
    { numRuns: 60 },
  );
});

test("one that cannot be written is left as it is, with the reason in the last line", () => {
  writeFileSync(file, "ssh-rsa AAAA me");
  // As where the file is immutable or the file system read-only: root may write nearly anything
  // else.
  const bin = join(home, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "mv"), "#!/bin/sh\necho 'mv: Operation not permitted' >&2; exit 1\n");
  chmodSync(join(bin, "mv"), 0o755);
  const { status, stderr } = rewrite("x-", lineOf(MINE), {
    PATH: `${bin}:${process.env.PATH ?? ""}`,
  });
  expect(status).not.toBe(0);
  expect(stderr.trim().split("\n").at(-1)).toBe("mv: Operation not permitted");
  expect(read()).toBe("ssh-rsa AAAA me");
  expect(readdirSync(join(home, ".ssh"))).toEqual(["authorized_keys"]);
});
