import type { InputProblem } from "../errors";
import { chooseAroundFixed, chooseFree, useFixedSubnet } from "./choose";
import { settleUnknown, type Draft, type PlannedAllocation } from "./draft";
import { Ground, type PoolSettings } from "./ground";
import { compareCidrs, contains, overlaps, sameCidr, without, type Cidr } from "./ipv4";
import { keepSubnet, refuseOutside } from "./keep";
import type { PoolHistory, ReleasedSubnet, SubnetRequest } from "./model";
import { compareText } from "./order";
import { nextGeneration, remember } from "./releases";
import { describeShortage } from "./shortage";
import { roomyPrefix, tightPrefix } from "./sizing";
import { freeSpace, isFree, takeAll } from "./space";

export interface PoolPlan {
  readonly deployments: ReadonlyMap<string, PlannedAllocation>;
  readonly released: readonly ReleasedSubnet[];
  readonly problems: readonly InputProblem[];
}

/**
 * Plans every deployment's subnet and every replica's lease. The same settings, history and requests give the same plan,
 * in whatever order the requests come; planning again from a plan's own result changes nothing.
 *
 * Deployments and replica keys must each be named once.
 */
export function planPool(
  settings: PoolSettings,
  history: PoolHistory,
  requests: readonly SubnetRequest[],
): PoolPlan {
  const { draft, unplaced } = bestDraft(settings, history, requests);
  if (unplaced.length > 0) {
    const names = new Set(requests.map(({ deployment }) => deployment));
    const staying = new Map([...history.deployments].filter(([name]) => names.has(name)));
    const reason = describeShortage(draft.ground, unplaced, {
      inPool: (pool) => bestDraft({ ...settings, pool }, history, requests).unplaced.length === 0,
      onceLeft: () =>
        bestDraft(settings, { ...history, deployments: staying }, requests).unplaced.length === 0,
    });
    draft.problems.push({ property: "pool", reason });
  }
  const { deployments, problems } = draft;
  return { deployments, problems, released: releasedSubnets(settings.pool, history, draft) };
}

/** With head-room for every new subnet; for none, when that is what it takes to give each a place. */
function bestDraft(
  settings: PoolSettings,
  history: PoolHistory,
  requests: readonly SubnetRequest[],
): { draft: Draft; unplaced: SubnetRequest[] } {
  const roomy = makeDraft(settings, history, requests, roomyPrefix);
  return roomy.unplaced.length === 0 ? roomy : makeDraft(settings, history, requests, tightPrefix);
}

/** The plan, and which deployments the pool has no room for. */
function makeDraft(
  settings: PoolSettings,
  history: PoolHistory,
  requests: readonly SubnetRequest[],
  prefixFor: (replicas: number) => number,
): { draft: Draft; unplaced: SubnetRequest[] } {
  const sorted = [...requests].sort((a, b) => compareText(a.deployment, b.deployment));
  const byName = new Map(sorted.map((request) => [request.deployment, request]));
  const ground = new Ground(settings, history, (name) =>
    isLeaving(history, name, byName.get(name)),
  );
  const draft: Draft = { ground, history, deployments: new Map(), problems: [] };

  for (const request of sorted) {
    if (typeof request.subnet === "object") useFixedSubnet(draft, request, request.subnet);
  }

  const outside: [string, Cidr][] = [];
  const newcomers: SubnetRequest[] = [];
  for (const request of sorted) {
    if (typeof request.subnet === "object") continue;
    const previous = history.deployments.get(request.deployment);
    if (request.subnet !== undefined) settleUnknown(draft, request, previous);
    else if (!previous) newcomers.push(request);
    else if (contains(settings.pool, previous.subnet)) keepSubnet(draft, request, previous);
    else outside.push([request.deployment, previous.subnet]);
  }
  refuseOutside(draft, outside);

  const free: SubnetRequest[] = [];
  for (const request of newcomers) {
    if (request.replicas.some(({ ip }) => ip !== undefined)) chooseAroundFixed(draft, request);
    else free.push(request);
  }
  // Wide subnets first: narrow ones find a place between them, not the other way round.
  free.sort((a, b) => prefixFor(a.replicas.length) - prefixFor(b.replicas.length));
  const unplaced = free.filter((one) => !chooseFree(draft, one, prefixFor(one.replicas.length)));
  return { draft, unplaced };
}

/** True for a deployment that does not keep the subnet it has. */
function isLeaving(
  history: PoolHistory,
  name: string,
  request: SubnetRequest | undefined,
): boolean {
  if (!request) return true;
  const previous = history.deployments.get(name);
  return (
    previous !== undefined &&
    typeof request.subnet === "object" &&
    !overlaps(previous.subnet, request.subnet)
  );
}

function releasedSubnets(pool: Cidr, history: PoolHistory, draft: Draft): ReleasedSubnet[] {
  const reused = [...draft.deployments].flatMap(([name, { subnet }]) => {
    const previous = history.deployments.get(name)?.subnet;
    if (typeof subnet === "string" || (previous && sameCidr(previous, subnet))) return [];
    return [subnet];
  });
  const untouched = takeAll(freeSpace(pool), reused);
  const before = history.released.filter(({ subnet }) => isFree(untouched, subnet));

  const generation = nextGeneration(history.released);
  const now: ReleasedSubnet[] = [];
  for (const [by, { subnet: old }] of history.deployments) {
    const planned = draft.deployments.get(by)?.subnet;
    for (const subnet of leftBehind(old, planned)) {
      if (contains(pool, subnet)) now.push({ subnet, by, generation });
    }
  }
  return remember(before, now).sort((a, b) => compareCidrs(a.subnet, b.subnet));

  function leftBehind(old: Cidr, planned: PlannedAllocation["subnet"] | undefined): Cidr[] {
    if (planned === undefined) return [old];
    if (typeof planned === "string" || contains(planned, old)) return [];
    return contains(old, planned) ? without(old, planned) : [old];
  }
}
