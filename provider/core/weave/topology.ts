import { createHash } from "crypto";
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
  if (topology.kind === "manual") return (host) => targetsOf(topology.targets, host);
  const dialled = topology.kind === "fixed" ? topology.core : hosts.map(({ host }) => host);
  return (host) => dialled.filter((other) => other !== host);
}

/** The first host that dials nobody; where all dial somebody, the first. */
export function firstOf(
  targets: Readonly<Record<string, readonly string[]>>,
  hosts: readonly TopologyHost[],
): string {
  const alone = hosts.find(({ host }) => targetsOf(targets, host).length === 0);
  return (alone ?? hosts[0])?.host ?? "";
}

/** What a host of a manual topology dials. */
export const targetsOf = (lists: Readonly<Record<string, readonly string[]>>, host: string) =>
  Object.hasOwn(lists, host) ? (lists[host] ?? []) : [];

/** The names of a seed's peers, and which hosts are among them. */
export function seedOf(
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

export const PEER_NAME = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;

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
