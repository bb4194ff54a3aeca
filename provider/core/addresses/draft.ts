import type { InputProblem } from "../errors";
import { UNKNOWN } from "../unknown";
import { formatAddress, sameCidr, type Cidr } from "./ipv4";
import type { AddressSpace } from "./address-space";
import type { LeaseResult } from "./leases";
import type { Allocation, PoolHistory, Release, SubnetRequest, Unknown } from "./model";

/** What a deployment is to have after the update. */
export interface PlannedAllocation {
  readonly subnet: Cidr | Unknown;
  readonly leases: ReadonlyMap<string, number | Unknown>;
  readonly released: ReadonlyMap<number, Release>;
  /** The program does not name it; it is kept as it was. */
  readonly missing?: number;
  readonly formerly?: readonly string[];
}

/** A plan in the making. */
export interface Draft {
  readonly space: AddressSpace;
  readonly history: PoolHistory;
  readonly deployments: Map<string, PlannedAllocation>;
  readonly problems: InputProblem[];
}

/** Enters a deployment's subnet and leases, and what is wrong with the fixed addresses. */
export function enter(
  draft: Draft,
  request: SubnetRequest,
  subnet: Cidr,
  leased: LeaseResult,
): void {
  const { deployment } = request;
  const previous = draft.history.deployments.get(deployment);
  if (!previous || !sameCidr(previous.subnet, subnet)) draft.space.claim(deployment, subnet);
  const { leases, released } = leased;
  draft.deployments.set(deployment, { subnet, leases, released, ...formerlyOf(previous) });
  const fixed = new Map(request.replicas.map(({ key, ip }) => [key, ip]));
  for (const { key, reason } of leased.problems) {
    const ip = fixed.get(key);
    const text = typeof ip === "number" ? formatAddress(ip) : "";
    draft.problems.push({
      property: `requests.${deployment}.replicas.${key}.ip`,
      reason:
        `replica '${key}' of deployment '${deployment}' cannot have the address ${text}: ${reason}. ` +
        `Choose a free address of the subnet, or leave \`ip\` out.`,
    });
  }
}

/** Enters a deployment whose subnet hangs on a value that is not known yet. */
export function enterUnknown(draft: Draft, request: SubnetRequest, previous?: Allocation): void {
  draft.deployments.set(request.deployment, {
    subnet: UNKNOWN,
    leases: new Map(request.replicas.map(({ key }) => [key, UNKNOWN])),
    released: previous?.released ?? new Map<number, Release>(),
    ...formerlyOf(previous),
  });
}

function formerlyOf(previous: Allocation | undefined): Pick<Allocation, "formerly"> {
  return previous?.formerly === undefined ? {} : { formerly: previous.formerly };
}
