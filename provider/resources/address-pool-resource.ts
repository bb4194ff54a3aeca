import {
  output,
  unsecret,
  type CustomResourceOptions,
  type Input,
  type Output,
} from "@pulumi/pulumi";
import { FerryResource } from "./dynamic-resource";

export interface AddressPoolResourceArgs {
  readonly cluster: string;
  readonly pool: Input<string>;
  readonly exclude: Input<Input<string>[]>;
  readonly ipallocRange: Input<string>;
  /** Checked against the pool, not kept. */
  readonly hostRoutes: Input<Record<string, Input<string[]>>>;
  /**
   * What the program's deployments ask for; settles when the program has stopped declaring them.
   */
  readonly requests: Input<DeploymentRequest[]>;
}

export interface DeploymentRequest {
  readonly deployment: string;
  /** Names that it had before. */
  readonly formerly?: readonly string[];
  readonly subnet?: Input<string>;
  readonly replicas: { readonly key: string; readonly ip?: Input<string | undefined> }[];
}

/** Who had an address. */
export interface ReleasedAddress {
  /** Key of the replica: "redis-0". */
  readonly by: string;
  /** When, counted in changes of the pool. */
  readonly generation: number;
}

/** The addresses of a deployment. */
export interface DeploymentAddresses {
  /** With its prefix: "10.40.0.0/28". */
  readonly subnet: string;
  /** By replica key: "redis-0". */
  readonly leases: Readonly<Record<string, string>>;
  /**
   * Addresses that replicas had which the program no longer names, and who had them: they may come
   * back to them.
   */
  readonly released?: Readonly<Record<string, ReleasedAddress>>;
  /**
   * The program does not name the deployment any more; all this is kept for it, should it come
   * back.
   */
  readonly missing?: number;
  /** Names by which it had all this before it was renamed. */
  readonly formerly?: readonly string[];
}

/** Every deployment's subnet and every replica's lease; nothing else hands out addresses. */
export class AddressPoolResource extends FerryResource {
  declare readonly deployments: Output<Record<string, DeploymentAddresses>>;

  constructor(name: string, args: AddressPoolResourceArgs, opts?: CustomResourceOptions) {
    // Addresses are no secrets, whatever they come from: they stand in state, in DNS and in every
    // message.
    const requests = unsecret(output(args.requests));
    super("addressPool", name, { ...args, requests }, { outputs: ["deployments"] }, opts);
  }
}
