import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/names";
import { withAccepted } from "../replica/accepted";
import { withNames } from "../replica/former-names";
import type { ReplicaTools } from "../replica/tools";
import { act } from "./act";
import { keptHost, leaveWhereItRuns, RunsElsewhere } from "./adopt";
import { Changes, type Errand } from "./errand";
import { reasonOf, toldWhole } from "./failures";
import { find } from "./find";
import { allWays, holdingAll, hostsOf } from "./held";

/**
 * Brings a replica to what the program says, from whatever is found: nothing, its container here or
 * elsewhere, or what an interrupted run has left. `olds` is what state knows, if anything.
 *
 * The way, downwards: whose word its host is (adopt.ts), hold the hosts (held.ts), see where it is
 * and finish what is left over (find.ts), then make it, move it or see to it where it is (act.ts).
 */
export function converge(
  tools: ReplicaTools,
  inputs: PlacedReplica,
  olds?: ReplicaState,
): Promise<ReplicaState> {
  const kept = keptHost(inputs, olds);
  return withNames(inputs, olds, (named) =>
    withAccepted(named, olds, (replica) => adopting(tools, { ...replica, ...kept }, olds)),
  );
}

type Wanted = PlacedReplica & { readonly insteadOf?: string };

/** A host that is not the user's word yields to the one that it is found running on. */
async function adopting(
  tools: ReplicaTools,
  replica: Wanted,
  olds: ReplicaState | undefined,
): Promise<ReplicaState> {
  try {
    return await whileHeld(tools, replica, olds);
  } catch (error) {
    if (!(error instanceof RunsElsewhere)) throw error;
    const { host } = error;
    tools.progress.info(
      `${replicaLabel(replica)}: it runs on ${host} already, and is taken over there; the program names no host for it`,
    );
    return whileHeld(tools, { ...replica, host, insteadOf: replica.host }, olds);
  }
}

async function whileHeld(
  tools: ReplicaTools,
  replica: Wanted,
  olds: ReplicaState | undefined,
): Promise<ReplicaState> {
  const label = replicaLabel(replica);
  const connections = allWays(replica, olds);
  const reason = reasonOf(replica, olds);
  const changes = new Changes();
  try {
    return await holdingAll(
      tools,
      { replica, connections, hosts: hostsOf(replica, olds), reason },
      (held) => findAndAct(tools, { label, replica, connections, olds, held, changes }),
    );
  } catch (error) {
    throw toldWhole(error, replica, reason, changes.begun);
  }
}

async function findAndAct(tools: ReplicaTools, errand: Errand): Promise<ReplicaState> {
  const found = await find(tools, errand);
  if (errand.olds === undefined) leaveWhereItRuns(errand.replica, found.settled);
  return act(tools, errand, found);
}
