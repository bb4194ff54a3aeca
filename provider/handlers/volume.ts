import { hostLeases } from "../adapters/lease/host-leases";
import { volumeDrivers } from "../adapters/volume/drivers";
import { canonicalJson } from "../core/canonical-json";
import { volumeId } from "../core/identity";
import { isUnknown } from "../core/unknown";
import { checkVolume } from "../core/volume/check";
import type { VolumeLeases } from "../core/volume/lease";
import {
  owningIds,
  type KeptVolume,
  type VolumeInputs,
  type VolumeOutputs,
} from "../core/volume/model";
import { rememberConnections } from "./connections";
import type { Handler, HandlerContext } from "./handler";
import { sayControl } from "./volume/control";
import { deleteVolume } from "./volume/delete";
import { requireUsable } from "./volume/usable";
import { requireChecked, waysOfThisRun, withoutHosts, type Ways } from "./ways";

/**
 * A volume's identity. It follows its replica and has no host of its own: the Docker volume is made
 * by the replica, on the replica's host, so that a move changes nothing here.
 */
export function volumeHandler(
  context: HandlerContext,
  drivers = volumeDrivers,
  ways: Ways = waysOfThisRun,
  leases: VolumeLeases = hostLeases,
): Handler<KeptVolume, VolumeOutputs> {
  const inOtherForm = new Set<string>();
  const all = (kept: KeptVolume) => requireChecked(ways.ofCluster(kept.cluster), kept);
  const reachable = (outs: VolumeOutputs): VolumeOutputs =>
    outs.deleteData ? { ...outs, connections: all(outs) } : outs;
  return {
    secrets: ["connections", "flocker"],
    replaces: ["project", "stack", "deployment", "key", "name"],
    // As for a replica.
    renames: () => ["project", "stack", "deployment"],
    check(olds, news) {
      const inputs = news as unknown as VolumeInputs;
      const without = withoutHosts(inputs.connections);
      if (without !== undefined) return { inputs: olds as KeptVolume, problems: [without] };
      if (!isUnknown(inputs.connections)) {
        rememberConnections(inputs.connections);
        ways.say(inputs.connections, inputs.cluster);
      }
      const checked = checkVolume(olds, inputs, drivers);
      const { inputs: kept } = checked;
      checked.problems.push(...sayControl(kept.flocker, kept.key));
      inOtherForm[isInOtherForm(olds, kept) ? "add" : "delete"](volumeId(kept));
      return checked;
    },
    isSame: (inputs) => inOtherForm.has(volumeId(inputs)),
    async create(inputs) {
      await requireUsable(context, { ...inputs, connections: all(inputs) }, drivers);
      return { id: volumeId(inputs), outs: reachable(withAccepted(inputs)) };
    },
    // Which host has its data is the replica's to know, so there is nothing here that could drift.
    read(_id, outs) {
      const { accepted: _accepted, connections, ...inputs } = outs;
      const kept = outs.deleteData && connections !== undefined ? { connections } : {};
      const { connections: _ways, ...others } = outs;
      return Promise.resolve({ inputs, outs: { ...others, ...kept } });
    },
    update: (_id, olds, inputs) => Promise.resolve(reachable(withAccepted(inputs, olds))),
    delete(_id, outs) {
      sayControl(outs.flocker, outs.key);
      const known = { ...outs.connections, ...ways.ofCluster(outs.cluster) };
      // Where data is deleted, by the ways of its own cluster alone.
      const connections = outs.deleteData ? known : { ...ways.met(outs), ...known };
      return deleteVolume(context, { ...outs, connections }, drivers, leases);
    },
  };
}

/**
 * As for a replica: an earlier version kept the ways to all hosts. Its cluster may be called
 * otherwise by now, which is no change either.
 */
function isInOtherForm(olds: Partial<VolumeOutputs>, kept: KeptVolume): boolean {
  const { connections, cluster, ...before } = olds;
  const { cluster: now, ...settings } = kept;
  if (connections === undefined && cluster === now) return false;
  return canonicalJson(before) === canonicalJson(settings);
}

function withAccepted(inputs: KeptVolume, olds?: VolumeOutputs): VolumeOutputs {
  const before = olds && owningIds(olds);
  const accepted = before === undefined ? [] : [before.id, ...before.formerly];
  const { id, formerly: all } = owningIds({ ...inputs, accepted });
  const formerly = all.filter((each) => each !== id);
  return formerly.length === 0 ? inputs : { ...inputs, accepted: formerly };
}
