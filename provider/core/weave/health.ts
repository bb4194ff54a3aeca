import type { NetworkHealth } from "../network/network-port";
import { duplicateNames, summarise, withoutIpam, type MeshMember } from "./mesh";
import { plainReason, type Complaint } from "./reasons";
import type { PeerConnection, RouterReport } from "./report";
import type { RouterContainer } from "./router-container";
import { describeStanding } from "./router-trouble";
import { normaliseTarget } from "./settings";

/** One peer, with all that was seen of it. */
export interface HealthMember extends MeshMember {
  /** The router's container, where that was looked at. */
  readonly container?: Pick<RouterContainer, "status"> | undefined;
  /** Why its host does not take ended containers' addresses off the network, a clause. */
  readonly unitsFault?: string | undefined;
  /** Why the host itself did not answer. */
  readonly unreachable?: string;
  /**
   * How its router was launched otherwise than the program wants (`describeDifferences`); empty
   * when it was not.
   */
  readonly differences?: string;
  /** Addresses that it ought to dial. */
  readonly targets?: readonly string[];
}

/** How one peer is. Equal, word for word, while nothing has changed. */
export interface PeerHealth {
  /** unreachable: its host did not answer. down: no router answers there. */
  readonly status: "healthy" | "degraded" | "down" | "unreachable";
  /** Hosts that it ought to be connected with and is not, and why. */
  readonly unconnected: Readonly<Record<string, string>>;
  /** Whether it knows how Weave's range is divided; only while its router answers. */
  readonly ipamReady?: boolean;
  /** A clause each. Sorted. */
  readonly problems: readonly string[];
}

/** A peer that holds a part of Weave's range, and that nobody reaches. */
export interface AbsentPeer {
  /** Weave's name of it. */
  readonly peerName: string;
  /** What `weave status` calls it. */
  readonly nickname: string;
  /** Of the range, to one decimal. */
  readonly percent: number;
}

/** How a cluster is. Equal, word for word, while nothing has changed. */
export interface ClusterHealth extends NetworkHealth {
  /** By host. */
  readonly peers: Readonly<Record<string, PeerHealth>>;
  /** Peers that are gone and hold addresses still. */
  readonly absent: readonly AbsentPeer[];
}

export interface HealthContext {
  /** What was found the last time. */
  readonly previous?: ClusterHealth | undefined;
  /** The time, as ISO text. */
  readonly now: string;
  /**
   * Whether two hosts ought to be connected. @default any two: with discovery, every peer finds
   * every other one
   */
  readonly linked?: (host: string, other: string) => boolean;
}

/** What the peers say, put together. Pure: the clock is the caller's. */
export function healthOf(
  members: readonly HealthMember[],
  { previous, now, linked = () => true }: HealthContext,
): ClusterHealth {
  const sorted = members.toSorted((a, b) => (a.host < b.host ? -1 : 1));
  const links = missing(sorted, linked, previous);
  const absent = absentPeers(sorted);
  const peers = Object.fromEntries(
    sorted.map((member): [string, PeerHealth] => [
      member.host,
      peerHealth(member, links.get(member.host) ?? {}),
    ]),
  );
  const answering = sorted.filter(({ report }) => report !== undefined);
  const problems = [
    ...sorted.flatMap(({ host }) => peers[host]?.problems ?? []),
    ...linkProblems(links),
    ...collisions(sorted),
    ...versions(answering),
    ...absent.map(
      ({ nickname, peerName, percent }) =>
        `${nickname || "a peer"} (${peerName}) is absent and holds ${percent} % of Weave's range`,
    ),
  ].sort();
  const health = {
    status:
      problems.length === 0 ? "healthy" : answering.length === 0 ? "down" : ("degraded" as const),
    problems,
    peers,
    absent,
  } satisfies Omit<ClusterHealth, "since">;
  return { ...health, since: sameAs(health, previous) ? previous.since : now };
}

/** One line for a warning; undefined for a healthy cluster. */
export function describeHealth(cluster: string, health: ClusterHealth): string | undefined {
  if (health.problems.length === 0) return undefined;
  return `Cluster '${cluster}' is ${health.status} (seen first at ${health.since}): ${summarise(health.problems)}.`;
}

function sameAs(
  health: Omit<ClusterHealth, "since">,
  previous: ClusterHealth | undefined,
): previous is ClusterHealth {
  if (previous === undefined) return false;
  const { since: _since, ...before } = previous;
  return canonical(before) === canonical(health);
}

