import type { FerryError } from "../../core/errors";
import type { Host, VolumeState } from "../../core/ports";
import type { VolumeDrivers } from "../../core/volume/driver";
import type { KeptVolume } from "../../core/volume/model";
import { askAll } from "../ask";
import type { HandlerContext } from "../handler";
import { openHost } from "../replica/discover";

/** The Docker volume of this name, on every host that has one. */
export interface FoundVolumes {
  readonly found: readonly { readonly host: Host; readonly volume: VolumeState }[];
  /** Why a host could not be asked, by name: it is silent, or it answered with an error. */
  readonly silent: ReadonlyMap<string, FerryError>;
  readonly troubled: ReadonlyMap<string, FerryError>;
}

export async function findVolumes(
  context: HandlerContext,
  { name, driver, connections }: Pick<KeptVolume, "name" | "driver" | "connections">,
  drivers: VolumeDrivers,
): Promise<FoundVolumes> {
  const { answers, silent, troubled } = await askAll(Object.keys(connections), async (host) => {
    const opened = await openHost(context, host, connections);
    return { host: opened, volume: await drivers.of({ driver }).find(opened, name) };
  });
  const found = [...answers.values()].flatMap(({ host, volume }) =>
    volume === undefined ? [] : [{ host, volume }],
  );
  return { found, silent, troubled };
}
