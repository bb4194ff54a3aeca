import { volumeId } from "../core/identity";
import { isUnknown } from "../core/unknown";
import { checkVolume } from "../core/volume/check";
import type { KeptVolume, VolumeInputs } from "../core/volume/model";
import { rememberConnections } from "./connections";
import type { Handler, HandlerContext } from "./handler";
import { deleteVolume } from "./volume/delete";
import { requireUsable } from "./volume/usable";

/**
 * A volume's identity. It follows its replica and has no host of its own: the Docker volume is made by the replica, on
 * the replica's host, so that a move changes nothing here.
 */
export function volumeHandler(context: HandlerContext): Handler<KeptVolume, KeptVolume> {
  return {
    secrets: ["connections"],
    replaces: ["project", "stack", "deployment", "key", "name"],
    check(olds, news) {
      const inputs = news as unknown as VolumeInputs;
      if (!isUnknown(inputs.connections)) rememberConnections(inputs.connections);
      return checkVolume(olds, inputs);
    },
    async create(inputs) {
      await requireUsable(context, inputs);
      return { id: volumeId(inputs), outs: inputs };
    },
    // Which host has its data is the replica's to know, so there is nothing here that could drift.
    read: (_id, outs) => Promise.resolve({ inputs: outs, outs }),
    update: (_id, _olds, inputs) => Promise.resolve(inputs),
    delete: (_id, outs) => deleteVolume(context, outs),
  };
}
