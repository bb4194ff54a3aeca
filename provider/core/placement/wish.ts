/** How a host is chosen among those that a wish allows. */
export const STRATEGIES = ["spread", "binpack", "least-busy"] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** What a host must be. */
export interface Demand {
  /** Absent: the host's name is meant. */
  readonly label?: string;
  readonly is: string;
  /** It must be anything else. */
  readonly not?: true;
  /** What it says is a secret, and in no message. */
  readonly secret?: true;
}

/** Where the replicas of a service are to be, and what they reserve there. */
export interface Wish {
  /** @default "spread" */
  readonly strategy?: Strategy;
  readonly on?: readonly Demand[];
  /** Labels whose values replicas are spread over, before they are over hosts. */
  readonly over?: readonly string[];
  /** Services of the deployment of which a replica must be on the same host. */
  readonly near?: readonly string[];
  /** Services of the deployment of which none may be. */
  readonly apart?: readonly string[];
  readonly cpus?: number;
  /** In bytes. */
  readonly memory?: number;
}

/** What is kept free for a replica on its host. */
export interface Reservation {
  readonly cpus?: number;
  /** In bytes. */
  readonly memory?: number;
}

/** The one on top of the other, field by field; demands of both count. */
export function overlaid(below: Wish, above: Wish): Wish {
  const on = [...(below.on ?? []), ...(above.on ?? [])];
  return { ...below, ...above, ...(on.length === 0 ? {} : { on }) };
}
