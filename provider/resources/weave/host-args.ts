import type { Input } from "@pulumi/pulumi";
import type { HostResourceArgs } from "../host-resource";

/** A host of Weave's. */
export interface WeaveHostArgs extends HostResourceArgs {
  readonly weave?: WeaveResourceArgs;
}

/** Where a host's Weave comes from (core/weave/source.ts). */
export interface WeaveResourceArgs {
  readonly version?: Input<string>;
  readonly images?: Input<string>;
  readonly command?: Input<string>;
}
