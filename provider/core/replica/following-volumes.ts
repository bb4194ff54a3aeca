import type { PlacedReplica } from "./model";

/** Names of the Docker volumes that are Ferry's to move, to keep and to remove. */
export function followingVolumes({ volumes }: Pick<PlacedReplica, "volumes">): string[] {
  return Object.values(volumes).flatMap(({ name, external }) => (external ? [] : [name]));
}

/**
 * Names of Docker volumes that somebody else has made: their data goes along, and they themselves
 * are never touched.
 */
export function externalVolumes({ volumes }: Pick<PlacedReplica, "volumes">): string[] {
  return Object.values(volumes).flatMap(({ name, external }) => (external ? [name] : []));
}

/**
 * Names of all volumes whose data a move takes along: what journals say that a copy consists of.
 */
export function carriedVolumes(replica: Pick<PlacedReplica, "volumes">): string[] {
  return [...followingVolumes(replica), ...externalVolumes(replica)];
}
