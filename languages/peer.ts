import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Connection } from "./host";

/** Where Weave comes from. */
export interface Weave {
  /** Version of Weave's images ("2.9.0"). The command's when absent. */
  version?: Input<string>;
  /** Whose images: "rajchaudhuri", "weaveworks", or a registry of your own. */
  images?: Input<string>;
  /** Path of the weave command on the host. */
  command?: Input<string>;
}

/** Settings of Weave's router; the same on every peer of a cluster. */
export interface RouterArgs {
  /** Encrypts traffic between peers. At least 8 characters. Kept as a secret. */
  password?: Input<string>;
  /** The range that Weave manages by itself. 10.32.0.0/13 when absent. */
  ipallocRange?: Input<string>;
  /** Where in that range Weave takes addresses when asked for none. */
  ipallocDefaultSubnet?: Input<string>;
  /** Weave's DNS domain. weave.local when absent. */
  dnsDomain?: Input<string>;
  /** Whether peers tell one another of further peers. true when absent. */
  discovery?: Input<boolean>;
  /** Subnets between whose hosts traffic is not encrypted, in spite of a password. */
  trustedSubnets?: Input<Input<string>[]>;
  /** MTU of the overlay, in bytes. Weave's default when absent. */
  mtu?: Input<number>;
  /** Further flags for `weave launch`. --plugin=false when absent. */
  extraFlags?: Input<Input<string>[]>;
  /** Keep Weave from its fast datapath. */
  noFastdp?: Input<boolean>;
  /** Where Weave comes from. */
  weave?: Weave;
  /** Have the host launch the router when it boots. true when absent. */
  launchAtBoot?: Input<boolean>;
}

/** What a Peer is made of. */
export interface PeerArgs extends RouterArgs {
  /** How the host is reached. */
  connection: Input<Connection>;
  /** The host's name in messages. The resource's name when absent. */
  host?: string;
  /** The network that this peer belongs to. The resource's name when absent. */
  network?: string;
  /** The address that other peers dial. The connection's when absent. */
  address?: Input<string>;
  /** Addresses that this peer keeps dialling. */
  targets?: Input<Input<string>[]>;
  /** How many electors the network starts with. 1 when absent. */
  electors?: Input<number>;
  /** Takes no part in dividing Weave's range, and is told the outcome. */
  observer?: Input<boolean>;
  /** Weave's names of the peers between which the range is divided from the start. */
  seed?: Input<Input<string>[]>;
  /** The host's one IPv4 address on which the router listens. All when absent. */
  bindAddress?: Input<string>;
  /** Unique in the network, in the form of a MAC address. */
  peerName?: Input<string>;
  /** Shown by `weave status`. */
  nickname?: Input<string>;
}

/** Weave's router on one host, for a network made by hand. */
export declare class Peer extends ComponentResource {
  /** Weave's name of the peer. */
  readonly peerName: Output<string>;
  /** What `weave status` calls it. */
  readonly nickname: Output<string>;
  /** Weave's version on the host. */
  readonly version: Output<string>;
  /** The address that other peers dial. */
  readonly address: Output<string>;
  constructor(name: string, args: PeerArgs, opts?: ComponentResourceOptions);
}
