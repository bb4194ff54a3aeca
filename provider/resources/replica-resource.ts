import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { Connections } from "../core/connection";
import type { ContainerSpec } from "../core/container-spec";
import type { LastMove } from "../core/replica/model";
import type { HookInput } from "../core/replica/move-settings";
import { FerryResource } from "./dynamic-resource";
import type { InputsOf } from "./inputs-of";

export interface ReplicaResourceArgs {
  readonly project: string;
  readonly stack: string;
  readonly deployment: string;
  readonly service: string;
  readonly index: number;
  readonly formerly?: string | string[];
  /** The user's word. */
  readonly host?: Input<string | undefined>;
  /** Where a replica without a host of its own goes at first. */
  readonly suggestedHost: Input<string>;
  readonly spec: InputsOf<ContainerSpec>;
  readonly environment: Input<Record<string, Input<string>>>;
  readonly volumes: Input<Record<string, Input<ReplicaVolume>>>;
  readonly ip: Input<string>;
  readonly subnet: Input<string>;
  readonly dnsDomain: Input<string>;
  readonly connections: Input<Connections>;
  readonly verify: Input<string>;
  readonly healthTimeoutSeconds: Input<number>;
  readonly onSourceLost?: Input<string | undefined>;
  readonly quiesce?: Input<HookInput | undefined>;
  readonly resume?: Input<HookInput | undefined>;
  readonly maxBandwidth?: Input<string | number>;
  /** Read by `check` and not kept, as the following ones. */
  readonly draining: Input<string[]>;
  readonly sharesWith?: Input<Record<string, string[]>>;
  readonly movesPerHost?: Input<number>;
  readonly estimate?: Input<boolean | undefined>;
}

export interface ReplicaVolume {
  readonly id: Input<string>;
  readonly formerly?: Input<string[]>;
  readonly name: Input<string>;
  readonly driver: Input<string>;
  readonly driverOptions: Input<Record<string, Input<string>>>;
  readonly labels: Input<Record<string, Input<string>>>;
  readonly external: Input<boolean>;
  readonly deleteData: Input<boolean>;
}

/** One container with its address, its name and its data, on whichever host it is. */
export class ReplicaResource extends FerryResource {
  declare readonly host: Output<string>;
  declare readonly ip: Output<string>;
  declare readonly dnsName: Output<string>;
  declare readonly containerName: Output<string>;
  declare readonly containerId: Output<string>;
  declare readonly lastMove: Output<LastMove | undefined>;
  declare readonly health: Output<string | undefined>;

  constructor(name: string, args: ReplicaResourceArgs, opts?: CustomResourceOptions) {
    const outputs = [
      "host",
      "dnsName",
      "containerName",
      "containerId",
      "epoch",
      "imageId",
      "lastMove",
      "health",
    ];
    const secretOutputs = ["environment", "quiesce", "resume"];
    super("replica", name, { ...args }, { outputs, secrets: ["connections"], secretOutputs }, opts);
  }
}
