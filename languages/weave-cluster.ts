import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Host } from "./host";
import type { RouterArgs, Weave } from "./peer";

/** What may be different from peer to peer. */
export interface ClusterPeer {
  /** Unique in the network, in the form of a MAC address. */
  peerName?: string;
  /** Shown by `weave status`; unique in the cluster. */
  nickname?: string;
  /** The address that other peers dial. The connection's when absent. */
  address?: Input<string>;
  /** The host's one IPv4 address on which the router listens. All when absent. */
  bindAddress?: Input<string>;
  /** Gives the host itself an address of Weave's range on the overlay. */
  expose?: Input<boolean>;
  /** Gives the host itself these addresses, with their prefix. */
  exposeAddresses?: Input<Input<string>[]>;
  /** Whether this peer tells others of further peers. */
  discovery?: Input<boolean>;
  /** Subnets between whose hosts traffic is not encrypted, in spite of a password. */
  trustedSubnets?: Input<Input<string>[]>;
  /** MTU of the overlay, in bytes. */
  mtu?: Input<number>;
  /** Further flags for `weave launch`. */
  extraFlags?: Input<Input<string>[]>;
  /** Keep Weave from its fast datapath. */
  noFastdp?: Input<boolean>;
  /** Where Weave comes from. */
  weave?: Weave;
  /** Have the host launch the router when it boots. */
  launchAtBoot?: Input<boolean>;
}

/** What a WeaveCluster is made of. */
export interface WeaveClusterArgs extends RouterArgs {
  /** The hosts by the names that the program gives them. */
  hosts: Input<Record<string, Input<Host>>>;
  /** The cluster is kept by another program: put deployments on it and change nothing of it. */
  existing?: boolean;
  /** "uniform", "manual", "fixed" or "seeded". "uniform" when absent. */
  topology?: string;
  /** With "manual": whom each host dials, by names of hosts or addresses. */
  targets?: Record<string, string[]>;
  /** With "fixed": the hosts that divide the range and that everybody dials. */
  core?: string[];
  /** With "seeded": the hosts between which the range is divided from the start. */
  seed?: string[];
  /** What is different on single hosts. */
  peers?: Record<string, ClusterPeer>;
  /** Where deployments' subnets come from. 10.40.0.0/13 when absent. */
  pool?: Input<string>;
  /** Parts of the pool that are never handed out. */
  exclude?: Input<Input<string>[]>;
  /** How many moves a host takes part in at a time, in one run. 2 when absent. */
  movesPerHost?: Input<number>;
  /** Seconds to wait until all peers are connected and agree on Weave's range. 120 when absent. */
  quorumTimeoutSeconds?: Input<number>;
  /** Names for things that are no containers, with their addresses, in Weave's DNS. */
  dnsEntries?: Input<Record<string, Input<Input<string>[]>>>;
}

/** Hosts joined by Weave Net, and the pool from which deployments get their subnets. */
export declare class WeaveCluster extends ComponentResource {
  /** What deployments, replicas and volumes call it: their `cluster`. */
  readonly reference: Output<string>;
  /** Names of the hosts, sorted. */
  readonly hostNames: Output<string[]>;
  /** Weave's name of each peer, by host. */
  readonly peerNames: Output<Record<string, string>>;
  /** How the network is, as the last `up` or `refresh` found it: healthy, degraded or down. */
  readonly status: Output<string>;
  /** What is wrong with it. */
  readonly problems: Output<string[]>;
  /** The range that Weave hands out addresses from by itself. */
  readonly ipallocRange: Output<string>;
  /** Where this program's subnets come from. */
  readonly pool: Output<string>;
  /** A POSIX script that makes a fresh host an observer of the network. */
  readonly observerBootScript: Output<string>;
  constructor(name: string, args: WeaveClusterArgs, opts?: ComponentResourceOptions);
}
