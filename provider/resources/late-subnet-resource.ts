import {
  output,
  unsecret,
  type CustomResourceOptions,
  type Input,
  type Output,
} from "@pulumi/pulumi";
import type { DeploymentAddresses, DeploymentRequest } from "./address-pool-resource";
import { FerryResource } from "./dynamic-resource";

export interface LateSubnetResourceArgs {
  readonly cluster: string;
  readonly deployment: string;
  readonly pool: Input<string>;
  readonly exclude: Input<Input<string>[]>;
  readonly ipallocRange: Input<string>;
  /** What the pool has and remembers. */
  readonly known: Input<Record<string, DeploymentAddresses>>;
  /** Subnets of those that came late before this one, by deployment. */
  readonly before: Input<Record<string, Input<string>>>;
  readonly formerly?: Input<string[]>;
  readonly subnet?: Input<string>;
  readonly replicas: Input<DeploymentRequest["replicas"]>;
}

/**
 * Subnet and leases of a deployment that was declared after its cluster's pool had been planned.
 */
export class LateSubnetResource extends FerryResource {
  declare readonly subnet: Output<string>;
  declare readonly leases: Output<Record<string, string>>;

  constructor(name: string, args: LateSubnetResourceArgs, opts?: CustomResourceOptions) {
    // Addresses are no secrets, whatever they come from: they stand in state, in DNS and in every
    // message.
    const replicas = unsecret(output(args.replicas));
    super("lateSubnet", name, { ...args, replicas }, { outputs: ["subnet", "leases"] }, opts);
  }
}
