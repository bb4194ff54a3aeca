import { hasStartBarrier } from "../../core/move/start-barrier";
import type { ContainerState, Host } from "../../core/adapter-ports";
import { unnamedVolumes } from "../../core/replica/unnamed-volumes";
import { dropFilesOf } from "./files";
import type { ReplicaTools } from "./replica-tools";

/**
 * Removes a container, the files that it alone had, and the volumes that were made for it and that
 * nobody else has; all others stay. `keep` are volumes that another container has taken over.
 */
export async function removeContainer(
  tools: Pick<ReplicaTools, "movers" | "files">,
  host: Host,
  container: ContainerState,
  keep: ReadonlySet<string> = new Set(),
): Promise<void> {
  await host.docker.remove(container.id);
  await dropFilesOf(tools, host, container);
  const made = unnamedVolumes(container).filter((volume) => volume.made && !keep.has(volume.name));
  if (made.length > 0) {
    const others = (await host.docker.containers({})).flatMap(({ mounts }) => mounts);
    const used = new Set(others.map(({ volume }) => volume));
    for (const { name } of made) if (!used.has(name)) await host.docker.removeVolume(name);
  }
  if (hasStartBarrier(container)) await tools.movers.dropStartBarrier(host);
}
