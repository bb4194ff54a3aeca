import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Connection } from "../core/connection";
import { FerryResource } from "./dynamic-resource";

export interface HostResourceArgs {
  readonly cluster: string;
  readonly name: string;
  readonly connection: Input<Connection>;
  readonly weave?: WeaveResourceArgs;
}

/** Where a host's Weave comes from (core/weave/source.ts). */
export interface WeaveResourceArgs {
  readonly version?: Input<string>;
  readonly images?: Input<string>;
  readonly command?: Input<string>;
}

/**
 * A host as it was found: what it runs and what it routes. Making it changes nothing on the host.
 */
export class HostResource extends FerryResource {
  declare readonly dockerVersion: Output<string>;
  declare readonly weaveVersion: Output<string>;
  declare readonly architecture: Output<string>;
  /** CIDRs of the host's own routes. */
  declare readonly routes: Output<string[]>;

  constructor(name: string, args: HostResourceArgs, opts?: CustomResourceOptions) {
    const outputs = [
      "dockerVersion",
      "dockerApiVersion",
      "architecture",
      "operatingSystem",
      "weaveVersion",
      "routes",
      "machine",
      "shownKey",
      "hasOpenVSwitch",
    ];
    super("host", name, { ...args }, { outputs, secrets: ["connection"] }, opts);
  }
}
