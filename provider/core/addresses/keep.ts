import { enter, type Draft } from "./draft";
import { enclosing, formatCidr, type Cidr } from "./ipv4";
import { assignLeases, type LeaseResult } from "./leases";
import type { Allocation, SubnetRequest } from "./model";
import { nameSome } from "./order";
import { capacityOf, roomyPrefix, tightPrefix } from "./sizing";

/** A deployment keeps the subnet that it has; when that is full, the subnet grows where it is. */
export function keepSubnet(draft: Draft, request: SubnetRequest, previous: Allocation): void {
  const { deployment } = request;
  const exclusion = draft.space.exclusionOn(previous.subnet);
  if (exclusion) {
    draft.problems.push({
      property: "exclude",
      reason:
        `the exclusion ${formatCidr(exclusion)} overlaps the subnet ${formatCidr(previous.subnet)} of deployment ` +
        `'${deployment}'. Take the exclusion back, or give the deployment another \`subnet:\`, with which its ` +
        `replicas get new addresses.`,
    });
    return;
  }
  const leased = assignLeases(previous.subnet, previous, request.replicas);
  if (leased.short === 0) {
    enter(draft, request, previous.subnet, leased);
    return;
  }
  const grown = grow(draft, request, previous, request.replicas.length + leased.leaving);
  if (typeof grown === "object") {
    enter(draft, request, grown.subnet, grown.leased);
    return;
  }
  draft.problems.push({
    property: `requests.${deployment}`,
    reason:
      `${tooMany(deployment, previous.subnet, request.replicas.length, leased.leaving)}, and it cannot grow in ` +
      `place: ${grown}. No address was changed; give the deployment a wider \`subnet:\` by hand, with which ` +
      `replicas outside it get new addresses, or free that space${leaveFirst(leased.leaving)}.`,
  });
}

/** "deployment 'apples' needs 31 addresses but its subnet 10.40.0.0/27 holds 29". */
export function tooMany(
  deployment: string,
  subnet: Cidr,
  replicas: number,
  leaving: number,
): string {
  const until = leaving > 0 ? ` (${leaving} of them until replicas that leave are gone)` : "";
  return (
    `deployment '${deployment}' needs ${replicas + leaving} addresses${until} but its subnet ` +
    `${formatCidr(subnet)} holds ${capacityOf(subnet.prefix)}`
  );
}

export function leaveFirst(leaving: number): string {
  return leaving > 0 ? ", or remove the replicas that leave in an update of its own first" : "";
}

/**
 * The widest block up to the size with head-room that starts where the subnet does and that nobody
 * else has had; else the widest that nobody else has; else, for the narrowest that would do, why
 * not. The start must stay: it holds the address that the host itself may be using.
 */
function grow(
  draft: Draft,
  { deployment, replicas }: SubnetRequest,
  previous: Allocation,
  need: number,
): { subnet: Cidr; leased: LeaseResult } | string {
  const { base, prefix } = previous.subnet;
  // One more than the need: the old broadcast address is not handed out yet.
  const tight = Math.min(prefix - 1, tightPrefix(need + 1));
  let obstacle = "";
  let second: Cidr | undefined;
  for (let wider = Math.min(roomyPrefix(need), tight); wider <= tight; wider++) {
    const subnet = enclosing(base, wider);
    const reason =
      subnet.base === base
        ? draft.space.obstacle(deployment, subnet, previous.subnet)
        : `its first address is not the first of a /${wider}`;
    if (reason !== undefined) {
      obstacle = subnet.base === base ? `as ${formatCidr(subnet)}, ${reason}` : reason;
    } else if (draft.space.isResting(subnet, previous.subnet)) second ??= subnet;
    else return { subnet, leased: assignLeases(subnet, previous, replicas) };
  }
  if (second === undefined) return obstacle;
  return { subnet: second, leased: assignLeases(second, previous, replicas) };
}

/** A pool may be changed as long as it still contains the subnets that are in use. */
export function refuseOutside(draft: Draft, outside: readonly [string, Cidr][]): void {
  const [first] = outside;
  if (!first) return;
  const { pool } = draft.space;
  const names = nameSome(outside.map(([deployment]) => deployment));
  const [subject, them] = outside.length > 1 ? ["deployments", "them"] : ["deployment", "it"];
  draft.problems.push({
    property: "pool",
    reason:
      `the pool cannot become ${formatCidr(pool)}: ${subject} ${names} would lie outside ` +
      `(${formatCidr(first[1])}), and addresses in use are not renumbered. Choose a pool that contains ` +
      `${them}, or give ${them} a \`subnet:\` in the new pool, with which replicas get new addresses.`,
  });
}
