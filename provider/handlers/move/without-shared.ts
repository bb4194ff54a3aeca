import type { ContainerState, Host } from "../../core/ports";
import type { ReplicaTools } from "../replica/tools";

/**
 * Containers as a move sees them: without the volumes whose data every host reaches. Those bind
 * nobody to a host, and nothing of them is carried.
 */
export async function withoutShared(
  { drivers }: Pick<ReplicaTools, "drivers">,
  host: Host,
  containers: readonly ContainerState[],
): Promise<ContainerState[]> {
  if (!drivers.anyShared) return [...containers];
  const volumes = await host.docker.volumes({});
  const shared = new Set(volumes.filter((each) => drivers.isShared(each)).map(({ name }) => name));
  return containers.map((container) => ({
    ...container,
    mounts: container.mounts.filter(({ volume = "" }) => !shared.has(volume)),
  }));
}
