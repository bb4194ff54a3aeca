import { network } from "../network";
import { isUnknown } from "../unknown";
import { formatCidr, lastOf, sameCidr, type Cidr } from "./ipv4";
import type { Allocation, LeaseRequest, Release, Unknown } from "./model";
import { compareReplicas } from "./order";
import { leftAlone, nextGeneration } from "./releases";
import { exposeAddress, firstLeasable, isLeasable, lastLeasable } from "./sizing";

/** A fixed address that a replica cannot have; the reason is a clause without a full stop. */
export interface LeaseProblem {
  readonly key: string;
  readonly reason: string;
}

interface Fixed {
  readonly key: string;
  readonly ip: number;
}

/** A subnet's addresses while they are given out; `assignLeases` says in which order. */
export class LeaseDraft {
  readonly leases = new Map<string, number | Unknown>();
  /** Addresses whose replicas leave in this update. */
  readonly leaving = new Map<number, string>();
  private readonly owners = new Map<number, string>();
  /** Given back by earlier updates. */
  private readonly earlier: ReadonlyMap<number, Release>;
  /** Until every replica has the new mask, some take the old last address for broadcast. */
  private readonly edges: readonly number[];

  constructor(
    private readonly subnet: Cidr,
    private readonly previous: Allocation | undefined,
    private readonly requests: readonly LeaseRequest[],
  ) {
    const released = [...(previous?.released ?? [])];
    this.earlier = new Map(released.filter(([ip]) => isLeasable(subnet, ip)));
    this.edges =
      previous && !sameCidr(previous.subnet, subnet)
        ? [previous.subnet.base, exposeAddress(previous.subnet), lastOf(previous.subnet)]
        : [];
  }

  /** What a replica holds, it keeps. Returns who has none yet. */
  keepLeases(): { fixed: Fixed[]; automatic: string[] } {
    const leases = this.previous?.leases ?? new Map<string, number>();
    const fixed: Fixed[] = [];
    const automatic: string[] = [];
    for (const { key, ip } of [...this.requests].sort((a, b) => compareReplicas(a.key, b.key))) {
      const holds = leases.get(key);
      if (typeof ip === "string") this.leases.set(key, ip);
      else if (holds !== undefined && (ip ?? holds) === holds && isLeasable(this.subnet, holds))
        this.give(key, holds);
      else if (ip !== undefined) fixed.push({ key, ip });
      else automatic.push(key);
    }
    for (const [key, ip] of leases) if (!this.owners.has(ip)) this.leaving.set(ip, key);
    return { fixed, automatic };
  }

  /** What the user fixed. */
  giveFixed(fixed: readonly Fixed[]): LeaseProblem[] {
    return fixed.flatMap(({ key, ip }) => {
      const reason = this.whyNot(ip);
      if (reason !== undefined) return [{ key, reason }];
      this.give(key, ip);
      return [];
    });
  }

  /** What a replica that comes back held before. Returns those that never held any. */
  giveBack(keys: readonly string[]): string[] {
    const latestOf = new Map<string, { ip: number; generation: number }>();
    for (const [ip, { by, generation }] of this.earlier) {
      if (!this.isBlocked(ip) && generation > (latestOf.get(by)?.generation ?? 0))
        latestOf.set(by, { ip, generation });
    }
    return keys.filter((key) => {
      const back = latestOf.get(key);
      if (back) this.give(key, back.ip);
      return back === undefined;
    });
  }

  /** Returns how many get none, as there are no more. */
  giveUnheld(keys: readonly string[]): number {
    const source = this.unheld();
    let short = 0;
    for (const key of keys) {
      const next = source.next();
      if (next.done) short++;
      else this.give(key, next.value);
    }
    return short;
  }

  /** What has been given back and is nobody's, now and before. */
  releases(): ReadonlyMap<number, Release> {
    const { subnet, requests, owners, leaving, earlier } = this;
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

  private give(key: string, ip: number): void {
    this.leases.set(key, ip);
    this.owners.set(ip, key);
  }

  private isBlocked(ip: number): boolean {
    return this.owners.has(ip) || this.leaving.has(ip) || this.edges.includes(ip);
  }

  /** Addresses that no one has held; then those given back, the oldest first. */
  private *unheld(): Generator<number, void> {
    const { subnet, earlier } = this;
    const resting = leftAlone(
      [...earlier].map(([ip, { generation }]) => ({ ip, generation })).sort((a, b) => a.ip - b.ip),
    );
    const rests = new Set(resting.map(({ ip }) => ip));
    for (let ip = firstLeasable(subnet); ip <= lastLeasable(subnet); ip++) {
      if (!this.isBlocked(ip) && !rests.has(ip)) yield ip;
    }
    for (const { ip } of resting) if (!this.isBlocked(ip)) yield ip;
  }

  private whyNot(ip: number): string | undefined {
    const outside = whyNotLeasable(this.subnet, ip);
    if (outside !== undefined) return outside;
    const owner = this.owners.get(ip);
    if (owner !== undefined) {
      const isFixed = this.requests.some((each) => each.key === owner && each.ip !== undefined);
      return isFixed
        ? `replica '${owner}' has the same fixed address`
        : `it is leased to replica '${owner}'`;
    }
    const leaver = this.leaving.get(ip);
    if (leaver !== undefined) return `replica '${leaver}' holds it until this update is done`;
    return this.edges.includes(ip)
      ? "it was reserved in the smaller subnet until this update is done"
      : undefined;
  }
}

/** Why no replica may have this address in this subnet: a clause, or undefined when one may. */
export function whyNotLeasable(subnet: Cidr, ip: number): string | undefined {
  const text = formatCidr(subnet);
  if (ip < subnet.base || ip > lastOf(subnet)) return `it is outside the subnet ${text}`;
  if (ip === subnet.base) return `it is the network address of the subnet ${text}`;
  if (ip === lastOf(subnet)) return `it is the broadcast address of the subnet ${text}`;
  if (ip === exposeAddress(subnet)) {
    return `it is the first usable address of the subnet ${text}, which is kept for '${network.hostAddresses}'`;
  }
  return undefined;
}
