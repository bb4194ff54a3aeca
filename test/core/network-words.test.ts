import { readdirSync, readFileSync } from "fs";
import { join } from "path";

/**
 * Where it is said which network there is: of what pure code knows, of what is done on hosts, of
 * resources, and of what a host's programs take in. All else of it stands in folders called `weave`
 * (docs/adr/0015-a-network-is-a-port.md).
 */
const ROWS = [
  "provider/adapters/network.ts",
  "provider/core/network/index.ts",
  "provider/handlers/index.ts",
  "provider/on-host/network.sh",
];

/** Its name, and what it calls the links of containers; of hosts, programs, labels, and in comments. */
const WORDS = /weave|ethwe/i;

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|sh|py)$/.test(name) && !/(^|\/)weave\//.test(name))
    .map((name) => join(folder, name));

test("only folders called weave, and the rows that choose it, know the network's words", () => {
  const all = ["provider", "components"].flatMap(files).sort();
  expect(all.length).toBeGreaterThan(400);
  expect(all.filter((path) => WORDS.test(readFileSync(path, "utf8")))).toEqual(ROWS);
});
