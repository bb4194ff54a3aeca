import { FerryError } from "../../core/errors";
import type { Host, VolumeState } from "../../core/ports";
import type { KeptVolume } from "../../core/volume/model";
import type { HandlerContext } from "../handler";
import { openHost } from "../replica/discover";

/** The Docker volume of this name, on every host that has one. */
export interface FoundVolumes {
  readonly found: readonly { readonly host: Host; readonly volume: VolumeState }[];
  /** Why a host could not be asked, by name. */
  readonly failures: ReadonlyMap<string, string>;
}

export async function findVolumes(
  context: HandlerContext,
  { name, connections }: Pick<KeptVolume, "name" | "connections">,
): Promise<FoundVolumes> {
  const failures = new Map<string, string>();
  const found: { host: Host; volume: VolumeState }[] = [];
  await Promise.all(
    Object.keys(connections).map(async (hostName) => {
      try {
        const host = await openHost(context, hostName, connections);
        const volume = await host.docker.volume(name);
        if (volume) found.push({ host, volume });
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        failures.set(hostName, error.message);
      }
    }),
  );
  found.sort((a, b) => (a.host.name < b.host.name ? -1 : 1));
  return { found, failures };
}
