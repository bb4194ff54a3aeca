import { FerryError } from "../../core/errors";
import type { VolumeDrivers } from "../../core/volume/driver";
import { owningIds, type KeptVolume } from "../../core/volume/model";
import { isOurs, whoseInWords } from "../../core/volume/owner";
import { refuseTrouble } from "../ask";
import type { HandlerContext } from "../handler";
import { findVolumes } from "./find";

/**
 * A Docker volume of that name which Ferry did not make for this volume is never taken over
 * silently: it may hold somebody's data. With `external: true` the user says that it is meant. One
 * with our label holds the data that an earlier deletion has kept, and is used again.
 */
export async function requireUsable(
  context: HandlerContext,
  volume: KeptVolume,
  drivers: VolumeDrivers,
): Promise<void> {
  const { found, silent, troubled } = await findVolumes(context, volume, drivers);
  // It may hold the very volume that is asked for.
  refuseTrouble({ troubled });
  const ids = owningIds(volume);
  if (volume.external) {
    if (found.length > 0 || silent.size > 0) return;
    throw new FerryError({
      kind: "settings",
      reason:
        `volume '${volume.key}' is external, but no host has a Docker volume '${volume.name}'. Make it on the replica's ` +
        "host, or leave `external` out.",
    });
  }
  for (const { host, volume: existing } of found) {
    if (isOurs(existing, ids)) {
      context.progress.info(
        `volume '${volume.key}': its data from before is on ${host.name} (Docker volume '${volume.name}') and is used again`,
      );
      continue;
    }
    throw new FerryError({
      kind: "settings",
      reason:
        `making volume '${volume.key}' failed on host '${host.name}': Docker volume '${volume.name}' is there already and ` +
        `${whoseInWords(existing)}. Declare it \`external: true\` to use it with its data, or give the volume another \`name\``,
      touched: "nothing",
    });
  }
}
