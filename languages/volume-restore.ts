import type { Input } from "@pulumi/pulumi";

/** The backup that a volume begins with. */
export interface VolumeRestore {
  /** restic's repository. */
  repository: Input<string>;
  /** What the repository is encrypted with. Secret in state. */
  password: Input<string>;
  /** What the repository's storage asks for. Secret in state. */
  environment?: Input<Record<string, Input<string>>>;
  /** As `restic snapshots` lists it. "latest" when absent. */
  snapshot?: Input<string>;
  /** The `volumeId` of the volume that was backed up. This one's when absent. */
  volume?: Input<string>;
}
