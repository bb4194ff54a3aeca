import {
  ComponentResource,
  output,
  secret,
  unsecret,
  type ComponentResourceOptions,
  type Input,
  type Output,
} from "@pulumi/pulumi";
import type { Connection } from "../../provider/core/connection";
import { machineAddress } from "../../provider/core/host-address";
import { HostResource } from "../../provider/resources/host-resource";
import type { WeaveHostArgs } from "../../provider/resources/weave/host-args";
import { mistake } from "../../provider/resources/mistake";
import { PeerResource, type PeerMembership } from "../../provider/resources/weave/peer-resource";
import type { ConnectionArgs } from "../connection-args";
import { dependencies } from "../dependencies";

/**
 * Weave's own range, in which Weave hands out addresses by itself; deployments' subnets lie
 * outside.
 */
export const DEFAULT_IPALLOC_RANGE = "10.32.0.0/13";

/** Where Weave comes from. */
export interface WeaveArgs {
  /** Version of Weave's images ("2.9.0"), fetched ahead of the launch. @default the command's */
  version?: Input<string>;
  /**
   * Whose images: "rajchaudhuri" (reWeave, for Docker 25 and later), "weaveworks", or a registry of
   * your own with what the images lie under ("registry.example/mirror", which has
   * `registry.example/mirror/weave`, `.../weaveexec` and `.../weavedb`). @default the command's
   */
  images?: Input<string>;
  /** Path of the weave command on the host. @default `weave` in PATH or in /usr/local/bin */
  command?: Input<string>;
}

/** Settings of Weave's router; the same on every peer of a cluster. */
export interface PeerSettings {
  /**
   * Encrypts traffic between peers. At least 8 characters. Kept as a secret; goes to hosts by
   * standard input only.
   */
  password?: Input<string>;
  /** The range that Weave manages by itself (`--ipalloc-range`). @default "10.32.0.0/13" */
  ipallocRange?: Input<string>;
  /**
   * Where in that range Weave takes addresses when asked for none (`--ipalloc-default-subnet`).
   *
   * @example "10.32.0.0/16"
   */
  ipallocDefaultSubnet?: Input<string>;
  /** Weave's DNS domain. @default "weave.local" */
  dnsDomain?: Input<string>;
  /** Whether peers tell one another of further peers. @default true */
  discovery?: Input<boolean>;
  /**
   * Subnets between whose hosts traffic is not encrypted, in spite of a password.
   *
   * @example ["192.0.2.0/24"]
   */
  trustedSubnets?: Input<Input<string>[]>;
  /** MTU of the overlay, in bytes. Weave's default when absent. */
  mtu?: Input<number>;
  /**
   * Further flags for `weave launch`, as they are. Ferry has no use for Weave's Docker plugin, and
   * with it dockerd waits 15 seconds for it at each boot; a list of your own leaves the plugin on
   * unless it says otherwise.
   *
   * @default ["--plugin=false"]
   */
  extraFlags?: Input<Input<string>[]>;
  /**
   * Keep Weave from its fast datapath. By itself where the host has no Open vSwitch. @default false
   */
  noFastdp?: Input<boolean>;
  /**
   * Where Weave comes from. What is left out is as the host's weave command has it. Change version
   * or images, and the routers are launched anew one by one, containers keeping their addresses.
   *
   * @example { version: "2.9.0", images: "rajchaudhuri" } // reWeave, whatever command the host has
   */
  weave?: WeaveArgs;
  /** The same as `weave.version`; only one of the two may be given. */
  imageVersion?: Input<string>;
  /** Have the host launch the router when it boots, where it has systemd. @default true */
  launchAtBoot?: Input<boolean>;
}

