import type { AdoptRequest } from "../adoption/request";
import type { PullPolicy } from "../application";
import type { Connections } from "../connection";
import type { ContainerSpec } from "../container-spec";
import type { FileSources } from "../files/model";
import type { ReplicaIdentity } from "../identity";
import type { MachineIds } from "../machine";
import type { Choice } from "../placement/place";
import type { Reservation } from "../placement/wish";
import type { ChangeSettings } from "./change-settings";
import type { FormerlyInput } from "./formerly";
import type { MoveSettings, MoveSettingsInput } from "./move-settings";
import type { Scope } from "../volume/scope";

/** What the program says of a replica. */
export interface ReplicaInputs extends ReplicaIdentity, MoveSettingsInput, Guidance {
  /** Whom it was before, which may have left containers and data: see `formerDeployments`. */
  readonly formerly?: FormerlyInput;
  /** The user's word. */
  readonly host?: string;
  /** Placement's word: taken only by a replica that has no host yet. */
  readonly suggestedHost: string;
  readonly spec: ContainerSpec;
  /** Absent: its image is pulled where its host lacks it. */
  readonly pull?: PullPolicy;
  /** A secret. */
  readonly environment: Readonly<Record<string, string>>;
  /** By the volume's key in the deployment. */
  readonly volumes: Readonly<Record<string, ReplicaVolume>>;
  /**
   * Digests of what travels with it, by the name that its mounts say; those of secrets are secrets.
   * Absent unless used.
   */
  readonly files?: Readonly<Record<string, string>>;
  readonly ip: string;
  /** "10.40.0.0/24". */
  readonly subnet: string;
  /** @default the network's own */
  readonly dnsDomain: string;
  /** All hosts of the cluster. A secret. */
  readonly connections: Connections;
  /** Its name. Read by `check`, not kept. */
  readonly cluster?: string;
  /** "content" hashes every file once more in the cutover. @default "manifest" */
  readonly verify?: Verify;
  /** How long a started container may take to be healthy. @default 60 */
  readonly healthTimeoutSeconds?: number;
  /** It runs to its end, and is not started again. Absent unless used. */
  readonly job?: boolean;
  /** Stands for what it depends on: another one, and it is started again. Absent unless used. */
  readonly restartsWith?: string;
  /** What placement keeps free for it. Absent unless used. */
  readonly reserves?: Reservation;
}

/** What is compared in the cutover: both lists of files, or every byte. */
export type Verify = "manifest" | "content";

export interface ReplicaVolume {
  /** "shop/prod/apples/data": what Ferry's label on the Docker volume says. */
  readonly id: string;
  /** Ids that it had before: what labels of older Docker volumes say. */
  readonly formerly?: readonly string[];
  /** The Docker volume's name. */
  readonly name: string;
  readonly driver: string;
  /**
   * Where its data can be reached, by the program's word, or by a driver that alone knows it.
   * Absent otherwise: see `scopeOf`.
   */
  readonly scope?: Scope;
  /** The address of Flocker's control service, where that attaches it. */
  readonly control?: string;
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
  /** `Registries`, as JSON. A secret. */
  readonly registries?: string;
  /** How its image is built: a `BuildRecipe`, as JSON. A secret. */
  readonly build?: string;
  /** Who else mounts a volume of this replica: "apples/backup", by the volume's key. */
  readonly sharesWith?: Readonly<Record<string, readonly string[]>>;
  /** How replicas of its service are changed on their hosts. */
  readonly changes?: ChangeSettings;
  /** Where this machine has what travels with it. */
  readonly fileSources?: FileSources;
  /** Folders of this machine that its volumes are filled from when they are made, by their keys. */
  readonly folders?: Readonly<Record<string, string>>;
  /** What its volumes begin with when they are made, by their keys: `Restore`, as JSON. */
  readonly restores?: Readonly<Record<string, string>>;
  /** What opens the control services of its volumes, by their keys, as JSON. Secrets. */
  readonly flocker?: Readonly<Record<string, string>>;
  /** Keys of volumes of which a snapshot is taken before it is changed or moved. */
  readonly snapshotsBefore?: readonly string[];
  /** Moves that a host takes part in at a time. @default 2 */
  readonly movesPerHost?: number;
  /** What runs already and is to become this replica, when it is made. */
  readonly adopt?: AdoptRequest;
  /** Why placement moves it to `suggestedHost`, which the program asks for. */
  readonly rebalance?: string;
  /** The load of these decides where it goes, when it is made: `LeastBusy`, as JSON. */
  readonly leastBusy?: string;
}

/** A replica with its host settled, whatever hosts there are besides. */
export type CheckedReplica = Omit<PlacedReplica, "connections">;

/** What `check` returns and state keeps as inputs. */
export interface KeptReplica extends CheckedReplica {
  /**
   * Where its host's name leads (connection.ts: placeKey): another place may be another machine, so
   * that it is a change. Kept as a secret. UNKNOWN while the program does not know it.
   */
  readonly place?: string;
}

/** What state has as inputs, also in that of earlier versions, which kept the ways to all hosts. */
export type OldInputs = Partial<KeptReplica & Pick<PlacedReplica, "connections">>;

/** A replica with its host settled. */
export interface PlacedReplica
  extends
    Omit<
      ReplicaInputs,
      "host" | "suggestedHost" | "formerly" | "cluster" | keyof Guidance | keyof MoveSettingsInput
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

/**
 * What state keeps as outputs. Its `connections` are those to the hosts that may have something of
 * it, for runs without the program: its own, and where its moves have left a copy.
 */
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
  /** The container whose place it took, which is kept on that host, stopped, until it moves away. */
  readonly adopted?: { readonly host: string; readonly container: string };
  /** What its container's label says, where it was changed in place since it was made. */
  readonly madeAs?: string;
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

/** A replica whose host the load of the hosts decides. */
export interface LeastBusy extends Choice {
  readonly cluster: string;
  /** A preview: nobody is asked. */
  readonly tell?: true;
}
