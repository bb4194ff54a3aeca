import type { CustomResourceOptions, Input } from "@pulumi/pulumi";
import type { Connections } from "../core/connection";
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
  readonly external: Input<boolean>;
  readonly deleteData: Input<boolean>;
  readonly connections: Input<Connections>;
  /** Replicas that mount it, with their hosts; checked, not kept. */
  readonly users: Input<Record<string, Input<string>>>;
}

/** A volume's identity. It follows its replica: it has no host of its own. */
export class VolumeResource extends FerryResource {
  constructor(name: string, args: VolumeResourceArgs, opts?: CustomResourceOptions) {
    super("volume", name, { ...args }, { secrets: ["connections"] }, opts);
  }
}
