import type { Host, VolumeState } from "../../core/adapter-ports";
import { LABELS, replicaId } from "../../core/identity";
import type { PlacedReplica } from "../../core/replica/model";
import { isSnapshot, restoreSettings, type Restore } from "../../core/volume/restore";
import { isInUse } from "./fill-volume";
import type { ReplicaTools } from "./replica-tools";

/** What volumes of this run begin with: what the program has said, by replica and key. */
export class RestoresOfRun {
  readonly #said = new Map<string, Readonly<Record<string, Restore>>>();

  say(replica: string, restores: Readonly<Record<string, Restore>>): void {
    this.#said.set(replica, restores);
  }

  of(replica: PlacedReplica, key: string): Restore | undefined {
    return this.#said.get(replicaId(replica))?.[key];
  }
}

/** Of one that was made to be filled: unless that is done, or it is in use as it is. */
export async function restoreVolume(
  tools: Pick<ReplicaTools, "files" | "upkeep" | "restoresOfRun" | "progress">,
  replica: PlacedReplica,
  key: string,
  host: Host,
  volume: VolumeState,
): Promise<void> {
  const restore = tools.restoresOfRun.of(replica, key);
  if (restore === undefined || volume.labels[LABELS.fill] === undefined) return;
  if (!(await tools.files.isUnfilled(host, volume)) || (await isInUse(host, volume))) return;
  if (isSnapshot(restore)) {
    const { of, snapshot = "latest" } = restore;
    tools.progress.info(`volume '${key}': filling it from a snapshot of '${of}' on ${host.name}`);
    await tools.upkeep.restoreSnapshot(host, volume, of, snapshot);
    return;
  }
  const of = replica.volumes[key]?.id ?? "";
  tools.progress.info(`volume '${key}': restoring it from its backup on ${host.name}`);
  await tools.upkeep.restore(host, volume, restoreSettings(restore, of));
}
