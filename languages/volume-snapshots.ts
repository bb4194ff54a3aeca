import type { Input } from "@pulumi/pulumi";

/** Copies of a volume's folder beside it. */
export interface VolumeSnapshots {
  /** From one to the next: "1h". */
  every: Input<string>;
  /** How many are kept. */
  keep: Input<number>;
}
