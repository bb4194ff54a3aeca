import { claimsOf, type Instance, type Findings, type KnownNames } from "../move/findings";
import type { JournalEntry } from "../move/journal";

/** What all hosts that answer have by one id. */
export interface FoundByName {
  readonly id: string;
  readonly instances: readonly Instance[];
  readonly journals: Findings["journals"];
}

/** Stands for the history of a container whose beginning nobody has noted. */
export const UNNOTED = "";

/** The histories that these are of. */
export function originsOf({
  instances: copies,
  journals,
}: Pick<FoundByName, "instances" | "journals">) {
  const noted = Object.values(journals).flatMap(({ origin }) => origin ?? []);
  return [...new Set([...copies.map(({ origin }) => origin ?? UNNOTED), ...noted])].sort();
}

export type IsOwn = (id: string, of: Pick<Instance | JournalEntry, "origin">) => boolean;

/**
 * Whether what is found by an earlier name is the replica's own. Until it has been taken over, the
 * user's word decides (`formerly`). After that somebody else may have the name: then only what is
 * of a history that the replica has had is its own. `today` is what is found by its name of today.
 */
export function ownByHistory(
  today: FoundByName,
  former: readonly FoundByName[],
  known: KnownNames | undefined,
): IsOwn {
  const isTaken = claimsOf({ ...today, answered: [] }).length > 0;
  const isByWord = (id: string) => (known === undefined ? !isTaken : known.replica === id);
  const own = [today, ...former.filter(({ id }) => isByWord(id))];
  const origins = new Set([...own.flatMap(originsOf), ...(known?.origins ?? [])]);
  return (id, { origin = UNNOTED }) => id === today.id || isByWord(id) || origins.has(origin);
}
