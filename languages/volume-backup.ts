import type { Input } from "@pulumi/pulumi";

/** Where a volume's backups go, and when. By restic, which the volume's host has to have. */
export interface VolumeBackup {
  /** restic's repository; it is made where there is none. */
  repository: Input<string>;
  /** What the repository is encrypted with. Secret in state. */
  password: Input<string>;
  /** What the repository's storage asks for. Secret in state. */
  environment?: Input<Record<string, Input<string>>>;
  /** From one backup to the next. "1d" when absent. */
  every?: Input<string>;
  /** How many of the volume's backups are kept. All when absent. */
  keep?: Input<number>;
}
