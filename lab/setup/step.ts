import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LabError, messageOf } from "../errors";
import { withLock } from "../lock";
import { cacheDir } from "./cache";
import { discard } from "./discard";

/** One slow thing that set-up makes once and keeps. */
export interface Step {
  /** Short, for file names: the result lies in `<cache>/<name>-<hash of the recipe>`. */
  name: string;
  /** What is being done, for people. */
  title: string;
  /** Roughly how long on two cores, so that nobody wonders whether it hangs. */
  expectedSeconds: number;
  /** Everything that decides the result; another recipe is another result. */
  recipe: () => string;
  /** Files whose presence and size prove, on each later run, that the result is whole. */
  keyFiles: string[];
  /** Makes the result in `dir`, which is empty; tells what it does in `log`. */
  build: (dir: string, log: string) => Promise<void>;
}

interface Stamp {
  recipe: string;
  files: Record<string, { size: number; mtimeMs: number; sha256: string }>;
}

const stampName = ".ferry-stamp.json";

export function recipeHash(recipe: string): string {
  return createHash("sha256").update(recipe).digest("hex").slice(0, 12);
}

/** Where the step's result lies once it is made. */
export function resultOf(step: Step, cache = cacheDir()): string {
  return join(cache, `${step.name}-${recipeHash(step.recipe())}`);
}

function sha256Of(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** True when the result is there and its key files are the ones that were stamped. */
export function isMade(step: Step, cache = cacheDir()): boolean {
  const dir = resultOf(step, cache);
  try {
    const stamp = JSON.parse(readFileSync(join(dir, stampName), "utf8")) as Stamp;
    return step.keyFiles.every((file) => {
      const expected = stamp.files[file];
      const found = statSync(join(dir, file));
      if (expected?.size !== found.size) return false;
      // An untouched file is trusted by its time, as git does; another time costs one look at the
      // contents.
      return expected.mtimeMs === found.mtimeMs || expected.sha256 === sha256Of(join(dir, file));
    });
  } catch {
    return false;
  }
}

function writeStamp(step: Step, dir: string): void {
  const stamp: Stamp = { recipe: recipeHash(step.recipe()), files: {} };
  for (const file of step.keyFiles) {
    const path = join(dir, file);
    if (!existsSync(path)) throw new LabError(`the build left no ${file}`);
    const { size, mtimeMs } = statSync(path);
    stamp.files[file] = { size, mtimeMs, sha256: sha256Of(path) };
  }
  writeFileSync(join(dir, stampName), JSON.stringify(stamp, null, 2));
}

/** Where in the whole set-up a step stands, for its progress lines. */
export interface Position {
  index: number;
  count: number;
}

export type Say = (line: string) => void;

/**
 * Makes the step's result unless it is there. It is built aside and moved into place when it is
 * whole, so an interrupted build leaves nothing that a later run could take for a result.
 */
export async function ensure(
  step: Step,
  position: Position,
  say: Say,
  cache = cacheDir(),
): Promise<string> {
  const result = resultOf(step, cache);
  if (isMade(step, cache)) return result;
  const label = `[${position.index}/${position.count}] ${step.title}`;
  const log = join(cache, "logs", `${step.name}.log`);
  mkdirSync(join(cache, "logs"), { recursive: true });
  return withLock(
    join(cache, "locks", step.name),
    () => say(`${label}: waiting for another set-up that is making it`),
    async () => {
      if (isMade(step, cache)) return result;
      const started = Date.now();
      const elapsed = (): string => `${Math.round((Date.now() - started) / 1000)} s`;
      say(`${label} (about ${step.expectedSeconds} s)`);
      const ticker = setInterval(
        () => say(`${label}: ${elapsed()} of about ${step.expectedSeconds} s`),
        15_000,
      );
      const half = join(cache, "half-made", step.name);
      try {
        discard(half);
        mkdirSync(half, { recursive: true });
        writeFileSync(log, "");
        await step.build(half, log);
        writeStamp(step, half);
        discard(result);
        renameSync(half, result);
      } catch (error) {
        throw new LabError(
          `${step.title} failed (${messageOf(error).replace(/\.$/, "")}); read ${log}, put right what it names and run this again.`,
        );
      } finally {
        clearInterval(ticker);
      }
      say(`${label}: done in ${elapsed()}`);
      return result;
    },
  );
}
