import type { Host, VolumeState } from "../adapter-ports";
import type { UpkeepTask } from "./upkeep";

/** What a host says of one task. Times are seconds of its own clock. */
export interface FoundTask {
  /** It is there as it was put, and its timer runs. */
  readonly isInOrder: boolean;
  readonly last?: { readonly at: number; readonly what: string };
  /** It has failed since. */
  readonly failure?: { readonly at: number; readonly what: string };
  /** What there is of it, where it keeps things on the host. */
  readonly list?: readonly string[];
}

export interface FoundUpkeep {
  /** Now, by the host's clock. */
  readonly now: number;
  readonly tasks: Readonly<Partial<Record<UpkeepTask["name"], FoundTask>>>;
}

/** What hosts do for a volume by timers of their own. `volume` is `upkeepName`. */
export interface HostUpkeep {
  /**
   * From now on these, and no others. Rejects, with nothing changed for that one, where one of them
   * cannot work there.
   */
  put(host: Host, volume: string, tasks: readonly UpkeepTask[]): Promise<void>;
  look(host: Host, volume: string, tasks: readonly UpkeepTask[]): Promise<FoundUpkeep>;
  /** Missing is success. */
  remove(host: Host, volume: string): Promise<void>;
  /** Takes a snapshot of each of these volumes that snapshots are taken of; `upkeepName`s. */
  snapshotNow(host: Host, volumes: readonly string[]): Promise<void>;
  /** Fills an empty volume from a snapshot of another one on the same host. */
  restoreSnapshot(host: Host, volume: VolumeState, of: string, snapshot: string): Promise<void>;
  /** Fills an empty volume from a repository. */
  restore(
    host: Host,
    volume: VolumeState,
    settings: Readonly<Record<string, string>>,
  ): Promise<void>;
}
