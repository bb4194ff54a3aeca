import { hostDataMovers, hostFacts } from "../../adapters/volume/data-movers";
import { hostPlacementRecords } from "../../adapters/volume/placement-records";
import { sweepDeadLinks } from "../../adapters/weave/dead-links";
import type { DataMovers, HostFacts, OverlayFence, PlacementRecords } from "../../core/move/port";
import { systemClock, type Clock } from "../clock";
import type { HandlerContext } from "../handler";
import { MoveTurns } from "../move/per-host";

/** What the replica's handler and its moves work with. */
export interface ReplicaTools extends HandlerContext {
  readonly movers: DataMovers;
  readonly facts: HostFacts;
  readonly records: PlacementRecords;
  readonly fence: OverlayFence;
  readonly clock: Clock;
  /** Moves of this run wait here until their hosts have room for them. */
  readonly turns: MoveTurns;
  /** Now, in ISO 8601, UTC. */
  date(): string;
}

/** The real ones; a test puts its own in their place. */
export function replicaTools(
  context: HandlerContext,
  own: Partial<Omit<ReplicaTools, keyof HandlerContext>> = {},
): ReplicaTools {
  return {
    movers: hostDataMovers,
    facts: hostFacts,
    records: hostPlacementRecords,
    fence: { clear: sweepDeadLinks },
    clock: systemClock,
    turns: new MoveTurns(),
    date: () => new Date().toISOString(),
    ...own,
    hosts: context.hosts,
    progress: context.progress,
  };
}
