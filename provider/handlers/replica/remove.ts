import { hasGate } from "../../core/move/gate";
import type { ContainerState, Host } from "../../core/ports";
import { unnamedVolumes } from "../../core/replica/unnamed-volumes";
import type { ReplicaTools } from "./tools";

/**
 * Removes a container and the volumes that were made for it and that nobody else has; all others
 * stay. `keep` are volumes that another container has taken over.
 */
export async function removeContainer(
  tools: Pick<ReplicaTools, "movers">,
  host: Host,
  container: ContainerState,
  keep: ReadonlySet<string> = new Set(),
): Promise<void> {
  await host.docker.remove(container.id);
  const made = unnamedVolumes(container).filter((volume) => volume.made && !keep.has(volume.name));
  if (made.length > 0) {
    const others = (await host.docker.containers({})).flatMap(({ mounts }) => mounts);
    const used = new Set(others.map(({ volume }) => volume));
    for (const { name } of made) if (!used.has(name)) await host.docker.removeVolume(name);
  }
  if (hasGate(container)) await tools.movers.dropGate(host);
}
