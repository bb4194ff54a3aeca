import type { Connections } from "../../core/connection";
import { hasOtherPlace } from "../../core/replica/known-places";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { whileLocked, NotLocked, type Claim, type Locked } from "../replica/while-locked";
import type { ReplicaTools } from "../replica/replica-tools";

/**
 * What is there may be on a host that nobody knew of: held as well, all is looked at once more.
 * Whoever knows nothing yet takes every host that answers, so that two runs that make the same
 * replica at once meet at each that they have in common.
 */
export async function whileAllLocked<T>(
  tools: ReplicaTools,
  claim: Claim,
  work: (locked: Locked) => Promise<T>,
  backAgain = false,
): Promise<T> {
  try {
    return await whileLocked(tools, claim, work);
  } catch (error) {
    if (!(error instanceof NotLocked)) throw error;
    // One that was asked for and is not held was silent then, and has come back since.
    const allKnown = error.hosts.every((host) => claim.hosts.includes(host));
    if (allKnown && backAgain) throw error;
    const hosts = [...claim.hosts, ...error.hosts];
    return whileAllLocked(tools, { ...claim, hosts }, work, backAgain || allKnown);
  }
}

/** Where it is and where it goes; everywhere, when nobody knows where it is. */
export function hostsOf(replica: PlacedReplica, olds: ReplicaState | undefined): string[] {
  return olds === undefined ? Object.keys(replica.connections) : [replica.host, olds.host];
}

/**
 * The old host may have left the program already; the way to it is in state. Where its name leads
 * elsewhere now, it may still answer where it was.
 */
export function allWays(replica: PlacedReplica, olds: ReplicaState | undefined): Connections {
  const before = olds?.connections ?? {};
  const now = { ...before, ...replica.connections };
  const way = olds && before[olds.host];
  if (olds === undefined || way === undefined) return now;
  const moved = hasOtherPlace(olds.host, before, replica.connections);
  return moved ? { ...now, [`${olds.host} at its old address`]: way } : now;
}
