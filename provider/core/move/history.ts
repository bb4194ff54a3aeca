import type { Instance } from "./findings";
import type { JournalEntry } from "./journal";
import type { Work } from "./ops";

type History = Pick<Instance, "epoch" | "origin">;

/**
 * A move copies over the older copy on its target. One that is not older, or that is of another
 * history than what moves there, may have what no other copy has: it is kept aside first.
 */
export function keepUnrelated(
  host: string,
  entry: JournalEntry | undefined,
  home: History,
): Work | undefined {
  if (!isUnrelated(entry, home)) return undefined;
  const { version, replica, epoch, volumes, highest } = entry;
  const note = (left: readonly string[]) => ({
    op: "journal" as const,
    host,
    entry: {
      version,
      replica,
      role: "aside" as const,
      epoch,
      volumes: left,
      ...(highest === undefined ? {} : { highest }),
    },
  });
  return {
    why: `keeping the copy on '${host}' aside, which is of another history than what moves there`,
    ops: [note(volumes), { op: "set aside", host, epoch, volumes }, note([])],
  };
}

/** A copy that may have what the one that moves there has not. */
export function isUnrelated(
  entry: JournalEntry | undefined,
  home: History,
): entry is JournalEntry & { role: "retired" } {
  return entry?.role === "retired" && entry.volumes.length > 0 && !isAncestor(entry, home);
}

/**
 * Whether everything that the retired copy has is in the other one as well, or was given up there
 * by its program. Data whose beginning nobody has noted is of an earlier version, and there the
 * epochs say it.
 */
function isAncestor({ epoch, origin }: JournalEntry, home: History): boolean {
  if (epoch >= home.epoch) return false;
  return home.origin === undefined || origin === home.origin;
}
