import { createHash } from "crypto";
import type { InputProblem } from "../errors";
import { normaliseTarget } from "./settings";

/**
 * How the peers of a cluster find one another, and who divides Weave's range. Peers are named by
 * host.
 */
export type Topology =
  /** Every peer dials every other one, and all are electors. */
  | { readonly kind: "uniform" }
  /**
   * Who dials whom is given one by one; the first peer divides the range alone, all others are
   * observers.
   */
  | { readonly kind: "manual"; readonly targets: Readonly<Record<string, readonly string[]>> }
  /** A core of electors that dial one another; all others are observers that dial the core. */
  | { readonly kind: "fixed"; readonly core: readonly string[] }
  /**
   * Every peer dials every other one; the range is divided between the seed's peers, without
   * anybody's agreement. The seed names hosts, or peers ("02:5e:10:a2:00:9c") whose hosts may have
   * left since: it stays the same for ever.
   */
  | { readonly kind: "seeded"; readonly seed: readonly string[] };

/** A host as a topology looks at it. */
export interface TopologyHost {
  readonly host: string;
  /** How other peers dial it. */
  readonly address: string;
  readonly peerName?: string;
  readonly nickname?: string;
}

/** What a topology says about one peer. */
export interface PeerRole {
  /** Addresses that the peer keeps dialling; sorted. */
  readonly targets: readonly string[];
  readonly elector: boolean;
  /** How many electors there are in the cluster. */
  readonly electors: number;
  /**
   * The peer's name, where the program gave one or the topology needs one: the seed's peers must be
   * known before they are.
   */
  readonly peerName?: string;
  /** Weave's names of the seed's peers, the same for all. Only in a seeded topology. Sorted. */
  readonly seed?: readonly string[];
}

/**
 * What each peer is to be, by host. `hosts` are in the program's order, which counts in one place:
 * the first peer of a manual topology is the first host without targets. Ask `topologyProblems`
 * first; with problems the roles make no sense.
 */
export function rolesOf(
  topology: Topology,
  hosts: readonly TopologyHost[],
  cluster: string,
): Record<string, PeerRole> {
  const addresses = new Map(hosts.map(({ host, address }) => [host, address]));
  const electors = electorsOf(topology, hosts);
  const seed = topology.kind === "seeded" ? seedOf(topology.seed, hosts, cluster) : undefined;
  const dialled = dialledBy(topology, hosts);
  return Object.fromEntries(
    hosts.map((each): [string, PeerRole] => {
      const { host, address } = each;
      const peerName = seed?.hosts.get(host) ?? each.peerName;
      return [
        host,
        {
          targets: normaliseTargets(
            dialled(host).map((target) => addresses.get(target) ?? target),
            address,
          ),
          elector: seed?.hosts.has(host) ?? electors.has(host),
          electors: electors.size,
          ...(peerName === undefined ? {} : { peerName }),
          ...(seed === undefined ? {} : { seed: seed.names }),
        },
      ];
    }),
  );
}

function electorsOf(topology: Topology, hosts: readonly TopologyHost[]): ReadonlySet<string> {
  switch (topology.kind) {
    case "uniform":
      return new Set(hosts.map(({ host }) => host));
    case "fixed":
      return new Set(topology.core);
    case "seeded":
      return new Set(topology.seed);
    case "manual":
      return new Set(hosts.length === 0 ? [] : [firstOf(topology.targets, hosts)]);
  }
}

/** Whom a host dials: hosts, and in a manual topology addresses too. */
function dialledBy(
  topology: Topology,
  hosts: readonly TopologyHost[],
): (host: string) => readonly string[] {
  if (topology.kind === "manual") return (host) => own(topology.targets, host);
  const dialled = topology.kind === "fixed" ? topology.core : hosts.map(({ host }) => host);
  return (host) => dialled.filter((other) => other !== host);
}

