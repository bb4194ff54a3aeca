import type { PlacedReplica } from "./model";

/** Names of the Docker volumes that are Ferry's to move, to keep and to remove. */
export function followingVolumes({ volumes }: Pick<PlacedReplica, "volumes">): string[] {
  return Object.values(volumes).flatMap(({ name, external }) => (external ? [] : [name]));
}
