import type { Release } from "./model";

/**
 * How many releases are remembered beside those of the last two updates that gave something back. Enough that what is
 * forgotten went many updates ago, few enough that state stays small.
 */
const REMEMBERED = 128;

/** The generation of what is given back now: one more than the latest remembered. */
export function nextGeneration(releases: Iterable<Release>): number {
  let latest = 0;
  for (const { generation } of releases) latest = Math.max(latest, generation);
  return latest + 1;
}

/**
 * Earlier releases and those of now (which are all of the next generation), less the oldest. Nothing is forgotten when
 * nothing is given back: a check that releases nothing must return what it was given.
 */
export function remember<T extends Release>(earlier: readonly T[], now: readonly T[]): T[] {
  const first = now[0];
  if (first === undefined) return [...earlier];
  const recent = earlier.filter(({ generation }) => generation >= first.generation - 1);
  const old = earlier
    .filter(({ generation }) => generation < first.generation - 1)
    .sort((a, b) => b.generation - a.generation);
  return [...old.slice(0, REMEMBERED), ...recent, ...now];
}
