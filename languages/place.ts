import type { Input } from "@pulumi/pulumi";

/** How a host is found for a service's replicas. */
export interface Place {
  /** "spread", "binpack" or "least-busy". "spread" when absent. */
  strategy?: Input<string>;
  /** Labels that the host must have. */
  on?: Input<Record<string, Input<string>>>;
  /** Services of the file that must be on the same host. */
  near?: Input<Input<string>[]>;
  /** Services of the file of which none may be; its own name keeps its replicas apart. */
  apart?: Input<Input<string>[]>;
  /** CPUs that are kept free for each replica. */
  cpus?: Input<number>;
  /** Memory that is: bytes, or a text such as "512m". */
  memory?: Input<string>;
}

/** How far a placement is changed in one `up`. */
export interface RebalanceArgs {
  /** Moves that a host takes part in. 1 when absent. */
  movesPerHost?: number;
}
