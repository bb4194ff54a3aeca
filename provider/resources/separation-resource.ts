import type { CustomResourceOptions, Input } from "@pulumi/pulumi";
import { FerryResource } from "./dynamic-resource";

export interface SeparationResourceArgs {
  readonly project: string;
  readonly stack: string;
  readonly deployment: string;
  /** Who reaches whom (core/network/separation.ts). */
  readonly rules: Input<string>;
  /** The cluster's hosts, as JSON (core/cluster-hosts.ts). */
  readonly clusterHosts: Input<string>;
}

/** Services of a deployment that share no network, kept apart on every host. */
export class SeparationResource extends FerryResource {
  constructor(name: string, args: SeparationResourceArgs, opts?: CustomResourceOptions) {
    const shape = { secrets: ["clusterHosts"], secretOutputs: ["connections", "places"] };
    super("separation", name, { ...args }, shape, opts);
  }
}
