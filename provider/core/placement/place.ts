import { Occupancy, type PlaceHost, type Standing } from "./occupancy";
import { groupsOf, type Mounting } from "./groups";
import type { Placements } from "./suggest-hosts";
import type { Wish } from "./wish";

/** A replica of the deployment that is placed. */
export interface Member extends Mounting {
  readonly service: string;
  readonly index: number;
  readonly wish: Wish;
  /** Where it is, or is to be by the program's word. */
  readonly host?: string;
  /** Its host is the program's word, though it may not be known yet. */
  readonly fixed?: true;
}

export interface PlaceRequest {
  readonly hosts: readonly PlaceHost[];
  /** What all others carry, or are to. */
  readonly standing: readonly Standing[];
  readonly members: readonly Member[];
  /** Moves that a host may take part in, where the program asks for a better placement. */
  readonly rebalance?: number;
}

/** Why a host is none for a group. */
export type Failure =
  | { readonly kind: "draining" }
  | { readonly kind: "host"; readonly is: string; readonly not?: true }
  | {
      readonly kind: "label";
      readonly label: string;
      readonly is: string;
      readonly not?: true;
      readonly has?: string;
      readonly secret?: true;
    }
  | { readonly kind: "near" | "apart"; readonly service: string }
  | { readonly kind: "with"; readonly replica: string; readonly host: string }
  | {
      readonly kind: "cpus" | "memory";
      readonly needs: number;
      readonly free: number;
      readonly of: number;
    };

/** A wish that no host meets. */
export interface Refusal {
  readonly key: string;
  readonly hosts: Readonly<Record<string, readonly Failure[]>>;
}

/** Why the program's wish for a better placement moves a group. */
export type MoveReason =
  | { readonly kind: "broken"; readonly failures: readonly Failure[] }
  | {
      readonly kind: "spread";
      readonly service: string;
      /** Hosts are counted together by what it says. */
      readonly label?: string;
      /** What both have beside it, of its service. */
      readonly here: number;
      readonly there: number;
    }
  | { readonly kind: "binpack"; readonly here: number; readonly there: number };

/** Of replicas that share what is on their host. */
export interface PlannedMove {
  readonly keys: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly reason: MoveReason;
}

/** Whom the load of the hosts decides about, when it is made. */
export interface Choice {
  /** The first of those that go to one host; they choose once. */
  readonly group: string;
  /** Where the others of the plan expect it. */
  readonly standIn: string;
  readonly hosts: readonly string[];
  readonly needs: Required<Pick<Wish, "cpus" | "memory">>;
  /** What hosts have left beside all that is planned; absent where nothing bounds it. */
  readonly free: Readonly<Record<string, Pick<Wish, "cpus" | "memory">>>;
  /** Groups that choose as well, and must not be on the same host. */
  readonly apart: readonly string[];
}

export interface Placed {
  readonly hosts: Placements;
  readonly choices: Readonly<Record<string, Choice>>;
  readonly moves: readonly PlannedMove[];
  /** Moves that the bound leaves to later runs. */
  readonly later: number;
  readonly refusals: readonly Refusal[];
}

/** Members that go to one host. */
interface Group {
  readonly members: readonly Member[];
  readonly lead: Member;
  /** Somebody who shares with them is there. */
  readonly pin?: Member;
}

/**
 * Where the replicas of a deployment go. Who is somewhere stays there, unless that host is drained
 * or gone; others go, the largest first, to the host that their strategy likes best among those
 * that meet every wish. Pure, and the same for the same request.
 */
