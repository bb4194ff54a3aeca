import { hasGate } from "../../core/move/gate";
import type { ContainerState, Host } from "../../core/ports";
import { anonymousVolumes } from "../../core/replica/request";
import type { ReplicaTools } from "./tools";

/**
 * Removes a container and the volumes that only it knew; named volumes stay. `keep` are anonymous volumes that another
 * container has taken over.
 */
export async function removeContainer(
  tools: Pick<ReplicaTools, "movers">,
  host: Host,
  container: ContainerState,
  keep: ReadonlySet<string> = new Set(),
): Promise<void> {
  await host.docker.remove(container.id);
  for (const { name } of anonymousVolumes(container)) {
    if (!keep.has(name)) await host.docker.removeVolume(name);
  }
  if (hasGate(container)) await tools.movers.dropGate?.(host);
}