/** What a `Peer` is made of. */
export interface PeerArgs extends PeerSettings {
  /** How the host is reached. */
  connection: Input<ConnectionArgs>;
  /** The host's name in messages. @default the resource's name */
  host?: string;
  /** The network that this peer belongs to. @default the resource's name */
  cluster?: string;
  /** The address that other peers dial. @default `connection.host` */
  address?: Input<string>;
  /** Addresses that this peer keeps dialling. @default [] */
  targets?: Input<Input<string>[]>;
  /** How many electors the network starts with. @default 1 */
  electors?: Input<number>;
  /** Takes no part in dividing Weave's range, and is told the outcome. @default false */
  observer?: Input<boolean>;
  /**
   * Weave's names of the peers between which the range is divided from the start; the same on all
   * peers for ever.
   */
  seed?: Input<Input<string>[]>;
  /** The host's one IPv4 address on which the router listens (`--host`). @default all */
  bindAddress?: Input<string>;
  /**
   * Unique in the network, in the form of a MAC address. Weave derives one from the machine when
   * absent.
   *
   * @example "02:00:00:00:00:01"
   */
  peerName?: Input<string>;
  /** Shown by `weave status`. Weave takes the machine's name when absent. */
  nickname?: Input<string>;
  /**
   * Addresses of the host itself on the overlay, given to it again whenever it boots. A
   * `WeaveCluster` gives them, and its mesh gives them to the host as soon as there is a network.
   *
   * @example "10.40.255.1/24"
   */
  expose?: Input<boolean | string | string[]>;
  /**
   * Names for things that are no containers, with their addresses, which this peer keeps in Weave's
   * DNS. A `WeaveCluster` gives them to one of its peers.
   *
   * @example { "printer.weave.local": "192.0.2.9" }
   */
  dnsEntries?: Input<Record<string, Input<string | string[]>>>;
  /**
   * The host as it was found, when the program has looked at it already. Looked at anew when
   * absent.
   *
   * @internal
   */
  discovered?: HostResource;
  /**
   * The cluster's other peers; a `WeaveCluster` gives it. A peer without it waits for nobody.
   *
   * @internal
   */
  company?: Input<PeerMembership>;
}

/** As the inputs of a peer have it, which are older than the name. */
export const asPeerInputs = ({ version, images, command }: WeaveArgs = {}) => ({
  ...(version === undefined ? {} : { imageVersion: version }),
  ...(images === undefined ? {} : { images }),
  ...(command === undefined ? {} : { command }),
});

/** Two ways to say one thing could contradict each other. */
export function refuseTwoVersions(name: string, { weave, imageVersion }: PeerSettings): void {
  if (weave?.version === undefined || imageVersion === undefined) return;
  throw mistake(
    `'${name}' has both weave.version and imageVersion, which are the same: leave imageVersion out.`,
  );
}

/** What peers without a word of the program's are launched with. */
export function peerDefaults<T extends PeerSettings>(settings: T) {
  return {
    ...settings,
    ipallocRange: settings.ipallocRange ?? DEFAULT_IPALLOC_RANGE,
    discovery: settings.discovery ?? true,
    extraFlags: settings.extraFlags ?? ["--plugin=false"],
  };
}

/**
 * Weave's router on one host. A `WeaveCluster` makes one for each of its hosts; use it alone for a
 * network made by hand.
 *
 * @example
 * const east = new ferry.Peer("east", {
 *   cluster: "net",
 *   connection: { host: "203.0.113.7", privateKey, hostKey: "ssh-ed25519 AAAA..." },
 *   password,
 * });
 * const west = new ferry.Peer("west", {
 *   cluster: "net",
 *   connection: { host: "198.51.100.9", privateKey, hostKey: "ssh-ed25519 AAAA..." },
 *   password,
 *   targets: [east.address],
 * });
 */
export class Peer extends ComponentResource {
  /** Weave's name of the peer. */
  readonly peerName: Output<string>;
  /** What `weave status` calls it. */
  readonly nickname: Output<string>;
  /** Weave's version on the host. */
  readonly version: Output<string>;
  /** The address that other peers dial. */
  readonly address: Output<string>;

  constructor(name: string, args: PeerArgs, opts?: ComponentResourceOptions) {
    super("pulumi-ferry:index:Peer", name, {}, opts);
    const {
      connection,
      host = name,
      cluster = name,
      address,
      discovered,
      weave,
      ...settings
    } = args;
    refuseTwoVersions(name, args);
    const reached = secret(output(connection)).apply((fields) => fields as Connection);
    const found =
      discovered ??
      new HostResource<WeaveHostArgs>(
        name,
        { cluster, name: host, connection: reached, ...(weave === undefined ? {} : { weave }) },
        { parent: this },
      );
    // An address is no secret, though it comes out of a connection that holds some.
    this.address = output(
      address ?? unsecret(reached.apply((fields) => machineAddress(fields.host))),
    );
    const peer = new PeerResource(
      name,
      {
        ...peerDefaults(settings),
        ...asPeerInputs(weave),
        ...(settings.password === undefined ? {} : { password: secret(settings.password) }),
        cluster,
        host,
        connection: reached,
        address: this.address,
        targets: settings.targets ?? [],
        electors: settings.electors ?? 1,
      },
      { parent: this, dependsOn: [found, ...dependencies(opts)] },
    );
    this.peerName = peer.peerName;
    this.nickname = peer.nickname;
    this.version = peer.version;
    this.registerOutputs({
      peerName: this.peerName,
      nickname: this.nickname,
      version: this.version,
      address: this.address,
    });
  }
}
