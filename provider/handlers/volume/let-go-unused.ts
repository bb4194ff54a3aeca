import type { Host } from "../../core/adapter-ports";
import type { Scoped } from "../../core/volume/scope";
import type { VolumeDrivers } from "../../core/volume/driver";

/**
 * What keeps a volume for a host is told that this one needs it no more: unless a container there
 * has it, which may be somebody else's by now.
 */
export async function letGoUnused(
  drivers: VolumeDrivers,
  volume: Scoped & { readonly name: string },
  host: Host,
): Promise<void> {
  const driver = drivers.of(volume);
  if (driver.scope !== "attach") return;
  const containers = await host.docker.containers({});
  if (containers.some(({ mounts }) => mounts.some((mount) => mount.volume === volume.name))) return;
  await driver.letGo(host, { name: volume.name, mountpoint: "" });
}
