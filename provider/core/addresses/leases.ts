import type { Cidr } from "./ipv4";
import { LeaseDraft, type LeaseProblem } from "./lease-draft";
import type { Allocation, LeaseRequest, Release, Unknown } from "./model";

export interface LeaseResult {
  readonly leases: ReadonlyMap<string, number | Unknown>;
  readonly released: ReadonlyMap<number, Release>;
  /** How many replicas got no address because the subnet has no more. */
  readonly short: number;
  /** Addresses that are kept back until this update is done, because their replicas leave in it. */
  readonly leaving: number;
  readonly problems: readonly LeaseProblem[];
}

/**
 * Gives every replica an address in the subnet. In this order: what a replica holds, it keeps; what
 * the user fixed; what a replica that comes back held before; addresses that no one has held;
 * addresses given back, the oldest first. What is given back now is not handed out now: its owner
 * is removed at the end of the update, after the new replicas have started. What was given back is
 * remembered until somebody else has it: who has left may only seem to have, because a program
 * failed half-way.
 */
export function assignLeases(
  subnet: Cidr,
  previous: Allocation | undefined,
  requests: readonly LeaseRequest[],
): LeaseResult {
  const draft = new LeaseDraft(subnet, previous, requests);
  const { fixed, automatic } = draft.keepLeases();
  const problems = draft.giveFixed(fixed);
  const newcomers = draft.giveBack(automatic);
  const short = draft.giveUnheld(newcomers);
  const { leases, leaving } = draft;
  return { leases, released: draft.releases(), short, leaving: leaving.size, problems };
}
