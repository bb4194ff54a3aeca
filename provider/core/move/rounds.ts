import type { Round } from "./move-ports";

/** So little that copying it while stopped costs less than another round would save. */
const SMALL_BYTES = 16 * 1024 * 1024;
/** A round that moved at least this share of the one before gains nothing on the writer. */
const SHRINKS_NO_MORE = 0.8;
/** However slowly it shrinks, there is an end. */
const MOST_ROUNDS = 12;

/**
 * After pre-copy rounds with the container running: copy once more, or cut over. The first round
 * copies everything and says nothing about the writer; the second is the first measure of what is
 * written during a round.
 */
export function anotherRound(rounds: readonly Round[]): boolean {
  const last = rounds.at(-1);
  const before = rounds.at(-2);
  if (last === undefined || before === undefined) return true;
  if (last.bytesCopied <= SMALL_BYTES || rounds.length >= MOST_ROUNDS) return false;
  return last.bytesCopied < before.bytesCopied * SHRINKS_NO_MORE;
}

/**
 * The rounds ended although much was left: the data changes as fast as it is copied, and the
 * cutover has the rest to do.
 */
export function changesFaster(rounds: readonly Round[]): boolean {
  const last = rounds.at(-1);
  return rounds.length > 1 && last !== undefined && last.bytesCopied > SMALL_BYTES;
}
