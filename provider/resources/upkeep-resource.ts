import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { HookInput } from "../core/replica/move-settings";
import type {
  BackupSettings,
  LastBackup,
  RepositoryKey,
  SnapshotHooks,
  SnapshotSettings,
} from "../core/volume/upkeep";
import { FerryResource } from "./dynamic-resource";
import type { InputsOf } from "./inputs-of";

export interface UpkeepResourceArgs {
  readonly project: string;
  readonly stack: string;
  readonly deployment: string;
  readonly key: string;
  /** The Docker volume's name. */
  readonly name: Input<string>;
  /** Where the replica is that mounts it. */
  readonly host: Input<string>;
  readonly backup?: InputsOf<BackupSettings>;
  readonly backupKey?: InputsOf<RepositoryKey>;
  readonly snapshots?: InputsOf<SnapshotSettings>;
  readonly hooks?: { readonly [Key in keyof SnapshotHooks]: Input<HookInput | undefined> };
  readonly service?: string;
  /** The cluster's hosts, as JSON (core/cluster-hosts.ts). */
  readonly clusterHosts: Input<string>;
}

/** What hosts do for a volume by themselves, wherever it is. */
export class UpkeepResource extends FerryResource {
  declare readonly lastBackup: Output<LastBackup | undefined>;
  declare readonly snapshotNames: Output<string[] | undefined>;
  declare readonly health: Output<string | undefined>;

  constructor(name: string, args: UpkeepResourceArgs, opts?: CustomResourceOptions) {
    const outputs = ["lastBackup", "snapshotNames", "health"];
    const secrets = ["clusterHosts", "backupKey", "hooks"];
    const shape = { outputs, secrets, secretOutputs: ["connections", "place"] };
    super("upkeep", name, { ...args }, shape, opts);
  }
}
