import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { FlockerControl } from "./flocker-control";
import type { SnapshotSource } from "./snapshot-source";
import type { VolumeBackup } from "./volume-backup";
import type { VolumeRestore } from "./volume-restore";
import type { VolumeSnapshots } from "./volume-snapshots";

/** What a FlockerVolume is made of. */
export interface FlockerVolumeArgs {
  /** The `reference` of the WeaveCluster whose hosts it may be on. */
  cluster: Input<string>;
  /** The deployment whose replicas mount it. */
  deployment: string;
  /** The volume's name in the deployment. The resource's name when absent. */
  key?: string;
  /** Whom it was before a rename: "project/stack" or "project/stack/deployment". */
  formerly?: string[];
  /** The Docker volume's name on the hosts. `<deployment>_<key>` when absent. */
  name?: Input<string>;
  /** "local", "flocker", "folder", or a volume plugin that the hosts have. "local" when absent. */
  driver?: Input<string>;
  /** Where the data can be reached: "host", "attach" or "shared". By the driver when absent. */
  scope?: Input<string>;
  /** Flocker's control service, which attaches it. None when absent. */
  flocker?: FlockerControl;
  /** Options for Docker's volume driver. Cannot be changed on an existing volume. */
  driverOptions?: Input<Record<string, Input<string>>>;
  /** Labels for the Docker volume, beside Ferry's own. */
  labels?: Input<Record<string, Input<string>>>;
  /** Made by somebody else: Ferry neither makes nor deletes it. */
  external?: Input<boolean>;
  /** The data of Compose's project of this name is taken over where it is, as an external one. */
  adopt?: string;
  /** Delete the data together with this resource. */
  deleteData?: Input<boolean>;
  /** Backed up by a timer of the host that it is on. None when absent. */
  backup?: VolumeBackup;
  /** When its Docker volume is made, it begins with what this backup has. */
  restore?: VolumeRestore;
  /** Copies beside the volume, on its host's disk. None when absent. */
  snapshots?: VolumeSnapshots;
  /** With `snapshots`: one more before each change of the replica's container, and each move. */
  snapshotBeforeChange?: boolean;
  /** As `restore`, from a snapshot of another volume on the same host. */
  restoreFrom?: SnapshotSource;
}

/** A volume with an identity of its own, which follows the replica that mounts it. */
export declare class FlockerVolume extends ComponentResource {
  /** What a ServiceReplica calls it, in its `volumes`. */
  readonly reference: Output<string>;
  /** Identity, the same for ever: "project/stack/deployment/key". */
  readonly volumeId: Output<string>;
  /** The Docker volume's name on whichever host it is. */
  readonly volumeName: Output<string>;
  /** The volume's name in its deployment: what a replica's mounts refer to. */
  readonly key: Output<string>;
  constructor(name: string, args: FlockerVolumeArgs, opts?: ComponentResourceOptions);
}
