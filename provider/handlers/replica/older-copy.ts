import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import { journalPath, type JournalEntry } from "../../core/move/journal";
import type { Host, VolumeState } from "../../core/adapter-ports";
import { folderOf } from "../../core/volume/folder";
import type { ReplicaTools } from "./replica-tools";

interface Found {
  /** The replica's id. */
  readonly id: string;
  readonly target: Host;
  /** What has the name there. */
  readonly there: VolumeState;
  /** Ferry made it for this very volume. */
  readonly ours: boolean;
  /**
   * Whose it is, where it is not the replica's own that the message is about: " of apples/backup,
   * which comes along,".
   */
  readonly whose?: string;
  /** What the target's journal says. */
  readonly entry: JournalEntry | undefined;
}

/**
 * What a move copies over must be an older copy of the same data: one that Ferry has made, or
 * somebody else's volume that the replica lived in until it went away, and in which nothing has
 * changed since. All that it holds went along then.
 */
export async function requireOlderCopy(
  tools: Pick<ReplicaTools, "facts">,
  found: Found,
): Promise<void> {
  const problem = await copyProblem(tools, found);
  if (problem === undefined) return;
  const { there, target, whose = "" } = found;
  throw new FerryError({
    kind: "trouble",
    reason:
      `Docker volume '${there.name}'${whose} is there already on host '${target.name}', and ${problem}. Look at its data, then remove ` +
      "or rename it",
  });
}

async function copyProblem(
  tools: Pick<ReplicaTools, "facts">,
  found: Found,
): Promise<string | undefined> {
  const { there, ours, entry } = found;
  const named = entry?.volumes.includes(there.name) === true;
  if (entry === undefined || !named || !isOlder(entry, ours)) {
    return "it is no older copy that Ferry left there";
  }
  // A folder of the host's own is where everybody may have put something since.
  return ours && folderOf(there) === undefined ? userOf(found) : changeSince(tools, found);
}

/** Whoever lives in it by now: its label says the name that it was made by, for ever. */
async function userOf({ id, target, there }: Pick<Found, "id" | "target" | "there">) {
  const containers = await target.docker.containers({});
  const user = containers.find(
    ({ mounts, labels }) =>
      !isMemberOf(id, labels[LABELS.replica]) && mounts.some(({ volume }) => volume === there.name),
  );
  return user && `container '${user.name}' uses it`;
}

function isMemberOf(id: string, other = ""): boolean {
  return other.split("/").slice(0, 3).join("/") === id.split("/").slice(0, 3).join("/");
}

function isOlder(entry: JournalEntry, ours: boolean): boolean {
  switch (entry.role) {
    case "retired":
      return true;
    case "source":
      return entry.step === "committed";
    case "target":
      return ours || entry.wasRetired === true;
    default:
      return false;
  }
}

/**
 * Why what the replica has left in somebody else's volume is not as it left it; undefined when it
 * is.
 */
export async function changeSince(
  { facts }: Pick<ReplicaTools, "facts">,
  { id, target, there, entry }: Pick<Found, "id" | "target" | "there" | "entry">,
): Promise<string | undefined> {
  const containers = await target.docker.containers({});
  const user = containers.find(
    ({ mounts, labels }) =>
      labels[LABELS.replica] !== id && mounts.some(({ volume }) => volume === there.name),
  );
  if (user !== undefined) return `container '${user.name}' uses it`;
  // A move that was interrupted has written into it itself.
  if (entry?.role === "target") return undefined;
  const changed = await facts.changedSince(target, there.mountpoint, journalPath(id));
  return changed === undefined
    ? undefined
    : `it was changed there after the replica had left it ('${changed}')`;
}