export function place(request: PlaceRequest): Placed {
  const { hosts, members, standing, rebalance } = request;
  const staying = new Set(hosts.filter((host) => host.draining !== true).map(({ name }) => name));
  const isPlaced = ({ host, fixed }: Member) =>
    host !== undefined && (fixed === true || staying.has(host));
  const occupancy = new Occupancy(hosts, standing);
  const placed = new Map<string, string>();
  const put = (host: string, group: Pick<Group, "members">) => {
    for (const member of group.members) {
      placed.set(member.key, host);
      occupancy.add(host, member);
    }
  };
  for (const member of members)
    if (isPlaced(member)) put(member.host as string, { members: [member] });

  const open: [string, Group][] = [];
  const refusals: Refusal[] = [];
  for (const group of groupsToPlace(members, isPlaced, request)) {
    const failures = hosts.map(({ name }) => failuresOf(occupancy, group, name, placed));
    const fit = hosts.filter((_, i) => failures[i]?.length === 0);
    const best = bestOf(occupancy, group, fit);
    if (best === undefined) {
      const each = hosts.map(({ name }, i) => [name, failures[i] ?? []]);
      refusals.push({ key: group.lead.key, hosts: Object.fromEntries(each) as Refusal["hosts"] });
      continue;
    }
    put(best, group);
    if (isOpen(group)) open.push([best, group]);
  }
  const better =
    rebalance === undefined || refusals.length > 0
      ? { moves: [], later: 0 }
      : improve(request, { occupancy, placed, bound: rebalance });
  return {
    hosts: Object.fromEntries(placed),
    choices: choicesOf(occupancy, hosts, open, placed),
    ...better,
    refusals,
  };
}

/** A new one whose host is chosen by load; one that leaves a host goes where the plan says. */
const isOpen = ({ members, lead, pin }: Group) =>
  lead.wish.strategy === "least-busy" &&
  pin === undefined &&
  members.every(({ host }) => host === undefined);

/** Those that have no host yet, or leave theirs: tied ones first, then the largest. */
function groupsToPlace(
  members: readonly Member[],
  isPlaced: (member: Member) => boolean,
  { hosts }: Pick<PlaceRequest, "hosts">,
): Group[] {
  const pins = new Map<string, Member>();
  const free: Member[] = [];
  const tied: Group[] = [];
  for (const group of groupsOf(members)) {
    const pin = group.find(isPlaced);
    // Whose host the program does not know yet, and all that go with it, are a matter of its word.
    if (pin === undefined && group.some(({ fixed }) => fixed)) continue;
    const rest = group.filter((member) => !isPlaced(member));
    if (rest.length === 0) continue;
    const [lead] = rest as [Member];
    if (pin === undefined) free.push(...rest);
    else {
      for (const { key } of rest) pins.set(key, pin);
      tied.push({ members: rest, lead, pin });
    }
  }
  const sizes = hosts.map(({ cpus, memory }) => ({ cpus, memory }));
  const largest = (of: "cpus" | "memory") => Math.max(1, ...sizes.map((each) => each[of] ?? 1));
  const sizeOf = ({ members: each }: Group) =>
    Math.max(sum(each, "cpus") / largest("cpus"), sum(each, "memory") / largest("memory"));
  return [
    ...tied,
    ...besideOneAnother(free, members)
      .map((group): Group => ({ members: group, lead: group[0] as Member }))
      .map((group) => ({ group, size: sizeOf(group) }))
      .sort((a, b) => b.size - a.size)
      .map(({ group }) => group),
  ];
}

const sum = (members: readonly Member[], of: "cpus" | "memory") =>
  members.reduce((total, { wish }) => total + (wish[of] ?? 0), 0);

/** Groups, those that want to be near one another taken together: the first with the first. */
function besideOneAnother(free: readonly Member[], all: readonly Member[]): Member[][] {
  const counts = new Map<string, number>();
  for (const { service } of all) counts.set(service, (counts.get(service) ?? 0) + 1);
  const beside = ({ service, index }: { service: string; index: number }) =>
    `beside ${service}-${index}`;
  const tied = free.map((member) => {
    const { wish, index, volumes } = member;
    const near = (wish.near ?? []).flatMap((service) => {
      const count = counts.get(service) ?? 0;
      return count === 0 ? [] : [beside({ service, index: index % count })];
    });
    return { key: member.key, member, volumes: [...volumes, beside(member), ...near] };
  });
  return groupsOf(tied).map((group) => group.map(({ member }) => member));
}

