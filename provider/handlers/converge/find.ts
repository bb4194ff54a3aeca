import type { Lost } from "../../core/move/source-lost";
import type { PlacedReplica } from "../../core/replica/model";
import { believedOf } from "../replica/believed";
import { settle, type Settled } from "../replica/settle";
import type { ReplicaTools } from "../replica/tools";
import type { Errand } from "./errand";
import { refused } from "./failures";
import { dataMissed } from "./first-start";
import { aliveBefore, passOver } from "./source-lost";

type Looked = Awaited<ReturnType<typeof settle>>;

/** Where the replica is, and what remains to be done about it. */
export interface Found extends Pick<Looked, "discovery"> {
  readonly settled: Exclude<Settled, { kind: "refuse" }>;
}

/**
 * Finishes or takes back what earlier runs have left over; a source that is lost is passed over
 * when the program says so. Rejects when nothing may be done.
 */
export async function find(tools: ReplicaTools, errand: Errand): Promise<Found> {
  const { connections } = errand;
  const { settled, discovery } = await lookPastLoss(tools, errand);
  if (settled.kind === "refuse") throw refused(errand, settled, discovery);
  if (settled.kind === "create") {
    const reason = aliveBefore(tools, discovery.silent.keys(), connections);
    if (reason !== undefined) throw refused(errand, { reason }, discovery);
  }
  return { settled, discovery };
}

async function lookPastLoss(tools: ReplicaTools, errand: Errand): Promise<Looked> {
  const { replica, connections, olds, held, changes } = errand;
  const wish = {
    replica,
    connections,
    check: (hosts?: ReadonlySet<string>) => {
      held.check(hosts);
      changes.begin();
    },
    ...(olds === undefined ? {} : { believed: believedOf(olds) }),
  };
  const first = await settle(tools, wish);
  const lost = await lossIn(tools, replica, first);
  if (lost === undefined) return first;
  const reason = await passOver(tools, replica, connections, first, lost, wish.check);
  const silent = typeof lost === "string" ? { silent: lost } : {};
  if (reason !== undefined) throw refused(errand, { reason, ...silent }, first.discovery);
  const second = await settle(tools, wish);
  const still = await lossIn(tools, replica, second);
  if (still === undefined || typeof still === "string") return second;
  throw refused(errand, { reason: still.what }, second.discovery);
}

/** How the newest data is lost, if it is: the name of a host that does not answer, or in words. */
async function lossIn(
  tools: ReplicaTools,
  replica: PlacedReplica,
  found: Looked,
): Promise<string | Lost | undefined> {
  const { settled } = found;
  if (settled.kind === "create") return dataMissed(tools, replica, found);
  if (settled.kind !== "refuse" || settled.silent === replica.host) return undefined;
  return settled.silent;
}
