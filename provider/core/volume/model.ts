import type { Connections } from "../connection";
import { volumeId, type ReplicaIdentity } from "../identity";
import type { Scope } from "./scope";
import { formerVolumeIds, type FormerlyInput } from "../replica/formerly";

/** What the program says of a volume. */
export interface VolumeInputs extends Omit<ReplicaIdentity, "service" | "index"> {
  readonly key: string;
  /** The Docker volume's name on whichever host it is. */
  readonly name: string;
  /** A name of one of the drivers that Ferry knows. */
  readonly driver: string;
  readonly driverOptions: Readonly<Record<string, string>>;
  /** The program's word on where its data can be reached. Absent unless it says one. */
  readonly scope?: Scope;
  /** The address of Flocker's control service, where that attaches it. */
  readonly control?: string;
  /**
   * What opens that, as JSON. A secret. Kept, as what is left there is let go when the volume goes,
   * in runs without the program as well.
   */
  readonly flocker?: string;
  /** Deployments that it was in before, as for a replica. */
  readonly formerly?: FormerlyInput;
  /** Made by somebody else: neither made nor deleted by Ferry. */
  readonly external: boolean;
  /**
   * The Docker volume that becomes it when it is made: somebody else's, whose data a replica takes
   * over. Read by `check`, which keeps that it was so.
   */
  readonly adopt?: string;
  /** Delete the data together with the resource. @default false */
  readonly deleteData: boolean;
  /**
   * Its host does something for it by itself, or it begins with what was kept of it. Checked, not
   * kept.
   */
  readonly upkept?: boolean;
  /** All hosts of the cluster. A secret. */
  readonly connections: Connections;
  /** Its name: deployments of two clusters may have one name. Absent in state of earlier versions. */
  readonly cluster?: string;
  /**
   * Which replica mounts it, and on which host that is. Checked, not kept, so that a move is no
   * change of the volume.
   */
  readonly users?: Readonly<Record<string, string>>;
}

/** What `check` returns and state keeps. */
export interface KeptVolume extends Omit<
  VolumeInputs,
  "users" | "formerly" | "connections" | "adopt" | "upkept"
> {
  /** Its Docker volume is somebody else's, whatever the program says of its name since. */
  readonly adopted?: true;
  /** Whole ids of deployments. Absent unless used. */
  readonly formerly?: readonly string[];
}

/** What state keeps as outputs. */
export interface VolumeOutputs extends KeptVolume {
  /**
   * Ids that it had before; kept when the program says `formerly` no more, as labels of Docker
   * volumes never change.
   */
  readonly accepted?: readonly string[];
  /**
   * Where data is to be deleted together with the resource, the ways to all hosts, for runs without
   * the program. State of earlier versions has them always.
   */
  readonly connections?: Connections;
}

/** Whose labels Docker volumes of this one may have. */
export function owningIds(volume: VolumeOutputs): { id: string; formerly: string[] } {
  const { accepted = [], formerly, key } = volume;
  const ids = new Set([...accepted, ...formerVolumeIds(formerly, key)]);
  return { id: volumeId(volume), formerly: [...ids].sort() };
}
