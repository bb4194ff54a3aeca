import { FerryError, inWords } from "../../core/errors";
import type { VolumeDrivers } from "../../core/volume/driver";
import { owningIds, type VolumeOutputs } from "../../core/volume/model";
import { isOurs } from "../../core/volume/owner";
import type { HandlerContext } from "../handler";
import { findVolumes } from "./find";

/** Keeps the data and says where it is, or (`deleteData`) removes it from every host. */
export async function deleteVolume(
  context: HandlerContext,
  volume: VolumeOutputs,
  drivers: VolumeDrivers,
): Promise<void> {
  const { key, name, external, deleteData } = volume;
  const { found, silent, troubled } = await findVolumes(context, volume, drivers);
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
  for (const { host } of ours) await drivers.of(volume).remove(host, name);
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
