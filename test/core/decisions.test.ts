import { readdirSync, readFileSync } from "fs";
import { join } from "path";

/**
 * What a fault is, its fields say. Only words of others are read: of the SSH client, of Docker, of
 * the system.
 */
const OTHERS_WORDS = [
  "provider/adapters/ssh/channel.ts",
  "provider/adapters/ssh/dial.ts",
  "provider/adapters/ssh/failures.ts",
  "provider/adapters/ssh/handshake.ts",
  "provider/adapters/ssh/private-key.ts",
  "provider/adapters/docker/containers.ts",
  "provider/adapters/docker/failures.ts",
  "provider/adapters/docker/output.ts",
];

const READS_A_MESSAGE =
  /message\)?\??\.(includes|replace|replaceAll|match|startsWith|endsWith|split|search|indexOf|slice)\(|\.(test|exec)\([^)\n]*[mM]essage|message ?===/;
/** A fault of plain words has no kind: nobody can decide on it. */
const PLAIN_WORDS = /new (FerryError|TakenBack|Unfinished)\(\s*(["'`]|\[)/;

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));

const offending = (folder: string, pattern: RegExp, but: readonly string[] = []) =>
  sources(folder).filter((path) => !but.includes(path) && pattern.test(readFileSync(path, "utf8")));

test("no decision reads a message", () => {
  expect(offending("provider", READS_A_MESSAGE, OTHERS_WORDS)).toEqual([]);
});

test("whoever may read the words of others does, and no list outlives its reason", () => {
  const reading = offending("provider/adapters", READS_A_MESSAGE);
  expect(OTHERS_WORDS.filter((path) => !reading.includes(path))).toEqual([]);
});

test.each(["provider/adapters", "provider/handlers"])(
  "every fault that comes of hosts has its fields: %s",
  (folder) => {
    expect(offending(folder, PLAIN_WORDS)).toEqual([]);
  },
);
