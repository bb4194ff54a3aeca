import { FerryError } from "../../core/errors";
import type { ReplicaState } from "../../core/replica/model";
import { withFormerNames } from "../../core/replica/former-names";
import { replicaLabel } from "../../core/replica/replica-names";
import { believedOf } from "./believed";
import { waitForCutovers } from "./running-cutovers";
import { discover, whyNot, type Discovery } from "./discover";
import { whileLocked } from "./while-locked";
import { sentence } from "./outcome";
import type { ReplicaTools } from "./replica-tools";

/**
 * Looks at a replica while nobody changes it: what is seen in the middle of a move is false a
 * moment later. A killed engine's provider goes on with what it has begun, and so does a cutover
 * whose provider was killed. Both are waited for, but not for ever; `doubt` then says who may be
 * changing it. A move holds both its hosts, so the lock on the one in state is enough.
 */
export async function lookUndisturbed(
  tools: ReplicaTools,
  outs: ReplicaState,
): Promise<{ discovery: Discovery; doubt?: string }> {
  const label = replicaLabel(outs);
  const replica = withFormerNames(outs, outs);
  const { connections } = outs;
  const reason = `looking at ${label}`;
  const claim = { replica, connections, hosts: [outs.host], reason };
  const look = () => discover(tools, replica, connections, { believed: believedOf(outs) });
  try {
    const discovery = await whileLocked(tools, claim, () => waitForCutovers(tools, label, look));
    return { discovery };
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    const discovery = await look();
    // What ails the host itself is told of already.
    return whyNot(discovery, outs.host) !== undefined
      ? { discovery }
      : { discovery, doubt: sentence(error) };
  }
}
