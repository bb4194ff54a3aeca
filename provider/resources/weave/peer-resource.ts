import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Connection } from "../../core/connection";
import { FerryResource } from "../dynamic-resource";

export interface PeerResourceArgs {
  readonly cluster: string;
  readonly host: string;
  readonly connection: Input<Connection>;
  readonly address: Input<string>;
  readonly targets: Input<Input<string>[]>;
  readonly electors: Input<number>;
  readonly ipallocRange: Input<string>;
  readonly ipallocDefaultSubnet?: Input<string>;
  readonly peerName?: Input<string>;
  readonly nickname?: Input<string>;
  readonly password?: Input<string>;
  readonly dnsDomain?: Input<string>;
  readonly discovery: Input<boolean>;
  readonly trustedSubnets?: Input<Input<string>[]>;
  readonly mtu?: Input<number>;
  readonly extraFlags?: Input<Input<string>[]>;
  readonly observer?: Input<boolean>;
  readonly seed?: Input<Input<string>[]>;
  readonly bindAddress?: Input<string>;
  readonly noFastdp?: Input<boolean>;
  readonly imageVersion?: Input<string>;
  readonly images?: Input<string>;
  readonly command?: Input<string>;
  readonly launchAtBoot?: Input<boolean>;
  /** Given to the host again at boot; the mesh gives it while all runs. */
  readonly expose?: Input<boolean | string | string[]>;
  readonly dnsEntries?: Input<Record<string, Input<string | string[]>>>;
  /** Used up in `check`, and not kept: it follows from the cluster's other inputs. */
  readonly company?: Input<PeerMembership>;
}

/** The peers that one peer lives with (core/weave/peer-inputs.ts: Membership). */
export interface PeerMembership {
  readonly members: Input<
    Input<{
      host: string;
      address: Input<string>;
      dials: boolean;
      dialled: boolean;
    }>[]
  >;
  readonly oneAtATime: boolean;
  readonly timeoutSeconds: Input<number>;
}

/** Weave's router on one host. */
export class PeerResource extends FerryResource {
  declare readonly peerName: Output<string>;
  declare readonly nickname: Output<string>;
  declare readonly version: Output<string>;

  constructor(name: string, args: PeerResourceArgs, opts?: CustomResourceOptions) {
    const outputs = ["peerName", "nickname", "version", "proxySocket"];
    super("peer", name, { ...args }, { outputs, secrets: ["connection", "password"] }, opts);
  }
}
