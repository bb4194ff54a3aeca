import type { Connections } from "../../core/connection";
import type { FerryError } from "../../core/errors";
import type { Host, VolumeState } from "../../core/adapter-ports";
import type { VolumeDrivers } from "../../core/volume/driver";
import type { VolumeOutputs } from "../../core/volume/model";
import { askAll } from "../ask";
import type { HandlerContext } from "../handler";
import { openHost } from "../replica/discover";

/** A volume, and the ways to the hosts that may have it. */
export interface ReachedVolume extends VolumeOutputs {
  readonly connections: Connections;
}

/** The Docker volume of this name, on every host that has one. */
export interface FoundVolumes {
  readonly found: readonly { readonly host: Host; readonly volume: VolumeState }[];
  /** All that answered. */
  readonly hosts: readonly Host[];
  /** Why a host could not be asked, by name: it is silent, or it answered with an error. */
  readonly silent: ReadonlyMap<string, FerryError>;
  readonly troubled: ReadonlyMap<string, FerryError>;
}

export async function findVolumes(
  context: HandlerContext,
  volume: ReachedVolume,
  drivers: VolumeDrivers,
): Promise<FoundVolumes> {
  const { name, connections } = volume;
  const { answers, silent, troubled } = await askAll(Object.keys(connections), async (host) => {
    const opened = await openHost(context, host, connections);
    return { host: opened, volume: await drivers.of(volume).find(opened, name) };
  });
  const found = [...answers.values()].flatMap(({ host, volume }) =>
    volume === undefined ? [] : [{ host, volume }],
  );
  const hosts = [...answers.values()].map(({ host }) => host);
  return { found, hosts, silent, troubled };
}
