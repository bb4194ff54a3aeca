import type { Input } from "@pulumi/pulumi";

/** The snapshot that a volume begins with. */
export interface SnapshotSource {
  /** The `volumeName` of the volume that it is of. */
  volume: Input<string>;
  /** A name such as "20260102T030405Z". "latest" when absent. */
  snapshot?: Input<string>;
}
