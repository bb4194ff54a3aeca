import type { Believed } from "./findings";

/** What is to become of a replica. */
export interface Goal {
  /** Its id. */
  readonly replica: string;
  /** The host that the program names. */
  readonly wanted: string;
  readonly believed?: Believed;
  /** Docker volumes of the program that follow the replica. */
  readonly volumes: readonly string[];
  /** Those that somebody else has made, whose data goes along. */
  readonly external?: readonly string[];
  /** Those whose data is on no host. */
  readonly reached?: readonly string[];
}
