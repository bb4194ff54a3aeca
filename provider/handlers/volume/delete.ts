import { FerryError, inWords, unclaimed } from "../../core/errors";
import { DEFAULT_DRIVER, type VolumeDrivers } from "../../core/volume/driver";
import type { Host, VolumeState } from "../../core/adapter-ports";
import { LABELS } from "../../core/identity";
import { folderOf } from "../../core/volume/folder";
import type { VolumeLeases } from "../../core/volume/lease";
import { owningIds } from "../../core/volume/model";
import { isOurs } from "../../core/volume/owner";
import type { HandlerContext } from "../handler";
import { findVolumes, type ReachedVolume } from "./find";
import { dropLeases } from "./leases";
import { letGoUnused } from "./let-go-unused";

/** Keeps the data and says where it is, or (`deleteData`) removes it from every host. */
export async function deleteVolume(
  context: HandlerContext,
  volume: ReachedVolume,
  drivers: VolumeDrivers,
  leases: VolumeLeases,
): Promise<void> {
  const { key, name, external, deleteData } = volume;
  const { found, hosts, silent, troubled } = await findVolumes(context, volume, drivers);
  const attach = found.filter((each) => drivers.scopeOfExisting(each.volume) === "attach");
  const known = drivers.scopeOf(volume) === "attach" ? [volume.driver] : [];
  for (const driver of new Set([...known, ...attach.map((each) => each.volume.driver)])) {
    await dropLeases({ leases }, volume, { driver, volume: name }, hosts);
  }
  if (drivers.scopeOf(volume) === "attach") await letGoOf(context, volume, drivers, hosts);
  const ids = owningIds(volume);
  const ours = found.filter((each) => isOurs(each.volume, ids));
  if (external || !deleteData) {
    const where = (external ? found : ours).map(({ host }) => host.name).join(", ");
    if (where !== "") {
      context.progress.info(
        `volume '${key}': its data stays on ${where}, as Docker volume '${name}'`,
      );
    }
    return;
  }
  const driver = drivers.of(volume);
  for (const each of ours) {
    const folder = leftIn(each.volume);
    if (folder !== undefined) {
      const where = `folder '${folder}' on ${each.host.name}`;
      context.progress.info(`volume '${key}': ${where} stays: it had data before Ferry came to it`);
    }
    await driver.remove(each.host, each.volume);
  }
  if (volume.driver === DEFAULT_DRIVER && driver.scope !== "host" && ours.length > 0) {
    context.progress.info(
      `volume '${key}': its data is on no host, and Docker leaves it where it is; delete it there`,
    );
  }
  const [unheard] = [...troubled, ...silent];
  if (unheard === undefined) return;
  const [host, error] = unheard;
  throw new FerryError(
    {
      ...{ kind: error.fault.kind, what: `deleting the data of volume '${key}'`, host },
      reason: inWords(error.fault, { claim: false }),
      touched: { said: "It is deleted on every host that could be asked" },
      advice:
        "Try again when the host is back, or take the volume out of state with `pulumi state delete` when it is gone for good",
    },
    { cause: error },
  );
}

/** Nothing of its deployment runs with it any more: replicas go first. */
async function letGoOf(
  { progress }: HandlerContext,
  volume: ReachedVolume,
  drivers: VolumeDrivers,
  hosts: readonly Host[],
): Promise<void> {
  for (const host of hosts) {
    try {
      await letGoUnused(drivers, volume, host);
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      progress.warn(`volume '${volume.key}': ${unclaimed(error).message}`);
      return;
    }
  }
}

function leftIn(volume: VolumeState): string | undefined {
  return volume.labels[LABELS.folder] === "found" ? folderOf(volume) : undefined;
}