/** Why the group cannot be on the host; nothing where it can. */
function failuresOf(
  occupancy: Occupancy,
  { members, pin }: Group,
  name: string,
  placed: ReadonlyMap<string, string>,
): Failure[] {
  const host = occupancy.host(name);
  const pinned = pin && placed.get(pin.key);
  if (pin !== undefined && pinned !== undefined && pinned !== name)
    return [{ kind: "with", replica: pin.key, host: pinned }];
  const own = new Set(members.map(({ service }) => service));
  const failures: Failure[] = host.draining === true ? [{ kind: "draining" }] : [];
  const said = new Set<string>();
  const fail = (failure: Failure) => {
    const text = JSON.stringify(failure);
    if (!said.has(text)) failures.push(failure);
    said.add(text);
  };
  members.forEach(({ service, wish }, at) => {
    for (const failure of demandsMissed(wish, host)) fail(failure);
    for (const near of wish.near ?? [])
      if (!own.has(near) && occupancy.lacks(name, near)) fail({ kind: "near", service: near });
    for (const apart of wish.apart ?? []) {
      const inside = members.some((other, i) => i !== at && other.service === apart);
      if (inside || occupancy.hasService(name, apart)) fail({ kind: "apart", service: apart });
    }
    for (const other of occupancy.shunning(name, service)) fail({ kind: "apart", service: other });
  });
  for (const kind of ["cpus", "memory"] as const) {
    const needs = sum(members, kind);
    const [free, of] = [occupancy.free(name, kind), host[kind]];
    if (needs > 0 && free !== undefined && of !== undefined && needs > free + TINY)
      fail({ kind, needs, free: Math.max(0, free), of });
  }
  return failures;
}

/** Sums of tenths are no tenths. */
export const TINY = 1e-9;

function demandsMissed({ on = [] }: Wish, host: PlaceHost): Failure[] {
  return on.flatMap(({ label, is, not, secret }): Failure[] => {
    const has = label === undefined ? host.name : host.labels[label];
    if ((has === is) !== (not === true)) return [];
    const wrong = { is, ...(not === true ? { not } : {}) };
    if (label === undefined) return [{ kind: "host", ...wrong }];
    const hidden = secret === true || host.secretLabels === true ? { secret: true as const } : {};
    return [{ kind: "label", label, ...wrong, ...(has === undefined ? {} : { has }), ...hidden }];
  });
}

/** What comes first is weighed first; the lowest is liked best. */
function scoreOf(occupancy: Occupancy, { lead }: Group, host: string): number[] {
  const { wish, service } = lead;
  if (wish.strategy === "binpack") return [-occupancy.share(host), -occupancy.count(host)];
  const over = (wish.over ?? []).map((label) => occupancy.alike(host, label, service));
  return [...over, occupancy.countOf(host, service), occupancy.count(host)];
}

/**
 * What a move has to better. Of fewer things than a first choice: services that look at one another,
 * one to flee and one to follow, would move for ever.
 */
function evenness(occupancy: Occupancy, { lead }: Group, host: string): number[] {
  const { wish, service } = lead;
  if (wish.strategy === "binpack") return [-occupancy.count(host)];
  const over = (wish.over ?? []).map((label) => occupancy.alike(host, label, service));
  return [...over, occupancy.countOf(host, service)];
}

function gainOf(
  occupancy: Occupancy,
  { lead }: Group,
  [from, to]: readonly [string, string],
): MoveReason {
  const { wish, service } = lead;
  if (wish.strategy === "binpack")
    return { kind: "binpack", here: occupancy.count(from), there: occupancy.count(to) };
  const both = (of: (host: string) => number) => ({ here: of(from), there: of(to) });
  for (const label of wish.over ?? []) {
    const counts = both((host) => occupancy.alike(host, label, service));
    if (counts.here !== counts.there) return { kind: "spread", service, label, ...counts };
  }
  return { kind: "spread", service, ...both((host) => occupancy.countOf(host, service)) };
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((each, i) => Math.abs(each - (b[i] ?? 0)) > TINY);
  return at >= 0 && (a[at] as number) < (b[at] as number);
}

function bestOf(
  occupancy: Occupancy,
  group: Group,
  hosts: readonly PlaceHost[],
  score = scoreOf,
): string | undefined {
  const [first, ...rest] = hosts.map(({ name }) => ({
    name,
    score: score(occupancy, group, name),
  }));
  return (
    first && rest.reduce((best, next) => (isLess(next.score, best.score) ? next : best), first).name
  );
}

