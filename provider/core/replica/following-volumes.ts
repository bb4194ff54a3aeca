import type { PlacedReplica, ReplicaVolume } from "./model";

/** Those whose data is where the replica is. What every host reaches is never carried. */
export function onOneHost({ volumes }: Pick<PlacedReplica, "volumes">): ReplicaVolume[] {
  return Object.values(volumes).filter(({ scope }) => scope === undefined);
}

/** Names of the Docker volumes that are Ferry's to move, to keep and to remove. */
export function followingVolumes(replica: Pick<PlacedReplica, "volumes">): string[] {
  return onOneHost(replica).flatMap(({ name, external }) => (external ? [] : [name]));
}

/**
 * Names of Docker volumes that somebody else has made: their data goes along, and they themselves
 * are never touched.
 */
export function externalVolumes(replica: Pick<PlacedReplica, "volumes">): string[] {
  return onOneHost(replica).flatMap(({ name, external }) => (external ? [name] : []));
}

/**
 * Names of all volumes whose data a move takes along: what journals say that a copy consists of.
 */
export function carriedVolumes(replica: Pick<PlacedReplica, "volumes">): string[] {
  return [...followingVolumes(replica), ...externalVolumes(replica)];
}
