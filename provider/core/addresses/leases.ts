import { isUnknown } from "../unknown";
import { formatCidr, lastOf, sameCidr, type Cidr } from "./ipv4";
import type { Allocation, LeaseRequest, Release, Unknown } from "./model";
import { compareReplicas } from "./order";
import { leftAlone, nextGeneration } from "./releases";
import { exposeAddress, firstLeasable, isLeasable, lastLeasable } from "./sizing";

export interface LeaseResult {
  readonly leases: ReadonlyMap<string, number | Unknown>;
  readonly released: ReadonlyMap<number, Release>;
  /** How many replicas got no address because the subnet has no more. */
  readonly short: number;
  /** Addresses that are kept back until this update is done, because their replicas leave in it. */
  readonly leaving: number;
  readonly problems: readonly LeaseProblem[];
}

/** A fixed address that a replica cannot have; the reason is a clause without a full stop. */
export interface LeaseProblem {
  readonly key: string;
  readonly reason: string;
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
  const sorted = [...requests].sort((a, b) => compareReplicas(a.key, b.key));
  const held = previous?.leases ?? new Map<string, number>();
  const earlier = new Map([...(previous?.released ?? [])].filter(([ip]) => isLeasable(subnet, ip)));
  const leases = new Map<string, number | Unknown>();
  const owners = new Map<number, string>();
  const give = (key: string, ip: number) => {
    leases.set(key, ip);
    owners.set(ip, key);
  };

  const fixed: { key: string; ip: number }[] = [];
  const automatic: string[] = [];
  for (const { key, ip } of sorted) {
    const holds = held.get(key);
    if (typeof ip === "string") leases.set(key, ip);
    else if (holds !== undefined && (ip ?? holds) === holds && isLeasable(subnet, holds))
      give(key, holds);
    else if (ip !== undefined) fixed.push({ key, ip });
    else automatic.push(key);
  }

  const leaving = new Map<number, string>();
  for (const [key, ip] of held) if (!owners.has(ip)) leaving.set(ip, key);
  // Until every replica has the new mask, some take the old last address for broadcast.
  const edges =
    previous && !sameCidr(previous.subnet, subnet)
      ? [previous.subnet.base, exposeAddress(previous.subnet), lastOf(previous.subnet)]
      : [];
  const isBlocked = (ip: number) => owners.has(ip) || leaving.has(ip) || edges.includes(ip);

  const fixedByUser = new Set(requests.filter(({ ip }) => ip !== undefined).map(({ key }) => key));
  const problems: LeaseProblem[] = [];
  for (const { key, ip } of fixed) {
    const reason = whyNot(ip);
    if (reason === undefined) give(key, ip);
    else problems.push({ key, reason });
  }

  const latestOf = new Map<string, { ip: number; generation: number }>();
  for (const [ip, { by, generation }] of earlier) {
    if (!isBlocked(ip) && generation > (latestOf.get(by)?.generation ?? 0))
      latestOf.set(by, { ip, generation });
  }
  const newcomers: string[] = [];
  for (const key of automatic) {
    const back = latestOf.get(key);
    if (back) give(key, back.ip);
    else newcomers.push(key);
  }

  const source = unheld();
  let short = 0;
  for (const key of newcomers) {
    const next = source.next();
    if (next.done) short++;
    else give(key, next.value);
  }

  return { leases, released: releases(), short, leaving: leaving.size, problems };

  function* unheld(): Generator<number, void> {
    const resting = leftAlone(
      [...earlier].map(([ip, { generation }]) => ({ ip, generation })).sort((a, b) => a.ip - b.ip),
    );
    const rests = new Set(resting.map(({ ip }) => ip));
    for (let ip = firstLeasable(subnet); ip <= lastLeasable(subnet); ip++) {
      if (!isBlocked(ip) && !rests.has(ip)) yield ip;
    }
    for (const { ip } of resting) if (!isBlocked(ip)) yield ip;
  }

  function whyNot(ip: number): string | undefined {
    const outside = whyNotLeasable(subnet, ip);
    if (outside !== undefined) return outside;
    const owner = owners.get(ip);
    if (owner !== undefined) {
      return fixedByUser.has(owner)
        ? `replica '${owner}' has the same fixed address`
        : `it is leased to replica '${owner}'`;
    }
    const leaver = leaving.get(ip);
    if (leaver !== undefined) return `replica '${leaver}' holds it until this update is done`;
    return edges.includes(ip)
      ? "it was reserved in the smaller subnet until this update is done"
      : undefined;
  }

  function releases(): ReadonlyMap<number, Release> {
    const generation = nextGeneration(earlier.values());
    const waiting = new Set(requests.filter(({ ip }) => isUnknown(ip)).map(({ key }) => key));
    const now = [...leaving]
      .filter(([ip, by]) => isLeasable(subnet, ip) && !waiting.has(by))
      .map(([ip, by]) => ({ ip, by, generation }));
    const before = [...earlier]
      .filter(([ip]) => !owners.has(ip) && !leaving.has(ip))
      .map(([ip, { by, generation }]) => ({ ip, by, generation }));
    const all = [...before, ...now].sort((a, b) => a.ip - b.ip);
    return new Map(all.map(({ ip, by, generation }) => [ip, { by, generation }]));
  }
}

/** Why no replica may have this address in this subnet: a clause, or undefined when one may. */
export function whyNotLeasable(subnet: Cidr, ip: number): string | undefined {
  const text = formatCidr(subnet);
  if (ip < subnet.base || ip > lastOf(subnet)) return `it is outside the subnet ${text}`;
  if (ip === subnet.base) return `it is the network address of the subnet ${text}`;
  if (ip === lastOf(subnet)) return `it is the broadcast address of the subnet ${text}`;
  if (ip === exposeAddress(subnet)) {
    return `it is the first usable address of the subnet ${text}, which is kept for 'weave expose'`;
  }
  return undefined;
}
