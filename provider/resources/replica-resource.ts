import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { AdoptRequest } from "../core/adoption/request";
import type { ContainerSpec } from "../core/container-spec";
import type { ChangeSettings } from "../core/replica/change-settings";
import type { FileSource } from "../core/files/model";
import type { LastMove } from "../core/replica/model";
import type { HookInput } from "../core/replica/move-settings";
import type { Reservation } from "../core/placement/wish";
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
  /** When its image is pulled as its container is made. */
  readonly pull?: Input<string | number>;
  /** How its image is built (core/build/build.ts: BuildRecipe), as JSON. Read by `check`, not kept. */
  readonly build?: Input<string>;
  /** Who registries take us for (core/image/registry.ts), as JSON. Read by `check`, not kept. */
  readonly registries?: Input<string>;
  readonly environment: Input<Record<string, Input<string>>>;
  readonly volumes?: Input<Record<string, Input<ReplicaVolume>>>;
  readonly files?: Record<string, Input<string>>;
  readonly ip: Input<string>;
  readonly subnet: Input<string>;
  readonly dnsDomain: Input<string>;
  /** The cluster's hosts, as JSON (core/cluster-hosts.ts). */
  readonly clusterHosts: Input<string>;
  readonly verify: Input<string>;
  readonly healthTimeoutSeconds: Input<number>;
  readonly job?: boolean;
  readonly restartsWith?: Input<string>;
  readonly reserves?: Input<Reservation | undefined>;
  readonly onSourceLost?: Input<string | undefined>;
  readonly quiesce?: Input<HookInput | undefined>;
  readonly resume?: Input<HookInput | undefined>;
  readonly maxBandwidth?: Input<string | number>;
  /** Read by `check` and not kept, as the following ones. */
  readonly fileSources?: Record<string, Input<FileSource>>;
  readonly folders?: Record<string, string>;
  readonly restores?: Record<string, Input<string>>;
  readonly flocker?: Record<string, Input<string>>;
  readonly snapshotsBefore?: string[];
  readonly sharesWith?: Input<Record<string, string[]>>;
  readonly changes?: ChangeSettings;
  readonly movesPerHost?: Input<number>;
  readonly estimate?: Input<boolean | undefined>;
  readonly adopt?: AdoptRequest;
  readonly rebalance?: Input<string | undefined>;
  readonly leastBusy?: Input<string | undefined>;
}

export interface ReplicaVolume {
  readonly id: Input<string>;
  readonly formerly?: Input<string[]>;
  readonly name: Input<string>;
  readonly driver: Input<string>;
  readonly driverOptions: Input<Record<string, Input<string>>>;
  readonly scope?: Input<string>;
  readonly control?: Input<string>;
  readonly labels: Input<Record<string, Input<string>>>;
  readonly external: Input<boolean>;
  readonly deleteData: Input<boolean>;
}

const SECRETS = ["clusterHosts", "build", "registries"];
const SAID_SECRETS = ["restores", "flocker"] as const;

/** One container with its address, its name and its data, on whichever host it is. */
export class ReplicaResource extends FerryResource {
  declare readonly host: Output<string>;
  declare readonly ip: Output<string>;
  declare readonly dnsName: Output<string>;
  declare readonly containerName: Output<string>;
  declare readonly containerId: Output<string>;
  declare readonly lastMove: Output<LastMove | undefined>;

  constructor(name: string, args: ReplicaResourceArgs, opts?: CustomResourceOptions) {
    const outputs = ["host", "dnsName", "containerName", "containerId", "lastMove"];
    const secretOutputs = ["connections", "environment", "quiesce", "resume"];
    const packed = [
      "project",
      "stack",
      "deployment",
      "service",
      "index",
      "formerly",
      "dnsDomain",
      "verify",
      "healthTimeoutSeconds",
      "movesPerHost",
    ];
    super(
      "replica",
      name,
      { ...args },
      {
        outputs,
        // Only where it is asked for, so that a program that does not is no other in state.
        secrets: [...SECRETS, ...SAID_SECRETS.filter((each) => args[each] !== undefined)],
        secretOutputs,
        packed,
      },
      opts,
    );
  }
}
