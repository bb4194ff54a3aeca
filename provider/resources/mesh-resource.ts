import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Connections } from "../core/connection";
import { FerryResource } from "./dynamic-resource";

export interface MeshResourceArgs {
  readonly cluster: string;
  readonly connections: Input<Connections>;
  readonly peers: Input<
    Input<{ host: string; address: Input<string>; peerName?: Input<string> }>[]
  >;
  readonly electors: Input<number>;
  readonly timeoutSeconds: Input<number>;
}

/** The peers joined: every connection established and Weave's address manager in consensus. */
export class MeshResource extends FerryResource {
  declare readonly ready: Output<boolean>;

  constructor(name: string, args: MeshResourceArgs, opts?: CustomResourceOptions) {
    super("mesh", name, { ...args }, ["ready"], ["connections"], opts);
  }
}
