import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Connection } from "../core/connection";
import { network } from "../core/network";
import { FerryResource } from "./dynamic-resource";

export interface HostResourceArgs {
  readonly cluster: string;
  readonly name: string;
  readonly connection: Input<Connection>;
}

/**
 * A host as it was found: what it runs and what it routes. Making it changes nothing on the host.
 * `Args` has what the network asks beside these.
 */
export class HostResource<Args extends HostResourceArgs = HostResourceArgs> extends FerryResource {
  declare readonly dockerVersion: Output<string>;
  declare readonly architecture: Output<string>;
  /** CIDRs of the host's own routes. */
  declare readonly routes: Output<string[]>;
  /** Absent where it was found by an earlier version, and is the same since. */
  declare readonly cpus: Output<number | undefined>;
  /** In bytes; absent like `cpus`. */
  declare readonly memory: Output<number | undefined>;

  constructor(name: string, args: Args, opts?: CustomResourceOptions) {
    const outputs = [
      "dockerVersion",
      "dockerApiVersion",
      "architecture",
      "operatingSystem",
      "routes",
      "cpus",
      "memory",
      "machine",
      "shownKey",
      ...network.hostOutputs,
    ];
    super("host", name, { ...args }, { outputs, secrets: ["connection"] }, opts);
  }
}
