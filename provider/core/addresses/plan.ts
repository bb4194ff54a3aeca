import type { InputProblem } from "../errors";
import { chooseAroundFixed, chooseFree, useFixedSubnet } from "./choose";
import { enterUnknown, type Draft, type PlannedAllocation } from "./draft";
import { AddressSpace, type PoolSettings, type Standing } from "./address-space";
import { compareCidrs, contains, overlaps, sameCidr, without, type Cidr } from "./ipv4";
import { keepSubnet, refuseOutside } from "./keep";
import type { PoolHistory, ReleasedSubnet, SubnetRequest } from "./model";
import { compareText } from "./order";
import { nextGeneration } from "./releases";
import { inNamesOfToday } from "./renamed";
import { describeShortage } from "./shortage";
import { roomyPrefix, tightPrefix } from "./sizing";
import { freeSpace, isFree, takeAll } from "./space";

export interface PoolPlan {
  readonly deployments: ReadonlyMap<string, PlannedAllocation>;
  readonly released: readonly ReleasedSubnet[];
  readonly problems: readonly InputProblem[];
}

/**
 * Plans every deployment's subnet and every replica's lease. The same settings, history and
 * requests give the same plan, in whatever order the requests come; planning again from a plan's
 * own result changes nothing.
 *
 * Requests only ever add: a deployment that is not named keeps all that it has, marked as missing.
 * A program that failed half-way names too few, and nothing here can tell it from one that stands.
 *
 * Deployments and replica keys must each be named once.
 */
export function planPool(
  settings: PoolSettings,
  given: PoolHistory,
  requests: readonly SubnetRequest[],
): PoolPlan {
  const history = inNamesOfToday(given, requests);
  const { draft, unplaced } = bestDraft(settings, history, requests);
  if (unplaced.length > 0) {
    const names = new Set(requests.map(({ deployment }) => deployment));
    const staying = new Map(
      [...history.deployments].filter(
        ([name, { missing }]) => names.has(name) || missing !== undefined,
      ),
    );
    const reason = describeShortage(draft.space, unplaced, {
      inPool: (pool) => bestDraft({ ...settings, pool }, history, requests).unplaced.length === 0,
      onceLeft: () =>
        bestDraft(settings, { ...history, deployments: staying }, requests).unplaced.length === 0,
    });
    draft.problems.push({ property: "pool", reason });
  }
  const generation = nextGeneration([
    ...history.released,
    ...[...history.deployments.values()].map(({ missing = 0 }) => ({ generation: missing })),
  ]);
  const newlyUsed = subnetsOfNow(history, draft);
  return {
    deployments: new Map([
      ...draft.deployments,
      ...missingDeployments(history, draft, newlyUsed, generation),
    ]),
    released: releasedSubnets(settings.pool, history, draft, newlyUsed, generation),
    problems: draft.problems,
  };
}

/**
 * With head-room for every new subnet; for none, when that is what it takes to give each a place.
 */
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
  const space = new AddressSpace(settings, history, (name) =>
    standingOf(history, name, byName.get(name)),
  );
  const draft: Draft = { space, history, deployments: new Map(), problems: [] };

  for (const request of sorted) {
    if (typeof request.subnet === "object") useFixedSubnet(draft, request, request.subnet);
  }

  const outside: [string, Cidr][] = [];
  const newcomers: SubnetRequest[] = [];
  for (const request of sorted) {
    if (typeof request.subnet === "object") continue;
    const previous = history.deployments.get(request.deployment);
    if (request.subnet !== undefined) enterUnknown(draft, request, previous);
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

/** Who is missing for the first time may have containers until this update is done. */
function standingOf(
  history: PoolHistory,
  name: string,
  request: SubnetRequest | undefined,
): Standing {
  const previous = history.deployments.get(name);
  if (!request) return previous?.missing === undefined ? "leaves" : "rests";
  const isLeaving =
    previous !== undefined &&
    typeof request.subnet === "object" &&
    !overlaps(previous.subnet, request.subnet);
  return isLeaving ? "leaves" : "stays";
}

/** Subnets that a deployment did not have before this update. */
function subnetsOfNow(history: PoolHistory, draft: Draft): Cidr[] {
  return [...draft.deployments].flatMap(([name, { subnet }]) => {
    const previous = history.deployments.get(name)?.subnet;
    if (typeof subnet === "string" || (previous && sameCidr(previous, subnet))) return [];
    return [subnet];
  });
}

/** Those that the program does not name, less those whose subnet somebody else has now. */
function missingDeployments(
  history: PoolHistory,
  draft: Draft,
  newlyUsed: readonly Cidr[],
  generation: number,
): [string, PlannedAllocation][] {
  return [...history.deployments].flatMap(([name, allocation]) => {
    if (draft.deployments.has(name)) return [];
    if (newlyUsed.some((subnet) => overlaps(subnet, allocation.subnet))) return [];
    return [[name, { ...allocation, missing: allocation.missing ?? generation }]];
  });
}

function releasedSubnets(
  pool: Cidr,
  history: PoolHistory,
  draft: Draft,
  newlyUsed: readonly Cidr[],
  generation: number,
): ReleasedSubnet[] {
  const untouched = takeAll(freeSpace(pool), newlyUsed);
  const before = history.released.filter(({ subnet }) => isFree(untouched, subnet));
  const now = [...draft.deployments].flatMap(([by, { subnet: planned }]) => {
    const old = history.deployments.get(by)?.subnet;
    if (old === undefined || typeof planned === "string") return [];
    return leftBehind(old, planned)
      .filter((subnet) => contains(pool, subnet))
      .map((subnet) => ({ subnet, by, generation }));
  });
  return [...before, ...now].sort((a, b) => compareCidrs(a.subnet, b.subnet));
}

function leftBehind(old: Cidr, planned: Cidr): Cidr[] {
  if (contains(planned, old)) return [];
  return contains(old, planned) ? without(old, planned) : [old];
}
