import type { InputProblem } from "../errors";
import { UNKNOWN } from "../unknown";
import { chooseAroundFixed, useFixedSubnet } from "./choose";
import { enter, enterUnknown, type Draft, type PlannedAllocation } from "./draft";
import { AddressSpace, type PoolSettings } from "./address-space";
import { contains, formatCidr, overlaps, type Cidr } from "./ipv4";
import { keepSubnet } from "./keep";
import { assignLeases } from "./leases";
import { lateBlocks } from "./late-blocks";
import type { Allocation, SubnetRequest } from "./model";
import { roomyPrefix, tightPrefix } from "./sizing";

/** What is known when a deployment is declared after the pool has been planned. */
export interface LateKnowledge {
  /**
   * What every other deployment has, or had and may come back to: of the pool, and of those that
   * came late before.
   */
  readonly others: ReadonlyMap<string, Cidr>;
  /** Those of them that the program names in this run. */
  readonly present: ReadonlySet<string>;
  /** What it had itself. */
  readonly own?: Allocation;
}

/**
 * Plans one deployment that came too late for the pool. It keeps what it has; else it gets a block
 * that nobody has or had, at a place that follows from its name: the pool cannot know of it, and
 * neither can one that is declared before it.
 */
export function planLate(
  settings: PoolSettings,
  { others, present, own }: LateKnowledge,
  request: SubnetRequest,
): { readonly planned?: PlannedAllocation; readonly problems: readonly InputProblem[] } {
  const { deployment } = request;
  const deployments = new Map<string, Allocation>(
    [...others].map(([name, subnet]) => [
      name,
      { subnet, leases: new Map<string, number>(), released: new Map<number, never>() },
    ]),
  );
  const { missing: _, ...had } = own ?? {};
  if (own !== undefined) deployments.set(deployment, had as Allocation);
  const history = { deployments, released: [] };
  const space = new AddressSpace(settings, history, () => "stays");
  const draft: Draft = { space, history, deployments: new Map(), problems: [] };

  if (typeof request.subnet === "object") useFixedSubnet(draft, request, request.subnet);
  else if (request.subnet === UNKNOWN) enterUnknown(draft, request, own);
  else if (own !== undefined) keep(draft, request, own, others, present);
  else if (request.replicas.some(({ ip }) => ip !== undefined)) chooseAroundFixed(draft, request);
  else place(draft, request);
  const planned = draft.deployments.get(deployment);
  return { ...(planned !== undefined && { planned }), problems: draft.problems };
}

function keep(
  draft: Draft,
  request: SubnetRequest,
  own: Allocation,
  others: ReadonlyMap<string, Cidr>,
  present: ReadonlySet<string>,
): void {
  const { deployment } = request;
  const { pool } = draft.space;
  if (!contains(pool, own.subnet)) {
    draft.problems.push({
      property: "pool",
      reason:
        `deployment '${deployment}' would lie outside the pool ${formatCidr(pool)} (${formatCidr(own.subnet)}), and ` +
        `addresses in use are not renumbered. Choose a pool that contains it, or give it a \`subnet:\` in this one.`,
    });
    return;
  }
  const intruder = [...others].find(
    ([name, subnet]) => present.has(name) && overlaps(subnet, own.subnet),
  );
  if (intruder === undefined) {
    keepSubnet(draft, request, own);
    return;
  }
  const [name, subnet] = intruder;
  draft.problems.push({
    property: `requests.${deployment}`,
    reason:
      `deployment '${name}' is given ${formatCidr(subnet)}, which takes a part of the subnet ${formatCidr(own.subnet)} ` +
      `of deployment '${deployment}': that one is declared so late that the others could not know of it. Give '${name}' ` +
      `a free \`subnet:\`, or declare '${deployment}' before the program waits for anything.`,
  });
}

function place(draft: Draft, request: SubnetRequest): void {
  const { deployment, replicas } = request;
  const { space } = draft;
  for (const prefix of [roomyPrefix(replicas.length), tightPrefix(replicas.length)]) {
    for (const subnet of lateBlocks(space.pool, deployment, prefix)) {
      if (space.obstacle(deployment, subnet) !== undefined) continue;
      enter(draft, request, subnet, assignLeases(subnet, undefined, replicas));
      return;
    }
  }
  draft.problems.push({
    property: "pool",
    reason:
      `the pool ${formatCidr(space.pool)} has no free block for deployment '${deployment}', which is declared after the ` +
      `pool was planned and so gets only what nobody has had. Use a wider pool that contains this one, or declare it ` +
      `before the program waits for anything.`,
  });
}