/** The first host that dials nobody; where all dial somebody, the first. */
function firstOf(
  targets: Readonly<Record<string, readonly string[]>>,
  hosts: readonly TopologyHost[],
): string {
  const alone = hosts.find(({ host }) => own(targets, host).length === 0);
  return (alone ?? hosts[0])?.host ?? "";
}

const own = (lists: Readonly<Record<string, readonly string[]>>, host: string) =>
  Object.hasOwn(lists, host) ? (lists[host] ?? []) : [];

/** The names of a seed's peers, and which hosts are among them. */
function seedOf(
  seed: readonly string[],
  hosts: readonly TopologyHost[],
  cluster: string,
): { names: string[]; hosts: ReadonlyMap<string, string> } {
  const named = new Set(seed.map((each) => each.toLowerCase()));
  const inSeed = new Set(seed);
  const peers = hosts.flatMap(({ host, peerName }): [string, string][] => {
    // A seed's peer goes by the name that the program gives it, or by one that follows from cluster
    // and host alone.
    if (inSeed.has(host)) return [[host, peerName ?? derivedPeerName(cluster, host)]];
    const derived = peerName ?? derivedPeerName(cluster, host);
    return named.has(derived) ? [[host, derived]] : [];
  });
  const names = [...named].filter((each) => PEER_NAME.test(each));
  return {
    names: [...new Set([...names, ...peers.map(([, name]) => name)])].sort(),
    hosts: new Map(peers),
  };
}

const PEER_NAME = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;

/**
 * A name of Weave's form ("02:5e:10:a2:00:9c") that is the same on every machine and at any time.
 */
