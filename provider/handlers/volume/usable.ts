import { FerryError } from "../../core/errors";
import { DEFAULT_DRIVER, type VolumeDrivers } from "../../core/volume/driver";
import { LABELS } from "../../core/identity";
import { owningIds } from "../../core/volume/model";
import { isKnownByName, isOurs, whoseInWords } from "../../core/volume/owner";
import { refuseTrouble } from "../ask";
import type { HandlerContext } from "../handler";
import { findVolumes, type ReachedVolume } from "./find";

/**
 * A Docker volume of that name which Ferry did not make for this volume is never taken over
 * silently: it may hold somebody's data. With `external: true` the user says that it is meant. One
 * with our label holds the data that an earlier deletion has kept, and is used again.
 */
export async function requireUsable(
  context: HandlerContext,
  volume: ReachedVolume,
  drivers: VolumeDrivers,
): Promise<void> {
  const { found, silent, troubled } = await findVolumes(context, volume, drivers);
  // It may hold the very volume that is asked for.
  refuseTrouble({ troubled });
  const ids = owningIds(volume);
  if (volume.adopted === true) {
    requireAdopted(volume, found, silent.size > 0);
    return;
  }
  if (volume.external) {
    if (found.length > 0 || silent.size > 0) return;
    throw new FerryError({
      kind: "settings",
      reason:
        `volume '${volume.key}' is external, but no host has a Docker volume '${volume.name}'. Make it on the replica's ` +
        "host, or leave `external` out.",
    });
  }
  const oneIsOurs = found.some((each) => isOurs(each.volume, ids));
  for (const { host, volume: existing } of found) {
    // A plugin tells every host of it, and one alone has our label.
    if (oneIsOurs && existing.driver !== DEFAULT_DRIVER && isKnownByName(existing)) continue;
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

/** What is taken over is there, and nobody's whom Ferry knows. */
function requireAdopted(
  { key, name, ...identity }: ReachedVolume,
  found: Awaited<ReturnType<typeof findVolumes>>["found"],
  unheard: boolean,
): void {
  const ids = owningIds({ key, name, ...identity });
  const others = found.find(
    ({ volume }) => volume.labels[LABELS.volume] !== undefined && !isOurs(volume, ids),
  );
  if (others !== undefined) {
    throw new FerryError({
      kind: "settings",
      what: `taking over Docker volume '${name}' as volume '${key}'`,
      host: others.host.name,
      reason: whoseInWords(others.volume),
      touched: "nothing",
    });
  }
  if (found.length > 0 || unheard) return;
  throw new FerryError({
    kind: "settings",
    what: `taking over what runs, with volume '${key}'`,
    reason:
      `no host has a Docker volume '${name}', so that it would start empty. Say by which name it is there (its \`name\`, or ` +
      "the project of `adopt`); one that is to begin empty is made by `docker volume create` before",
    touched: "nothing",
  });
}
