import { LABELS } from "../identity";
import type { VolumeState } from "../adapter-ports";
import { deploymentId } from "../replica/formerly";
import type { PlacedReplica, ReplicaVolume } from "../replica/model";

/**
 * The one answer to whose a Docker volume is: Ferry made it for this very volume. Another stack's,
 * another deployment's or a label of somebody else's making is not ours, whatever its name is. Only
 * what is ours is ever written over, put aside or removed.
 */
export function isOurs({ labels }: VolumeState, volume: OwningVolume): boolean {
  const ids = idsOf(volume);
  if (ids.includes(labels[LABELS.volume] ?? "")) return true;
  // One that came along with another replica: whoever moved it did not know by what key its program
  // calls it.
  const copy = labels[LABELS.copy];
  return volume.external === true && ids.some((id) => id.slice(0, id.lastIndexOf("/")) === copy);
}

/** A plugin tells a host of volumes that were made on others, and no more of them than the name. */
export function isKnownByName({ labels }: Pick<VolumeState, "labels">): boolean {
  return Object.keys(labels).length === 0;
}

type OwningVolume = Pick<ReplicaVolume, "id" | "formerly"> & { readonly external?: boolean };

/**
 * What the label of this volume says: today's id, or one that it had before. Labels of Docker
 * volumes never change.
 */
export function idsOf({ id, formerly = [] }: OwningVolume): string[] {
  return [id, ...formerly];
}

/**
 * As `isOurs`, for a volume that a journal of the replica names. One that the program names no more
 * is known by its deployment.
 */
export function isOfReplica(existing: VolumeState, replica: OwningReplica): boolean {
  const volume = Object.values(replica.volumes).find(({ name }) => name === existing.name);
  if (volume !== undefined) return isOurs(existing, volume);
  return existing.labels[LABELS.volume] !== undefined && isInDeployment(existing.labels, replica);
}

type OwningReplica = InDeployment & Pick<PlacedReplica, "volumes">;
export type InDeployment = Pick<PlacedReplica, "project" | "stack" | "deployment" | "formerly">;

/** Whether Ferry's labels say this deployment, by its name of today or one that it had before. */
export function isInDeployment(
  labels: Readonly<Record<string, string>>,
  deployment: InDeployment,
): boolean {
  const { project, stack, deployment: name } = LABELS;
  const said = [labels[project], labels[stack], labels[name]].join("/");
  return [deploymentId(deployment), ...(deployment.formerly ?? [])].includes(said);
}

/**
 * Whether a replica of this id is one of the deployment's, by its name of today or an earlier one.
 */
export function isIdInDeployment(id: string, deployment: InDeployment): boolean {
  const names = [deploymentId(deployment), ...(deployment.formerly ?? [])];
  return names.some((name) => id.startsWith(`${name}/`));
}

/** Of a volume that is not ours, for a message: "it belongs to volume 'shop/dev/apples/data'". */
export function whoseInWords({ labels }: VolumeState): string {
  const owner = labels[LABELS.volume];
  if (owner !== undefined) return `it belongs to volume '${owner}'`;
  const before = labels[LABELS.quarantined];
  return before === undefined
    ? "Ferry did not make it"
    : `it holds what was put aside of volume '${before}'`;
}
