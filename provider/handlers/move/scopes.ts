import type { ContainerState, Host } from "../../core/adapter-ports";
import type { PlacedReplica } from "../../core/replica/model";
import type { Scope } from "../../core/volume/scope";
import type { ReplicaTools } from "../replica/replica-tools";

type Tools = Pick<ReplicaTools, "drivers">;
type Declares = Pick<PlacedReplica, "volumes">;

/** Where the data of each of a host's volumes can be reached; the program's word on its own. */
export async function scopesOn(
  { drivers }: Tools,
  host: Host,
  { volumes }: Declares,
): Promise<ReadonlyMap<string, Scope>> {
  const found = await host.docker.volumes({});
  return new Map([
    ...found.map((each) => [each.name, drivers.scopeOfExisting(each)] as const),
    ...Object.values(volumes).map((volume) => [volume.name, drivers.scopeOf(volume)] as const),
  ]);
}

/**
 * Containers as a move sees them: without the volumes whose data every host reaches. Those bind
 * nobody to a host, and nothing of them is carried.
 */
export function withoutShared(
  containers: readonly ContainerState[],
  scopes: ReadonlyMap<string, Scope>,
): ContainerState[] {
  return containers.map((container) => ({
    ...container,
    mounts: container.mounts.filter(({ volume = "" }) => scopes.get(volume) !== "shared"),
  }));
}

/** Names of volumes that one host has at a time: handed over, and nothing of them is copied. */
export function attachedOnes(scopes: ReadonlyMap<string, Scope>): ReadonlySet<string> {
  return new Set([...scopes].flatMap(([name, scope]) => (scope === "attach" ? [name] : [])));
}
