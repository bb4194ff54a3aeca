import type { JournalEntry, MoveFacts } from "../../core/move/journal";
import type { ContainerState, Host, VolumeState } from "../../core/adapter-ports";
import type { ReplicaTools } from "../replica/replica-tools";
import type { MoveJob } from "./job";
import { scopesOn, withoutShared } from "./scopes";

/** The move that carries a group. */
export type GroupMove = Pick<
  MoveJob,
  "id" | "label" | "replica" | "source" | "target" | "container" | "facts" | "attached"
>;

/** A replica that shares a volume with the one that moves, and comes along. */
export interface GroupMember {
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

export type GroupTools = Pick<
  ReplicaTools,
  "drivers" | "progress" | "overlay" | "facts" | "date" | "journals"
>;

/** All on the host, as a move sees them. */
export async function containersOn(
  tools: Pick<ReplicaTools, "drivers">,
  host: Host,
  replica: GroupMove["replica"],
): Promise<ContainerState[]> {
  const [containers, scopes] = await Promise.all([
    host.docker.containers({}),
    scopesOn(tools, host, replica),
  ]);
  return withoutShared(containers, scopes);
}