/**
 * Moves that make the placement better, one at a time: each makes what hosts carry of a service more
 * even, or what they carry less so, and they come to an end.
 */
function improve(
  { hosts, members }: PlaceRequest,
  {
    occupancy,
    placed,
    bound,
  }: { occupancy: Occupancy; placed: Map<string, string>; bound: number },
): Pick<Placed, "moves" | "later"> {
  const moves: PlannedMove[] = [];
  const busy = new Map<string, number>();
  let later = 0;
  for (const group of groupsToImprove(members, placed)) {
    const { lead } = group;
    const from = lead.host as string;
    for (const member of group.members) occupancy.remove(from, member);
    const broken = failuresOf(occupancy, group, from, placed);
    const fit = hosts.filter(
      ({ name }) => name !== from && failuresOf(occupancy, group, name, placed).length === 0,
    );
    const best = bestOf(occupancy, group, fit, broken.length > 0 ? scoreOf : evenness);
    const isBetter =
      best !== undefined &&
      (broken.length > 0 ||
        isLess(evenness(occupancy, group, best), evenness(occupancy, group, from)));
    const together = groupsOf(group.members);
    const hasRoom = (host: string) => {
      const moving = busy.get(host) ?? 0;
      return moving === 0 || moving + together.length <= bound;
    };
    const goes = isBetter && hasRoom(from) && hasRoom(best);
    if (isBetter && !goes) later += together.length;
    if (goes) {
      const reason: MoveReason =
        broken.length > 0
          ? { kind: "broken", failures: broken }
          : gainOf(occupancy, group, [from, best]);
      for (const each of together)
        moves.push({ keys: each.map(({ key }) => key), from, to: best, reason });
      for (const host of [from, best]) busy.set(host, (busy.get(host) ?? 0) + together.length);
    }
    const to = goes ? best : from;
    for (const member of group.members) {
      placed.set(member.key, to);
      occupancy.add(to, member);
    }
  }
  return { moves, later };
}

/** Who is where it was, by no word of the program's; who wants to be near others goes with them. */
function groupsToImprove(members: readonly Member[], placed: ReadonlyMap<string, string>): Group[] {
  const free = groupsOf(members)
    .filter((group) =>
      group.every(({ key, host, fixed }) => fixed !== true && host === placed.get(key)),
    )
    .filter(areTogether);
  return besideOneAnother(free.flat(), members)
    .flatMap((group) => (areTogether(group) ? [group] : groupsOf(group)))
    .map((each) => ({ members: each, lead: each[0] as Member }));
}

const areTogether = (group: readonly Member[]) =>
  group.every(({ host }) => host !== undefined && host === group[0]?.host);

/** For those that load decides about: where they may go beside all that is planned. */
function choicesOf(
  occupancy: Occupancy,
  hosts: readonly PlaceHost[],
  open: readonly (readonly [string, Group])[],
  placed: ReadonlyMap<string, string>,
): Record<string, Choice> {
  const choices: Record<string, Choice> = {};
  for (const [standIn, group] of open) {
    for (const member of group.members) occupancy.remove(standIn, member);
    const fit = hosts.filter(({ name }) => failuresOf(occupancy, group, name, placed).length === 0);
    const apart = open
      .filter(([, other]) => other !== group && shun(group, other))
      .map(([, { lead }]) => lead.key);
    const choice: Choice = {
      group: group.lead.key,
      standIn,
      hosts: fit.map(({ name }) => name),
      needs: { cpus: sum(group.members, "cpus"), memory: sum(group.members, "memory") },
      free: Object.fromEntries(fit.map(({ name }) => [name, occupancy.allFree(name)])),
      apart,
    };
    for (const member of group.members) {
      occupancy.add(standIn, member);
      choices[member.key] = choice;
    }
  }
  return choices;
}

const shun = (a: Group, b: Group) => shunsOneOf(a, b) || shunsOneOf(b, a);

const shunsOneOf = (a: Group, b: Group) =>
  a.members.some(({ wish }) =>
    (wish.apart ?? []).some((service) => b.members.some((other) => other.service === service)),
  );
