import type { JournalEntry, MoveFacts } from "../../core/move/journal";
import type { ContainerState, Host, VolumeState } from "../../core/ports";
import type { ReplicaTools } from "../replica/tools";
import type { MoveJob } from "./job";
import { withoutShared } from "./without-shared";

/** The move that carries a group. */
export type GroupMove = Pick<
  MoveJob,
  "id" | "label" | "replica" | "source" | "target" | "container" | "facts"
>;

/** A replica that shares a volume with the one that moves, and comes along. */
export interface Mate {
  readonly id: string;
  readonly label: string;
  readonly container: ContainerState;
  readonly facts: MoveFacts;
  /** Its volumes that nobody before it in the group has. */
  readonly own: readonly VolumeState[];
  readonly thereBefore: JournalEntry | undefined;
  /**
   * What it has left on the target earlier and is of another history: kept aside before anything is
   * copied there.
   */
  readonly unrelated?: JournalEntry;
}

export type MateTools = Pick<
  ReplicaTools,
  "drivers" | "progress" | "fence" | "facts" | "date" | "journals"
>;

/** All on the host, as a move sees them. */
export async function containersOn(
  tools: Pick<ReplicaTools, "drivers">,
  host: Host,
): Promise<ContainerState[]> {
  return withoutShared(tools, host, await host.docker.containers({}));
}
