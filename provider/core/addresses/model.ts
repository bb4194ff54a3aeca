import type { UNKNOWN } from "../unknown";
import type { Cidr } from "./ipv4";

/** What a program asks of the pool for one deployment. */
export interface DeploymentRequest {
  readonly deployment: string;
  /** Names that it had before: what one of them has, and nobody asks for any more, is its own. */
  readonly formerly?: readonly string[];
  /** A subnet fixed by the user, "10.40.8.0/24". */
  readonly subnet?: string;
  readonly replicas: readonly ReplicaRequest[];
}

export interface ReplicaRequest {
  /** Service and index: "redis-0". Unique in its deployment. */
  readonly key: string;
  /** An address fixed by the user. */
  readonly ip?: string;
}

/** Somebody gave something back. */
export interface Release {
  /** The replica (of an address) or the deployment (of a subnet) that held it. */
  readonly by: string;
  /** Counts the updates that gave something back; a higher one is later. */
  readonly generation: number;
}

/** What state keeps of one deployment. */
export interface DeploymentAddresses {
  /** "10.40.0.0/27". */
  readonly subnet: string;
  /** Address by replica key. */
  readonly leases: Readonly<Record<string, string>>;
  /**
   * Addresses of replicas that the program no longer named; handed out after all others. Absent
   * when there are none.
   */
  readonly released?: Readonly<Record<string, Release>>;
  /**
   * The program no longer names the deployment: the generation of the first update without it. All
   * of this stays its own, to come back to, until somebody else needs the subnet. Absent from those
   * that the program names.
   */
  readonly missing?: number;
  /** Names by which it had all this before. Absent from those that were never renamed. */
  readonly formerly?: readonly string[];
}

export type DeploymentsAddresses = Readonly<Record<string, DeploymentAddresses>>;

/** What the AddressPool keeps in state: as its inputs, and the same as its outputs. */
export interface AddressPoolState {
  readonly cluster: string;
  /** Where subnets come from. */
  readonly pool: string;
  /** Blocks of the pool that Ferry leaves alone; sorted, without repetitions. */
  readonly exclude: readonly string[];
  /** The network's own range, which lies outside the pool. */
  readonly ipallocRange: string;
  readonly deployments: DeploymentsAddresses;
  /**
   * Subnets that deployments have left for others by hand; handed out after all others. Absent when
   * there are none.
   */
  readonly released?: Readonly<Record<string, Release>>;
}

/** As the state; in a preview the deployments may hang on something that is not known yet. */
export interface AddressPoolInputs extends Omit<AddressPoolState, "deployments"> {
  readonly deployments: DeploymentsAddresses | Unknown;
}

export type Unknown = typeof UNKNOWN;

/** A `DeploymentRequest`, read. */
export interface SubnetRequest {
  readonly deployment: string;
  readonly formerly?: readonly string[];
  readonly subnet?: Cidr | Unknown;
  readonly replicas: readonly LeaseRequest[];
}

/** A `ReplicaRequest`, read. */
export interface LeaseRequest {
  readonly key: string;
  readonly ip?: number | Unknown;
}

/** A deployment's subnet and leases as of the last update. */
export interface Allocation {
  readonly subnet: Cidr;
  readonly leases: ReadonlyMap<string, number>;
  readonly released: ReadonlyMap<number, Release>;
  readonly missing?: number;
  readonly formerly?: readonly string[];
}

export interface ReleasedSubnet extends Release {
  readonly subnet: Cidr;
}

/** Everything that the last update left behind. */
export interface PoolHistory {
  readonly deployments: ReadonlyMap<string, Allocation>;
  readonly released: readonly ReleasedSubnet[];
}
