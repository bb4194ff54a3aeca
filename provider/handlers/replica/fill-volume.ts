import type { Host, VolumeState } from "../../core/adapter-ports";
import { LABELS, replicaId } from "../../core/identity";
import type { PlacedReplica } from "../../core/replica/model";
import { packFolder } from "../../local/pack-folder";
import type { ReplicaTools } from "./replica-tools";

/** The folder of this machine that a volume is filled from when it is made. */
export function fillOf(
  { filesOfRun }: Pick<ReplicaTools, "filesOfRun">,
  replica: PlacedReplica,
  key: string,
): string | undefined {
  return filesOfRun.folder(replicaId(replica), key);
}

/** Of one that was made to be filled: unless that is done, or there is nothing to fill it with. */
export async function fillVolume(
  tools: Pick<ReplicaTools, "files" | "filesOfRun">,
  replica: PlacedReplica,
  key: string,
  host: Host,
  volume: VolumeState,
): Promise<void> {
  const folder = fillOf(tools, replica, key);
  if (folder === undefined || volume.labels[LABELS.fill] === undefined) return;
  const archive = packFolder(folder);
  if (archive === undefined || !(await tools.files.isUnfilled(host, volume))) return;
  // One that began without it has the folder of now, and what is filled takes that one's place.
  if (await isInUse(host, volume)) return;
  await tools.files.fill(host, volume, archive);
}

export async function isInUse(host: Host, { name }: VolumeState): Promise<boolean> {
  const containers = await host.docker.containers({});
  return containers.some(({ mounts }) => mounts.some(({ volume }) => volume === name));
}
