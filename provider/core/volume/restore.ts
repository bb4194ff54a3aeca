import type { InputProblem } from "../errors";
import { isUnknown } from "../unknown";
import { repositoryProblems, repositorySettings, type RepositoryKey } from "./upkeep";

/** What a volume begins with. */
export type Restore = BackupToRestore | SnapshotToRestore;

/** A snapshot of another volume on the same host. */
export interface SnapshotToRestore {
  /** That one's Docker volume. */
  readonly of: string;
  /** Its name. @default "latest" */
  readonly snapshot?: string;
}

export interface BackupToRestore extends RepositoryKey {
  readonly repository: string;
  /** As restic calls it. @default "latest" */
  readonly snapshot?: string;
  /** The id of the volume that was backed up. @default its own */
  readonly volume?: string;
}

/** What the program says, by the volume's key; what is unknown in a preview is left out. */
export function readRestores(
  texts: Readonly<Record<string, string>> | undefined,
): Record<string, Restore> {
  if (texts === undefined || isUnknown(texts)) return {};
  const known = Object.entries(texts).filter(([, text]) => !isUnknown(text));
  return Object.fromEntries(known.map(([key, text]) => [key, JSON.parse(text) as Restore]));
}

export const isSnapshot = (restore: Restore): restore is SnapshotToRestore => "of" in restore;

export function restoreProblems(restores: Readonly<Record<string, Restore>>): InputProblem[] {
  return Object.entries(restores).flatMap(([key, restore]) => {
    const property = isSnapshot(restore) ? "restoreFrom" : "restore";
    const found = isSnapshot(restore) ? snapshotProblems(restore) : backupProblems(restore);
    return found.map(([field, reason]) => ({
      property: `${property}.${field}`,
      reason: `volume '${key}': ${reason}`,
    }));
  });
}

type Problem = readonly [field: string, reason: string];

function snapshotProblems({ snapshot = "latest" }: SnapshotToRestore): Problem[] {
  if (/^\d{8}T\d{6}Z$|^latest$/.test(snapshot)) return [];
  return [["snapshot", `'${snapshot}' is no snapshot, as 20260102T030405Z is, nor 'latest'.`]];
}

function backupProblems(restore: BackupToRestore): Problem[] {
  const { repository, snapshot = "latest" } = restore;
  const named = /^[0-9a-f]+$|^latest$/.test(snapshot);
  return [
    ...repositoryProblems(repository, restore),
    ...(named ? [] : [["snapshot", `'${snapshot}' is no id of a backup, nor 'latest'.`] as const]),
  ];
}

/** As its program on the host takes it. `id` is the volume's own. */
export function restoreSettings(restore: BackupToRestore, id: string): Record<string, string> {
  const { repository, snapshot = "latest", volume = id } = restore;
  return { ...repositorySettings(repository, restore, volume), snapshot };
}
