import type { Connections } from "../connection";
import type { ContainerSpec } from "../container-spec";
import type { ReplicaIdentity } from "../identity";
import type { MachineIds } from "../machine";
import type { FormerlyInput } from "./formerly";
import type { MoveSettings, MoveSettingsInput } from "./move-settings";

/** What the program says of a replica. */
export interface ReplicaInputs extends ReplicaIdentity, MoveSettingsInput, Guidance {
  /** Whom it was before, which may have left containers and data: see `formerDeployments`. */
  readonly formerly?: FormerlyInput;
  /** The user's word. */
  readonly host?: string;
  /** Placement's word: taken only by a replica that has no host yet. */
  readonly suggestedHost: string;
  readonly spec: ContainerSpec;
  /** A secret. */
  readonly environment: Readonly<Record<string, string>>;
  /** By the volume's key in the deployment. */
  readonly volumes: Readonly<Record<string, ReplicaVolume>>;
  readonly ip: string;
  /** "10.40.0.0/24". */
  readonly subnet: string;
  /** @default "weave.local" */
  readonly dnsDomain: string;
  /** All hosts of the cluster. A secret. */
  readonly connections: Connections;
  /** "content" hashes every file once more in the cut. @default "manifest" */
  readonly verify?: Verify;
  /** How long a started container may take to be healthy. @default 60 */
  readonly healthTimeoutSeconds?: number;
}

/** What is compared in the cut: both lists of files, or every byte. */
export type Verify = "manifest" | "content";

export interface ReplicaVolume {
  /** "shop/prod/apples/data": what Ferry's label on the Docker volume says. */
  readonly id: string;
  /** Ids that it had before: what labels of older Docker volumes say. */
  readonly formerly?: readonly string[];
  /** The Docker volume's name. */
  readonly name: string;
  readonly driver: string;
  /** Every host reaches its data. Absent where it is on one host. */
  readonly scope?: "shared";
  readonly driverOptions: Readonly<Record<string, string>>;
  /** The user's own labels. Docker takes them when it makes the volume, and never changes them. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly external: boolean;
  readonly deleteData?: boolean;
}

/** What `check` reads and does not keep, so that it is never a change of a replica. */
export interface Guidance {
  /** Hosts that replicas are to leave. */
  readonly draining?: readonly string[];
  /**
   * Say in the preview how much a move would copy, and how long that takes: reads the hosts. Given
   * by previews only.
   */
  readonly estimate?: boolean;
  /** Who else mounts a volume of this replica: "apples/backup", by the volume's key. */
  readonly sharesWith?: Readonly<Record<string, readonly string[]>>;
  /** Moves that a host takes part in at a time. @default 2 */
  readonly movesPerHost?: number;
}

/** A replica with its host settled: what `check` returns and state keeps as inputs. */
export interface PlacedReplica
  extends
    Omit<
      ReplicaInputs,
      "host" | "suggestedHost" | "formerly" | keyof Guidance | keyof MoveSettingsInput
    >,
    MoveSettings {
  readonly host: string;
  /**
   * Its host is not the user's word: where it runs already is as good. Absent in the state of
   * earlier versions.
   */
  readonly suggested?: true;
  /** Deployments that it was in before: "shop/prod/apples". Absent unless used. */
  readonly formerly?: readonly string[];
  readonly verify: Verify;
  readonly healthTimeoutSeconds: number;
  /** What `docker ps` shows, the same on every host. */
  readonly containerName: string;
  /** The name that clients look up. */
  readonly dnsName: string;
}

/** What state keeps as outputs. */
export interface ReplicaState extends PlacedReplica {
  readonly containerId?: string;
  readonly imageId: string;
  /** Counts the replica's containers; the higher one wins. */
  readonly epoch: number;
  /**
   * Which machine its host is, whatever the program calls it; absent in the state of earlier
   * versions.
   */
  readonly machine?: MachineIds;
  /**
   * The host that was suggested for it, when it was found running on another one and stayed there.
   */
  readonly insteadOf?: string;
  /**
   * Ids of volumes that were its own before; kept when the program says `formerly` no more, as
   * labels never change.
   */
  readonly accepted?: readonly string[];
  /**
   * Histories that its data has had ("" where nobody noted its beginning): what else is found by a
   * name that it had before is somebody else's. Absent in the state of earlier versions.
   */
  readonly origins?: readonly string[];
  /**
   * Deployments that it was in before, with the hosts that have not been heard since and may have
   * something of it by that name; kept when the program says `formerly` no more.
   */
  readonly unsettled?: Readonly<Record<string, readonly string[]>>;
  readonly lastMove?: LastMove;
  /** What a refresh found not to be in order, in words; absent when all is well. */
  readonly health?: string;
}

/** What the move did that brought the replica to its host. */
export interface LastMove {
  /** The host that it left. */
  readonly from: string;
  /** The host that it came to. */
  readonly to: string;
  /** Sent, of all volumes, rounds and the last difference. */
  readonly bytes: number;
  /** How often was copied, the last difference included. */
  readonly rounds: number;
  /** From the source's stop to the target's first answer, in milliseconds. */
  readonly downtimeMs: number;
  /** ISO 8601, UTC. */
  readonly when: string;
}
