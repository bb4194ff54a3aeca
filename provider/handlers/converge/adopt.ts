import type { Candidate } from "../../core/adoption/pick";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { elsewhere } from "../adoption/require";
import type { Decided } from "../replica/bring-in-order";

/**
 * A replica that state does not know, and whose host is only suggested, was found on another one.
 * Nothing was changed.
 */
export class RunsElsewhere extends Error {
  constructor(readonly host: string) {
    super(`it runs on host '${host}'`);
  }
}

/**
 * State was lost, or another program made it: it is not moved for a suggestion, unless its host is
 * none of the program's. Throws RunsElsewhere.
 */
export function leaveWhereItRuns(replica: PlacedReplica, decided: Decided): void {
  if (replica.suggested !== true) return;
  const host = decided.kind === "move" ? decided.home.host : undefined;
  if (host !== undefined && host in replica.connections) throw new RunsElsewhere(host);
}

/**
 * Where it was left once, it stays for as long as the program suggests what it did then; a refresh
 * makes that its host.
 */
export function keptHost(
  { host, suggested, connections }: PlacedReplica,
  olds: ReplicaState | undefined,
): { readonly host: string; readonly insteadOf?: string } {
  const stays =
    suggested === true &&
    olds?.insteadOf !== undefined &&
    olds.insteadOf === host &&
    olds.host in connections;
  return stays ? { host: olds.host, insteadOf: host } : { host };
}

/** What runs already is taken over where it is, and moved after that. Throws RunsElsewhere. */
export function requireHere(replica: PlacedReplica, found: Candidate): void {
  if (found.host === replica.host) return;
  throw replica.suggested === true ? new RunsElsewhere(found.host) : elsewhere(replica, found);
}
