import type { Lost } from "../../core/move/source-lost";
import type { PlacedReplica } from "../../core/replica/model";
import { believedOf } from "../replica/believed";
import { bringInOrder, type Decided } from "../replica/bring-in-order";
import type { ReplicaTools } from "../replica/replica-tools";
import type { Errand } from "./errand";
import { refusal } from "./failures";
import { dataMissed } from "./first-start";
import { aliveBefore, passOver } from "./source-lost";

type Looked = Awaited<ReturnType<typeof bringInOrder>>;

/** Where the replica is, and what remains to be done about it. */
export interface Found extends Pick<Looked, "discovery"> {
  readonly decided: Exclude<Decided, { kind: "refuse" }>;
}

/**
 * Finishes or takes back what earlier runs have left over; a source that is lost is passed over
 * when the program says so. Rejects when nothing may be done.
 */
export async function find(tools: ReplicaTools, errand: Errand): Promise<Found> {
  const { connections } = errand;
  const { decided, discovery } = await lookPastLoss(tools, errand);
  if (decided.kind === "refuse") throw refusal(errand, decided, discovery);
  if (decided.kind === "create") {
    const reason = aliveBefore(tools, discovery.silent.keys(), connections);
    if (reason !== undefined) throw refusal(errand, { reason }, discovery);
  }
  return { decided, discovery };
}

async function lookPastLoss(tools: ReplicaTools, errand: Errand): Promise<Looked> {
  const { replica, connections, olds, locked, changes } = errand;
  const wish = {
    replica,
    connections,
    check: (hosts?: ReadonlySet<string>) => {
      locked.check(hosts);
      changes.begin();
    },
    ...(olds === undefined ? {} : { believed: believedOf(olds) }),
  };
  const first = await bringInOrder(tools, wish);
  const lost = await lossIn(tools, replica, first);
  if (lost === undefined) return first;
  const reason = await passOver(tools, replica, connections, first, lost, wish.check);
  const silent = typeof lost === "string" ? { silent: lost } : {};
  if (reason !== undefined) throw refusal(errand, { reason, ...silent }, first.discovery);
  const second = await bringInOrder(tools, wish);
  const still = await lossIn(tools, replica, second);
  if (still === undefined || typeof still === "string") return second;
  throw refusal(errand, { reason: still.what }, second.discovery);
}

/** How the newest data is lost, if it is: the name of a host that does not answer, or in words. */
async function lossIn(
  tools: ReplicaTools,
  replica: PlacedReplica,
  found: Looked,
): Promise<string | Lost | undefined> {
  const { decided } = found;
  if (decided.kind === "create") return dataMissed(tools, replica, found);
  if (decided.kind !== "refuse" || decided.silent === replica.host) return undefined;
  return decided.silent;
}
