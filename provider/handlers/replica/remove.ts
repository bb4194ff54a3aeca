import type { ContainerState, Host } from "../../core/ports";
import { anonymousVolumes } from "../../core/replica/request";

/**
 * Removes a container and the volumes that only it knew; named volumes stay. `keep` are anonymous volumes that another
 * container has taken over.
 */
export async function removeContainer(
  host: Host,
  container: ContainerState,
  keep: ReadonlySet<string> = new Set(),
): Promise<void> {
  await host.docker.remove(container.id);
  for (const { name } of anonymousVolumes(container)) {
    if (!keep.has(name)) await host.docker.removeVolume(name);
  }
}
