import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import { FerryResource } from "./dynamic-resource";

export interface VolumeResourceArgs {
  readonly project: string;
  readonly stack: string;
  readonly deployment: string;
  readonly key: string;
  readonly formerly?: string | string[];
  readonly name: Input<string>;
  readonly driver: Input<string>;
  readonly driverOptions: Input<Record<string, Input<string>>>;
  readonly scope?: Input<string>;
  readonly control?: Input<string>;
  /** What opens that, as JSON. */
  readonly flocker?: Input<string>;
  readonly external: Input<boolean>;
  /** The Docker volume that becomes it when it is made; checked, not kept. */
  readonly adopt?: Input<string>;
  readonly deleteData: Input<boolean>;
  /** Its host does something for it by itself, or it begins with what was kept of it; checked, not kept. */
  readonly upkept?: boolean;
  /** The cluster's hosts, as JSON (core/cluster-hosts.ts). */
  readonly clusterHosts: Input<string>;
  /** Replicas that mount it, with their hosts; checked, not kept. */
  readonly users: Input<Record<string, Input<string>>>;
}

/** A volume's identity. It follows its replica: it has no host of its own. */
export class VolumeResource extends FerryResource {
  /** As settled: what was taken over keeps its own. */
  declare readonly name: Output<string>;
  declare readonly external: Output<boolean>;

  constructor(name: string, args: VolumeResourceArgs, opts?: CustomResourceOptions) {
    // Only where it is said, so that a program that does not is no other in state.
    const secrets = ["clusterHosts", ...(args.flocker === undefined ? [] : ["flocker"])];
    super("volume", name, { ...args }, { secrets }, opts);
  }
}