/** State comes back from Pulumi with its keys in another order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

function peerHealth(member: HealthMember, unconnected: Record<string, string>): PeerHealth {
  const { host, report, unreachable, differences = "", unitsFault } = member;
  if (report === undefined) {
    const problem = unreachable === undefined ? notAnswering(member) : `'${host}' does not answer`;
    const status = unreachable === undefined ? "down" : "unreachable";
    return { status, unconnected, problems: [problem] };
  }
  const ipamReady = withoutIpam([member]).length === 0;
  const problems = [
    ...(differences === ""
      ? []
      : [`the router on '${host}' was launched with other settings: ${differences}`]),
    ...untold(member, report),
    ...(unitsFault === undefined ? [] : [unitsFault]),
    ...(ipamReady ? [] : [undecided(host, report)]),
  ];
  const isWell = problems.length === 0 && Object.keys(unconnected).length === 0;
  return { status: isWell ? "healthy" : "degraded", unconnected, ipamReady, problems };
}

function notAnswering({ host, container, trouble }: HealthMember): string {
  if (trouble !== undefined)
    return `the router on '${host}' does not answer (${describeStanding(trouble)})`;
  if (container === undefined) return `no router answers on '${host}'`;
  return container.status === "running"
    ? `the router on '${host}' runs but does not answer`
    : `the router on '${host}' does not run (${container.status})`;
}

function untold({ host, targets = [] }: HealthMember, report: RouterReport): string[] {
  const dialled = new Set(report.targets);
  const lacking = targets.map(normaliseTarget).filter((target) => !dialled.has(target));
  return lacking.length === 0
    ? []
    : [`the router on '${host}' does not dial ${lacking.join(", ")}`];
}

function undecided(host: string, { ipam }: RouterReport): string {
  const quorum = ipam?.quorum === undefined ? "" : `: ${ipam.quorum.needed} electors have to agree`;
  return `'${host}' does not know how Weave's range is divided${quorum}`;
}

/** For each host, whom it is not connected with and why; both of a pair say the same. */
function missing(
  members: readonly HealthMember[],
  linked: (host: string, other: string) => boolean,
  previous: ClusterHealth | undefined,
): Map<string, Record<string, string>> {
  const answering = members.filter(({ report }) => report !== undefined);
  const established = new Map(
    answering.map(({ host, report }) => [host, new Set(report?.establishedWith)]),
  );
  const links = new Map<string, Record<string, string>>();
  const note = (from: string, to: string, reason: string) => {
    const list = links.get(from);
    if (list === undefined) links.set(from, { [to]: reason });
    else list[to] = reason;
  };
  for (const [i, a] of answering.entries()) {
    for (const b of answering.slice(i + 1)) {
      if (!linked(a.host, b.host) && !linked(b.host, a.host)) continue;
      const isUp = (from: HealthMember, to: HealthMember) =>
        established.get(from.host)?.has(to.report?.peerName ?? "") === true;
      if (isUp(a, b) && isUp(b, a)) continue;
      const reason =
        plainReason([...complaints(a, b), ...complaints(b, a)]) ??
        // Between two attempts a router says nothing: what it said before still holds.
        previous?.peers[a.host]?.unconnected[b.host] ??
        "not connected";
      note(a.host, b.host, reason);
      note(b.host, a.host, reason);
    }
  }
  return links;
}

/** What one says of its attempts at the other. */
function complaints(from: HealthMember, to: HealthMember): Complaint[] {
  const encrypted = [from.report?.encrypted ?? false, to.report?.encrypted ?? false] as const;
  const dialled = normaliseTarget(to.address);
  const open = (from.report?.connections ?? []).filter(({ state }) => state !== "established");
  const own = open.filter((each) => isAttemptAt(each, dialled));
  const heard = own.length === 0 ? [] : own;
  return [{ info: "", encrypted }, ...heard.map(({ info }) => ({ info, encrypted }))];
}

const isAttemptAt = ({ address, outbound }: PeerConnection, dialled: string) =>
  outbound
    ? normaliseTarget(address) === dialled
    : address.replace(/:\d+$/, "") === dialled.replace(/:\d+$/, "");

/** Each pair once. */
function linkProblems(links: ReadonlyMap<string, Record<string, string>>): string[] {
  return [...links].flatMap(([host, others]) =>
    Object.entries(others)
      .filter(([other]) => host < other)
      .map(([other, reason]) => `'${host}' and '${other}' are not connected (${reason})`),
  );
}

function collisions(members: readonly HealthMember[]): string[] {
  return duplicateNames(members).map(({ peerName, hosts }) => {
    const all = hosts.map((host) => `'${host}'`).join(" and ");
    return `${all} are one and the same peer to Weave (${peerName})`;
  });
}

/**
 * Told as the versions that there are, so that it stays the same from host to host of a rolling
 * upgrade's halves.
 */
function versions(answering: readonly HealthMember[]): string[] {
  const hosts = new Map<string, string[]>();
  for (const { host, report } of answering) {
    const version = report?.version ?? "";
    hosts.set(version, [...(hosts.get(version) ?? []), host]);
  }
  if (hosts.size < 2) return [];
  const each = [...hosts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([version, names]) => `${version} on ${names.map((name) => `'${name}'`).join(", ")}`);
  return [`the routers have different versions: ${each.join("; ")}`];
}

/**
 * Holders of the range that none of those who answer reaches. Peers of other programs are in the
 * reports too.
 */
function absentPeers(members: readonly HealthMember[]): AbsentPeer[] {
  const reports = members.flatMap(({ report }) => (report === undefined ? [] : [report]));
  const here = new Set(reports.map(({ peerName }) => peerName));
  const found = new Map<string, AbsentPeer>();
  for (const { ipam } of reports) {
    const shares = ipam?.shares ?? [];
    const total = shares.reduce((sum, { addresses }) => sum + addresses, 0);
    for (const { peerName, nickname, addresses, reachable } of shares) {
      if (reachable) here.add(peerName);
      else if (!found.has(peerName)) {
        const percent = Math.round((1000 * addresses) / total) / 10;
        found.set(peerName, { peerName, nickname, percent });
      }
    }
  }
  return [...found.values()]
    .filter(({ peerName }) => !here.has(peerName))
    .sort((a, b) => (a.peerName < b.peerName ? -1 : 1));
}
