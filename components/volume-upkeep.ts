import { getProject, getStack, output, secret, type Input, type Output } from "@pulumi/pulumi";
import type { LastBackup } from "../provider/core/volume/upkeep";
import { UpkeepResource } from "../provider/resources/upkeep-resource";
import type { Cluster } from "./cluster";
import { internalsOf } from "./cluster-internals";
import type { VolumeLead } from "./flocker-volume";

/** Where a volume's backups go, and when. By restic, which the volume's host has to have. */
export interface VolumeBackupArgs {
  /**
   * restic's repository, in its words: S3 ("s3:https://s3.example.org/backups"), SFTP
   * ("sftp:store.example.org:/srv/backups") or a folder of the host. It is made where there is none.
   *
   * @example "/mnt/backups"
   */
  repository: Input<string>;
  /** What the repository is encrypted with. Without it nobody reads it again. Secret in state. */
  password: Input<string>;
  /**
   * What the repository's storage asks for. Secret in state.
   *
   * @example { AWS_ACCESS_KEY_ID: "backup", AWS_SECRET_ACCESS_KEY: config.requireSecret("s3") }
   */
  environment?: Input<Record<string, Input<string>>>;
  /** From one backup to the next. @default "1d" */
  every?: Input<string>;
  /** How many of the volume's backups are kept. @default all */
  keep?: Input<number>;
}

/** The backup that a volume begins with. */
export interface VolumeRestoreArgs extends Pick<
  VolumeBackupArgs,
  "repository" | "password" | "environment"
> {
  /** As `restic snapshots` lists it. @default "latest" */
  snapshot?: Input<string>;
  /** The `volumeId` of the volume that was backed up. @default this one's */
  volume?: Input<string>;
}

/**
 * Copies of a volume's folder beside it: by reflinks where the file system has them, else files that
 * have not changed are one file in all of them.
 */
export interface VolumeSnapshotArgs {
  /** From one to the next. @example "1h" */
  every: Input<string>;
  /** How many are kept. @example 24 */
  keep: Input<number>;
}

/** The snapshot that a volume begins with. */
export interface SnapshotSourceArgs {
  /** The `volumeName` of the volume that it is of. */
  volume: Input<string>;
  /** As `snapshotNames` has it: "20260102T030405Z". @default "latest" */
  snapshot?: Input<string>;
}

/** What hosts do for a volume by themselves, wherever it is. */
export interface VolumeUpkeepArgs {
  /** Backed up by a timer of the host that it is on. @default none */
  backup?: VolumeBackupArgs;
  /**
   * When its Docker volume is made, it begins with what this backup has. It may stay in the program:
   * a volume that is there is left as it is.
   */
  restore?: VolumeRestoreArgs;
  /** Copies beside the volume, on its host's disk. @default none */
  snapshots?: VolumeSnapshotArgs;
  /** With `snapshots`: one more before each change of the replica's container, and each move. @default false */
  snapshotBeforeChange?: boolean;
  /** As `restore`, from a snapshot of another volume on the same host. */
  restoreFrom?: SnapshotSourceArgs;
}

/** Whose upkeep it is. */
interface UpkeptVolume extends Pick<VolumeUpkeepArgs, "backup" | "snapshots"> {
  readonly cluster: Cluster;
  readonly resourceName: string;
  readonly deployment: string;
  readonly key: string;
  readonly volumeName: Output<string>;
}

/**
 * After the replica that mounts the volume, and where that is. It is nobody's child: who depends on
 * the volume, as that replica may, would wait for what waits for it.
 */
export function declareUpkeep(
  { cluster, resourceName, deployment, key, volumeName, backup, snapshots }: UpkeptVolume,
  { host, resource, service, hooks }: VolumeLead,
): UpkeepResource | undefined {
  if (backup === undefined && snapshots === undefined) return undefined;
  return new UpkeepResource(
    `${resourceName}-upkeep`,
    {
      ...{ project: getProject(), stack: getStack(), deployment, key },
      name: volumeName,
      host,
      ...(backup === undefined ? {} : backupInputs(backup)),
      ...(snapshots === undefined
        ? {}
        : {
            snapshots: { every: snapshots.every, keep: snapshots.keep },
            service,
            ...given({ hooks }),
          }),
      clusterHosts: internalsOf(cluster).clusterHosts,
    },
    { dependsOn: [resource] },
  );
}

/** Where a language brings it as one output, these are outputs of it. */
function backupInputs({ repository, every, keep, password, environment }: VolumeBackupArgs) {
  return {
    backup: { repository, ...given({ every, keep }) },
    backupKey: { password, ...given({ environment }) },
  };
}

/** Only what is said. */
export function given<T extends object>(
  fields: T,
): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}

/** Read by the replica that makes the volume, as one text; not kept. */
export function restoreText({
  restore,
  restoreFrom,
}: VolumeUpkeepArgs): Output<string> | undefined {
  if (restoreFrom !== undefined) {
    const { volume, snapshot } = restoreFrom;
    return output({ of: volume, ...given({ snapshot }) }).apply((all) => JSON.stringify(all));
  }
  return restore && secret(output(restore).apply((all) => JSON.stringify(all)));
}

const NONE = Promise.resolve(undefined);

/** What a volume says of its upkeep. */
export interface UpkeepOutputs {
  readonly lastBackup: Output<LastBackup | undefined>;
  readonly snapshotNames: Output<string[] | undefined>;
  readonly upkeepHealth: Output<string | undefined>;
}

/** Once it is known whether a replica mounts it. */
export function upkeepOutputs(
  { backup, snapshots }: VolumeUpkeepArgs,
  whenKnown: () => Promise<UpkeepResource | undefined>,
): UpkeepOutputs {
  const made = backup === undefined && snapshots === undefined ? NONE : whenKnown();
  const of = <T>(what: (resource: UpkeepResource) => Output<T>): Output<T | undefined> =>
    output(made.then((resource) => resource && [what(resource)])).apply(
      (found) => found?.[0] as T | undefined,
    );
  return {
    lastBackup: of(({ lastBackup }) => lastBackup),
    snapshotNames: of(({ snapshotNames }) => snapshotNames),
    upkeepHealth: of(({ health }) => health),
  };
}
