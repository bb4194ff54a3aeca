import { enter, enterUnknown, type Draft } from "./draft";
import { enclosing, formatAddress, formatCidr, sameCidr, type Cidr } from "./ipv4";
import { leaveFirst, tooMany } from "./keep";
import { whyNotLeasable } from "./lease-draft";
import { assignLeases } from "./leases";
import type { LeaseRequest, SubnetRequest } from "./model";
import { capacityOf, roomyPrefix, tightPrefix } from "./sizing";

/** How wide a subnet that is chosen around fixed addresses may be, so that they lie in one. */
const WIDEST_AROUND_FIXED = 24;

/** The user says which subnet. */
export function useFixedSubnet(draft: Draft, request: SubnetRequest, subnet: Cidr): void {
  const { deployment, replicas } = request;
  const previous = draft.history.deployments.get(deployment);
  const property = `requests.${deployment}.subnet`;
  const isNew = !previous || !sameCidr(previous.subnet, subnet);
  const obstacle =
    capacityOf(subnet.prefix) === 0
      ? "no address of it is free for a replica; /30 is the narrowest that can be used"
      : draft.space.obstacle(deployment, subnet, previous?.subnet);
  if (obstacle !== undefined) {
    const advice = isNew ? "Choose another" : "Free it, or choose another";
    const reason = `deployment '${deployment}' cannot have the subnet ${formatCidr(subnet)}: ${obstacle}. ${advice}.`;
    draft.problems.push({ property, reason });
    return;
  }
  const leased = assignLeases(subnet, previous, replicas);
  enter(draft, request, subnet, leased);
  if (leased.short > 0) {
    draft.problems.push({
      property,
      reason:
        `${tooMany(deployment, subnet, replicas.length, leased.leaving)}. ` +
        `Give it a wider \`subnet:\`; one that contains this one changes no address${leaveFirst(leased.leaving)}.`,
    });
  }
}

/** The user fixes addresses and no subnet: the subnet is chosen around them. */
export function chooseAroundFixed(draft: Draft, request: SubnetRequest): void {
  const { deployment, replicas } = request;
  if (replicas.some(({ ip }) => typeof ip === "string")) {
    enterUnknown(draft, request);
    return;
  }
  const fixed = replicas.filter(hasFixedAddress).sort((a, b) => a.ip - b.ip);
  const [lowest] = fixed;
  if (!lowest) return;
  let complaint: { replica: LeaseRequest & { ip: number }; reason: string } | undefined;
  for (const prefix of widthsAroundFixed(replicas.length)) {
    const subnet = enclosing(lowest.ip, prefix);
    const misfit = fixed.find(({ ip }) => whyNotLeasable(subnet, ip) !== undefined);
    const obstacle = draft.space.obstacle(deployment, subnet);
    const reason = misfit
      ? whyNotLeasable(subnet, misfit.ip)
      : obstacle && `as for a subnet ${formatCidr(subnet)} around it, ${obstacle}`;
    if (reason === undefined) {
      const leased = assignLeases(subnet, undefined, replicas);
      if (leased.short === 0) {
        enter(draft, request, subnet, leased);
        return;
      }
    } else {
      complaint ??= { replica: misfit ?? lowest, reason };
    }
  }
  const { replica, reason } = complaint ?? { replica: lowest, reason: "its subnet would be full" };
  draft.problems.push({
    property: `requests.${deployment}.replicas.${replica.key}.ip`,
    reason:
      `replica '${replica.key}' of deployment '${deployment}' cannot have the address ` +
      `${formatAddress(replica.ip)}: ${reason}. Give the deployment a free \`subnet:\` that holds all its fixed ` +
      `addresses, or leave \`ip\` out.`,
  });
}

/** The deployment is new and leaves it all to the pool. False when there is no room. */
export function chooseFree(draft: Draft, request: SubnetRequest, prefix: number): boolean {
  const subnet = ownFormer(draft, request) ?? draft.space.place(prefix);
  if (!subnet) return false;
  enter(draft, request, subnet, assignLeases(subnet, undefined, request.replicas));
  return true;
}

/** A subnet that it left when the program still named it, and that nobody has had since. */
function ownFormer({ space, history }: Draft, { deployment, replicas }: SubnetRequest) {
  return history.released
    .filter(({ by }) => by === deployment)
    .sort((a, b) => b.generation - a.generation)
    .map(({ subnet }) => subnet)
    .find(
      (subnet) =>
        capacityOf(subnet.prefix) >= replicas.length &&
        space.obstacle(deployment, subnet) === undefined,
    );
}

function hasFixedAddress(replica: LeaseRequest): replica is LeaseRequest & { ip: number } {
  return typeof replica.ip === "number";
}

/** The size with head-room first, then wider ones, then narrower ones. */
function widthsAroundFixed(replicas: number): number[] {
  const roomy = roomyPrefix(replicas);
  const widths = [roomy];
  for (let prefix = roomy - 1; prefix >= WIDEST_AROUND_FIXED; prefix--) widths.push(prefix);
  for (let prefix = roomy + 1; prefix <= tightPrefix(replicas); prefix++) widths.push(prefix);
  return widths;
}
