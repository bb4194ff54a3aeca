import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Connections } from "../../core/connection";
import type { ClusterHealth } from "../../core/weave/health";
import { FerryResource } from "../dynamic-resource";
import type { WeaveResourceArgs } from "./host-args";

export interface MeshResourceArgs {
  readonly cluster: string;
  readonly connections: Input<Connections>;
  readonly peers: Input<
    Input<{
      host: string;
      address: Input<string>;
      peerName?: Input<string>;
      dials?: string[];
      observer?: boolean;
      expose?: Input<boolean | string | string[]>;
      source?: WeaveResourceArgs;
    }>[]
  >;
  readonly electors: Input<number>;
  readonly timeoutSeconds: Input<number>;
  readonly seeded?: boolean;
  readonly dnsEntries?: Input<Record<string, Input<string | string[]>>>;
  /** Somebody else's cluster: looked at, never changed. */
  readonly existing?: boolean;
  /** With `existing`: what it has to be. */
  readonly ipallocRange?: Input<string>;
  readonly dnsDomain?: Input<string>;
}

/** The peers joined: every connection established and Weave's address manager in consensus. */
export class MeshResource extends FerryResource {
  declare readonly ready: Output<boolean>;
  /** Weave's name of each peer, by host. */
  declare readonly peerNames: Output<Record<string, string>>;
  declare readonly health: Output<ClusterHealth>;
  /** The network as it was found; only with `existing`. */
  declare readonly found: Output<{ range: string; domain: string; version: string }>;

  constructor(name: string, args: MeshResourceArgs, opts?: CustomResourceOptions) {
    super(
      "mesh",
      name,
      { ...args },
      {
        outputs: ["ready", "peerNames", "health", "found", "exposed"],
        secrets: ["connections"],
      },
      opts,
    );
  }
}