export function derivedPeerName(cluster: string, host: string): string {
  const hash = createHash("sha256")
    .update(JSON.stringify(["peer", cluster, host]))
    .digest();
  // Locally administered and no group: no network card's address.
  const bytes = [((hash[0] ?? 0) & 0xfc) | 0x02, ...hash.subarray(1, 6)];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/**
 * What is wrong with a topology, before anything is touched. Paths are as a program writes them.
 */
export function topologyProblems(
  topology: Topology,
  hosts: readonly TopologyHost[],
  cluster: string,
): InputProblem[] {
  const problems = [...nameProblems(hosts), ...addressProblems(hosts)];
  const known = new Set(hosts.map(({ host }) => host));
  if (topology.kind === "manual") problems.push(...manualProblems(topology, hosts, known));
  if (topology.kind === "fixed") problems.push(...listProblems("core", topology.core, known));
  if (topology.kind === "seeded") {
    problems.push(...listProblems("seed", topology.seed, known));
    const { hosts: seeded } = seedOf(topology.seed, hosts, cluster);
    const named = hosts.map((each) => {
      const peerName = seeded.get(each.host);
      return peerName === undefined ? each : { ...each, peerName };
    });
    if (problems.length === 0) problems.push(...nameProblems(named));
  }
  return problems;
}

/** Weave takes two peers of one name for one and the same: they never connect. */
function nameProblems(hosts: readonly TopologyHost[]): InputProblem[] {
  return [
    ...doubles(hosts, ({ peerName }) => peerName?.toLowerCase()).map(({ host, other, value }) => ({
      property: `hosts.${host}.peerName`,
      reason: `${value} is the peerName of '${other}' already; two peers of one name never connect`,
    })),
    ...doubles(hosts, ({ nickname }) => nickname).map(({ host, other, value }) => ({
      property: `hosts.${host}.nickname`,
      reason: `'${value}' is the nickname of '${other}' already; no message could tell the two apart`,
    })),
  ];
}

function addressProblems(hosts: readonly TopologyHost[]): InputProblem[] {
  return doubles(hosts, ({ address }) => normaliseTarget(address)).map(
    ({ host, other, value }) => ({
      property: `hosts.${host}.address`,
      reason: `${value} is where '${other}' is dialled already; give each host an address of its own`,
    }),
  );
}

function doubles(
  hosts: readonly TopologyHost[],
  valueOf: (host: TopologyHost) => string | undefined,
): { host: string; other: string; value: string }[] {
  const owners = new Map<string, string>();
  return hosts.flatMap((each) => {
    const value = valueOf(each);
    if (value === undefined) return [];
    const other = owners.get(value);
    if (other !== undefined) return [{ host: each.host, other, value }];
    owners.set(value, each.host);
    return [];
  });
}

function listProblems(
  property: "core" | "seed",
  list: readonly string[],
  known: ReadonlySet<string>,
): InputProblem[] {
  if (list.length === 0) return [{ property, reason: "is empty: name at least one host" }];
  const seen = new Set<string>();
  return list.flatMap((host, i): InputProblem[] => {
    const at = `${property}[${i}]`;
    if (!known.has(host) && !(property === "seed" && PEER_NAME.test(host))) {
      const left = "; for one that has left the program, give the name of its peer";
      const reason = noSuchHost(host, known) + (property === "seed" ? left : "");
      return [{ property: at, reason }];
    }
    if (seen.has(host)) return [{ property: at, reason: `'${host}' is in the list already` }];
    seen.add(host);
    return [];
  });
}

function manualProblems(
  { targets }: Extract<Topology, { kind: "manual" }>,
  hosts: readonly TopologyHost[],
  known: ReadonlySet<string>,
): InputProblem[] {
  const problems: InputProblem[] = [];
  for (const [host, list] of Object.entries(targets)) {
    if (!known.has(host)) {
      problems.push({ property: `targets.${host}`, reason: noSuchHost(host, known) });
      continue;
    }
    for (const [i, target] of list.entries()) {
      const property = `targets.${host}[${i}]`;
      if (target === host) {
        problems.push({ property, reason: "is the host itself: a peer does not dial itself" });
      } else if (!known.has(target) && !/[.:]/.test(target)) {
        problems.push({ property, reason: noSuchHost(target, known) });
      }
    }
  }
  return problems.length > 0 ? problems : apartProblems(targets, hosts);
}

/**
 * Peers that would never hear of the first one. An address of somebody outside may lead anywhere,
 * so it counts as a way.
 */
function apartProblems(
  targets: Readonly<Record<string, readonly string[]>>,
  hosts: readonly TopologyHost[],
): InputProblem[] {
  const byAddress = new Map(hosts.map(({ host, address }) => [normaliseTarget(address), host]));
  const names = new Set(hosts.map(({ host }) => host));
  const ways = new Map<string, string[]>();
  const outside = "(outside)";
  for (const { host } of hosts) {
    for (const target of own(targets, host)) {
      const other = names.has(target) ? target : byAddress.get(normaliseTarget(target));
      link(ways, host, other ?? outside);
    }
  }
  const first = firstOf(targets, hosts);
  const reached = reachable(ways, first);
  return hosts
    .filter(({ host }) => !reached.has(host))
    .map(({ host }) => ({
      property: `targets.${host}`,
      reason: `'${host}' has no way to the first peer, '${first}': let it dial one that has`,
    }));
}

function link(ways: Map<string, string[]>, a: string, b: string): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const list = ways.get(from);
    if (list === undefined) ways.set(from, [to]);
    else list.push(to);
  }
}

function reachable(ways: ReadonlyMap<string, readonly string[]>, start: string): Set<string> {
  const reached = new Set([start]);
  // A set that grows while it is walked through is walked through to its new end.
  for (const at of reached) for (const next of ways.get(at) ?? []) reached.add(next);
  return reached;
}

function noSuchHost(name: string, known: ReadonlySet<string>): string {
  return `there is no host '${name}'; hosts are ${[...known].map((host) => `'${host}'`).join(", ")}`;
}

/**
 * Sorted, without doubles and without the peer itself: a router that dials itself never stops
 * trying.
 */
export function normaliseTargets(targets: readonly string[], own?: string): string[] {
  const self = own === undefined ? undefined : normaliseTarget(own);
  return [...new Set(targets.map(normaliseTarget))].filter((target) => target !== self).sort();
}

/** How many electors have to agree: more than half of them. */
export function quorumOf(electors: number): number {
  return Math.floor(electors / 2) + 1;
}
