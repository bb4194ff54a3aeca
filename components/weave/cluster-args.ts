import { type Input } from "@pulumi/pulumi";
import { machineAddress } from "../../provider/core/host-address";
import type { Topology as Shape, TopologyHost } from "../../provider/core/weave/topology";
import { topologyProblems } from "../../provider/core/weave/topology-problems";
import { mistake } from "../../provider/resources/mistake";
import type { HostArgs } from "./host-args";
import type { Hosts } from "./known-hosts";
import { refuseTwoVersions, type PeerSettings } from "./peer";

/** How the peers know one another. */
export const Topology = {
  /** Every peer lists every other one, and every peer is an elector. */
  Uniform: "uniform",
  /** Who lists whom is given one by one; the first peer starts alone. */
  Manual: "manual",
  /**
   * A core of electors that list one another, and any number of observers that list the core and
   * come and go.
   */
  Fixed: "fixed",
  /**
   * The range is divided between the peers of a seed, which is the same on all peers for ever;
   * nobody waits for a quorum.
   */
  Seeded: "seeded",
} as const;
export type Topology = (typeof Topology)[keyof typeof Topology];

/** Every peer lists every other one; the topology of those who say nothing. */
export interface UniformTopologyArgs {
  /** Every peer dials every other one. @default "uniform" */
  topology?: "uniform";
  targets?: undefined;
  core?: undefined;
  seed?: undefined;
}

/** Who dials whom is said one by one. */
export interface ManualTopologyArgs {
  /** Says that `targets` follow. */
  topology: "manual";
  /**
   * Whom each host dials: names of hosts, or addresses of peers that are none of the program's. The
   * first host in `hosts` that dials nobody starts the network; all others join it.
   *
   * @example { node2: ["node1"], node3: ["node1", "node2"] }
   */
  targets: Record<string, string[]>;
  core?: undefined;
  seed?: undefined;
}

/** A core of electors, and observers that come and go. */
export interface FixedTopologyArgs {
  /** Says that a `core` follows. */
  topology: "fixed";
  /**
   * The hosts that divide the range among them and that everybody dials. All other hosts are
   * observers.
   *
   * @example ["node1", "node2", "node3"]
   */
  core: string[];
  targets?: undefined;
  seed?: undefined;
}

/** The range is divided from the start. */
export interface SeededTopologyArgs {
  /** Says that a `seed` follows. */
  topology: "seeded";
  /**
   * The hosts between which the range is divided from the start. Can never change as long as the
   * network lives.
   *
   * @example ["node1", "node2", "node3"]
   */
  seed: string[];
  targets?: undefined;
  core?: undefined;
}

/** How the peers know one another, with what that topology needs and no other. */
export type TopologyArgs =
  UniformTopologyArgs | ManualTopologyArgs | FixedTopologyArgs | SeededTopologyArgs;

/** What may be different from peer to peer. */
export interface ClusterPeerArgs extends Omit<
  PeerSettings,
  "password" | "ipallocRange" | "ipallocDefaultSubnet" | "dnsDomain"
> {
  /**
   * Unique in the network, in the form of a MAC address. Weave derives one from the machine when
   * absent.
   *
   * @example "02:00:00:00:00:01"
   */
  peerName?: string;
  /** Shown by `weave status`; unique in the cluster. Weave takes the machine's name when absent. */
  nickname?: string;
  /** The address that other peers dial. @default `host` of the connection */
  address?: Input<string>;
  /** The host's one IPv4 address on which the router listens (`--host`). @default all */
  bindAddress?: Input<string>;
  /**
   * Gives the host itself an address on the overlay, as `weave expose` does: true for one of
   * Weave's range, or addresses with their prefix.
   *
   * @default false
   * @example ["10.40.255.1/24"]
   */
  expose?: Input<boolean | string | string[]>;
}

/** What a `WeaveCluster` is made of. */
export type WeaveClusterArgs = ClusterArgs & TopologyArgs;

/** The same, once it is known which hosts there are. */
export type WithHosts = WeaveClusterArgs & { readonly hosts: Hosts };

