import type { Input } from "@pulumi/pulumi";

/** A command in the container, with a deadline. */
export interface Hook {
  /** Shell text. */
  command: Input<string>;
  /** It has failed when it has not ended by then. 30 when absent. */
  seconds?: Input<number>;
}
