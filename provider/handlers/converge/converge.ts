import type { AdoptRequest } from "../../core/adoption/request";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/replica-names";
import { withAccepted } from "../replica/accepted";
import { withNames } from "../replica/former-names";
import { requireFiles } from "../replica/files";
import type { ReplicaTools } from "../replica/replica-tools";
import { removeUnusedImage } from "../replica/unused-images";
import { act } from "./act";
import { keptHost, leaveWhereItRuns, RunsElsewhere } from "./adopt";
import { Changes, type Errand } from "./errand";
import { reasonOf, reportWhole } from "./failures";
import { find } from "./find";
import { allWays, whileAllLocked, hostsOf } from "./all-locked";

/**
 * Brings a replica to what the program says, from whatever is found: nothing, its container here or
 * elsewhere, or what an interrupted run has left. `olds` is what state knows, if anything.
 *
 * The way, downwards: whose word its host is (adopt.ts), hold the hosts (held.ts), see where it is
 * and finish what is left over (find.ts), then make it, move it or see to it where it is (act.ts).
 */
export async function converge(
  tools: ReplicaTools,
  inputs: PlacedReplica,
  olds?: ReplicaState,
  adopt?: AdoptRequest,
): Promise<ReplicaState> {
  requireFiles(tools, inputs);
  const kept = keptHost(inputs, olds);
  return withNames(inputs, olds, (named) =>
    withAccepted(named, olds, (replica) => adopting(tools, { ...replica, ...kept }, olds, adopt)),
  );
}

type Wanted = PlacedReplica & { readonly insteadOf?: string };

/** A host that is not the user's word yields to the one that it is found running on. */
async function adopting(
  tools: ReplicaTools,
  replica: Wanted,
  olds: ReplicaState | undefined,
  adopt: AdoptRequest | undefined,
): Promise<ReplicaState> {
  try {
    return await whileLocked(tools, replica, olds, adopt);
  } catch (error) {
    if (!(error instanceof RunsElsewhere)) throw error;
    const { host } = error;
    tools.progress.info(
      `${replicaLabel(replica)}: it runs on ${host} already, and is taken over there; the program names no host for it`,
    );
    return whileLocked(tools, { ...replica, host, insteadOf: replica.host }, olds, adopt);
  }
}

async function whileLocked(
  tools: ReplicaTools,
  replica: Wanted,
  olds: ReplicaState | undefined,
  adopt: AdoptRequest | undefined,
): Promise<ReplicaState> {
  const label = replicaLabel(replica);
  const connections = allWays(replica, olds);
  const reason = reasonOf(replica, olds);
  const changes = new Changes();
  try {
    return await whileAllLocked(
      tools,
      { replica, connections, hosts: hostsOf(replica, olds), reason },
      (locked) => findAndAct(tools, { label, replica, connections, olds, adopt, locked, changes }),
    );
  } catch (error) {
    throw reportWhole(error, replica, reason, changes.begun);
  }
}

async function findAndAct(tools: ReplicaTools, errand: Errand): Promise<ReplicaState> {
  const found = await find(tools, errand);
  if (errand.olds === undefined) leaveWhereItRuns(errand.replica, found.decided);
  const state = await act(tools, errand, found);
  const { olds, label } = errand;
  if (olds !== undefined && olds.spec.image !== state.spec.image)
    await removeUnusedImage(tools, label, olds.spec.image, found.discovery.hosts.values());
  return state;
}
