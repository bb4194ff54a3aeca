import type { Release } from "./model";

/**
 * How many things that were given back are left alone while there is anything that nobody has had.
 * Enough that what is handed on went many updates ago, few enough that state stays small.
 */
const LEFT_ALONE = 128;

/** The generation of what is given back now: one more than the latest remembered. */
export function nextGeneration(releases: Iterable<Pick<Release, "generation">>): number {
  let latest = 0;
  for (const { generation } of releases) latest = Math.max(latest, generation);
  return latest + 1;
}

/**
 * What is left alone of what was given back, the oldest first: the latest so many, and all of the
 * last two updates in which something was. What is older may be handed on as if nobody had had it;
 * it is remembered until it is.
 */
export function leftAlone<T extends Pick<Release, "generation">>(releases: readonly T[]): T[] {
  const sorted = [...releases].sort((a, b) => a.generation - b.generation);
  const latest = sorted.at(-1)?.generation ?? 0;
  return sorted.filter(
    ({ generation }, i) => i >= sorted.length - LEFT_ALONE || generation >= latest - 1,
  );
}
