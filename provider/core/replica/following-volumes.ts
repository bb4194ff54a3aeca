import { scopeOf } from "../volume/scope";
import type { PlacedReplica, ReplicaVolume } from "./model";

/** Those whose data is on the replica's host, and goes along by being copied. */
export function onOneHost({ volumes }: Pick<PlacedReplica, "volumes">): ReplicaVolume[] {
  return Object.values(volumes).filter((volume) => scopeOf(volume) === "host");
}

/** Names of those whose data is not on a host, so that the loss of one does not concern it. */
export function reachedVolumes({ volumes }: Pick<PlacedReplica, "volumes">): string[] {
  return Object.values(volumes).flatMap((volume) =>
    scopeOf(volume) === "host" ? [] : [volume.name],
  );
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
export function copiedVolumes(replica: Pick<PlacedReplica, "volumes">): string[] {
  return [...followingVolumes(replica), ...externalVolumes(replica)];
}