/** All of a cluster but its topology. */
export interface ClusterArgs extends PeerSettings {
  /**
   * The hosts by the names that the program gives them; a deployment's `hosts` uses these names.
   *
   * @example { node1: { host: "203.0.113.7", privateKey, hostKey: "ssh-ed25519 AAAA..." } }
   */
  hosts: Input<Record<string, Input<HostArgs>>>;
  /** What is different on single hosts. @example { node1: { nickname: "alpha", expose: true } } */
  peers?: Record<string, ClusterPeerArgs>;
  /**
   * Where deployments' subnets come from. Must overlap neither `ipallocRange` nor a route of a
   * host.
   *
   * @default "10.40.0.0/13"
   */
  pool?: Input<string>;
  /**
   * Parts of `pool` that are never handed out.
   *
   * @default []
   * @example ["10.40.0.0/24"]
   */
  exclude?: Input<Input<string>[]>;
  /** How many moves a host takes part in at a time, in one run. @default 2 */
  movesPerHost?: Input<number>;
  /** Seconds to wait until all peers are connected and agree on Weave's range. @default 120 */
  quorumTimeoutSeconds?: Input<number>;
  /**
   * Names for things that are no containers, with their addresses, in Weave's DNS.
   *
   * @example { "printer.weave.local": "192.0.2.9" }
   */
  dnsEntries?: Input<Record<string, Input<string | string[]>>>;
}

/** The topology as the plan reads it. */
export function shapeOf(args: TopologyArgs): Shape {
  switch (args.topology) {
    case "manual":
      return { kind: "manual", targets: args.targets };
    case "fixed":
      return { kind: "fixed", core: args.core };
    case "seeded":
      return { kind: "seeded", seed: args.seed };
    default:
      return { kind: "uniform" };
  }
}

const NEEDS = { manual: "targets", fixed: "core", seeded: "seed" } as const;

/** What is wrong with a cluster whatever its hosts are: told before anything is registered. */
export function refuseMistakes(name: string, args: WeaveClusterArgs): void {
  const refuse = refusing(name);
  const topologies = Object.values(Topology);
  const { topology = "uniform" } = args;
  if (!topologies.includes(topology)) {
    const words = topologies.map((each) => `"${each}"`).join(", ");
    refuse(`topology "${topology as string}" is not known. Use one of ${words}, or leave it out.`);
  }
  for (const [kind, property] of Object.entries(NEEDS)) {
    const given = args[property] as unknown;
    if (kind === topology && given === undefined)
      refuse(`topology "${topology}" needs ${property}.`);
    if (kind !== topology && given !== undefined)
      refuse(`${property} belongs to topology "${kind}", and this one is "${topology}".`);
  }
  refuseTwoVersions(name, args);
  for (const [host, own] of Object.entries(args.peers ?? {}))
    refuseTwoVersions(`${name}: peers.${host}`, own);
}

/** What is wrong with its hosts and shows without a single connection. */
export function refuseMistakesOfHosts(name: string, args: WithHosts): void {
  const refuse = refusing(name);
  const hostNames = Object.keys(args.hosts);
  if (hostNames.length === 0) refuse("hosts is empty. Name at least one host with its connection.");
  for (const host of Object.keys(args.peers ?? {})) {
    if (!hostNames.includes(host)) {
      const names = hostNames.map((each) => `'${each}'`).join(", ");
      refuse(`peers.${host}: there is no host '${host}'; hosts are ${names}.`);
    }
  }
  refuseProblems(name, topologyProblems(shapeOf(args), topologyHosts(args), name));
}

const refusing = (name: string) => (problem: string) => {
  throw mistake(`WeaveCluster '${name}': ${problem}`);
};

/**
 * The hosts as a topology looks at them, in the program's order. An address that is not known yet
 * is stood in for by a text of its own, so that the topology is worked out all the same, and shown
 * in preview.
 */
export function topologyHosts({ hosts, peers }: WithHosts): TopologyHost[] {
  return Object.entries(hosts).map(([host, connection], i) => {
    const { peerName, nickname, address = hostOf(connection) } = peers?.[host] ?? {};
    return {
      host,
      address: typeof address === "string" ? machineAddress(address) : `host-${i}.invalid`,
      ...(peerName === undefined ? {} : { peerName: peerName.toLowerCase() }),
      ...(nickname === undefined ? {} : { nickname }),
    };
  });
}

const hostOf = (connection: Input<HostArgs>): unknown =>
  typeof connection === "object" && "host" in connection ? connection.host : undefined;

function refuseProblems(
  name: string,
  problems: readonly { property: string; reason: string }[],
): void {
  if (problems.length === 0) return;
  throw mistake(
    problems
      .map(({ property, reason }) => {
        const path = property.replace(/^hosts\.(.*)\.(peerName|nickname|address)$/, "peers.$1.$2");
        return `WeaveCluster '${name}': ${path}: ${reason}.`;
      })
      .join("\n"),
  );
}
