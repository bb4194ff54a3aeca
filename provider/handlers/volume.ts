import { volumeDrivers } from "../adapters/volume/drivers";
import { volumeId } from "../core/identity";
import { isUnknown } from "../core/unknown";
import { checkVolume } from "../core/volume/check";
import {
  owningIds,
  type KeptVolume,
  type VolumeInputs,
  type VolumeOutputs,
} from "../core/volume/model";
import { rememberConnections } from "./connections";
import type { Handler, HandlerContext } from "./handler";
import { deleteVolume } from "./volume/delete";
import { requireUsable } from "./volume/usable";

/**
 * A volume's identity. It follows its replica and has no host of its own: the Docker volume is made
 * by the replica, on the replica's host, so that a move changes nothing here.
 */
export function volumeHandler(
  context: HandlerContext,
  drivers = volumeDrivers,
): Handler<KeptVolume, VolumeOutputs> {
  return {
    secrets: ["connections"],
    replaces: ["project", "stack", "deployment", "key", "name"],
    // As for a replica.
    renames: () => ["project", "stack", "deployment"],
    check(olds, news) {
      const inputs = news as unknown as VolumeInputs;
      if (!isUnknown(inputs.connections)) rememberConnections(inputs.connections);
      return checkVolume(olds, inputs, drivers);
    },
    async create(inputs) {
      await requireUsable(context, inputs, drivers);
      return { id: volumeId(inputs), outs: withAccepted(inputs) };
    },
    // Which host has its data is the replica's to know, so there is nothing here that could drift.
    read(_id, outs) {
      const { accepted: _accepted, ...inputs } = outs;
      return Promise.resolve({ inputs, outs });
    },
    update: (_id, olds, inputs) => Promise.resolve(withAccepted(inputs, olds)),
    delete: (_id, outs) => deleteVolume(context, outs, drivers),
  };
}

function withAccepted(inputs: KeptVolume, olds?: VolumeOutputs): VolumeOutputs {
  const before = olds && owningIds(olds);
  const accepted = before === undefined ? [] : [before.id, ...before.formerly];
  const { id, formerly: all } = owningIds({ ...inputs, accepted });
  const formerly = all.filter((each) => each !== id);
  return formerly.length === 0 ? inputs : { ...inputs, accepted: formerly };
}
