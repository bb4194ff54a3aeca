import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServedHere } from "./served-here";
import { hostProgram } from "../../provider/on-host/load";

const DROP_SERVE_ROOT = hostProgram("move-key/drop-serve-root.sh");
const MAKE_SERVE_ROOT = hostProgram("move-key/make-serve-root.sh");

/**
 * What a move takes away of those before it, with the scripts' own words, in a folder of this
 * machine.
 */

const DAY = 24 * 3600;

let here: ServedHere;
const run = (script: string, ...args: string[]) =>
  here.run(script.replaceAll("/var/lib/ferry", here.folder), ...args);

function left(token: string, days: number, traces = true): void {
  const folder = join(here.folder, "moves", token);
  mkdirSync(join(folder, "cut"), { recursive: true });
  if (traces) writeFileSync(join(folder, "traced"), "");
  const when = Date.now() / 1000 - days * DAY;
  utimesSync(folder, when, when);
}

const moves = () => readdirSync(join(here.folder, "moves")).sort();
const untraced = () => readFileSync(join(here.folder, "untraced"), "utf8").trim().split("\n");

beforeEach(() => {
  here = new ServedHere({});
  here.program("unshare", `for last; do :; done; echo "$last" >>${here.folder}/untraced; exit 1`);
});

afterEach(() => here.remove());

test("a new move clears its replica's and everybody's old ones, and what the kernel notes for them", () => {
  left("mine-1", 0);
  left("other-1", 1);
  left("other-2", 8);
  left("other-3", 8, false);
  expect(run(MAKE_SERVE_ROOT, "mine", "mine-2").status).toBe(0);
  expect(moves()).toEqual(["mine-2", "other-1"]);
  expect(untraced().sort()).toEqual(["mine-1", "other-2"]);
});

test("a move that ends clears its own alone", () => {
  left("mine-1", 0);
  left("other-1", 8);
  expect(run(DROP_SERVE_ROOT, "mine-1").status).toBe(0);
  expect(moves()).toEqual(["other-1"]);
  expect(untraced()).toEqual(["mine-1"]);
});
