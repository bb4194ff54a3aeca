import { randomBytes } from "crypto";
import { volumeDrivers } from "../../adapters/volume/drivers";
import { hostFacts } from "../../adapters/host/host-facts";
import { hostDataMovers } from "../../adapters/volume/data-movers";
import { hostAside } from "../../adapters/volume/aside";
import { hostJournals } from "../../adapters/journal/host-journals";
import { awaitsNetwork } from "../../adapters/weave/awaits-network";
import { sweepDeadLinks } from "../../adapters/weave/dead-links";
import type { Aside, Journals } from "../../core/move/journals";
import type { DataMovers, HostFacts, OverlayFence } from "../../core/move/port";
import type { HostLocks } from "../../core/lock";
import type { VolumeDrivers } from "../../core/volume/driver";
import { aliveInThisRun, noting, type Alive } from "../alive";
import { systemClock, type Clock } from "../clock";
import type { HandlerContext } from "../handler";
import { hostLocks } from "../host-locks";
import { runOwner } from "../run-owner";
import { MoveTurns } from "./move-turns";
import { PublishedPorts } from "./published-ports";

/** What the replica's handler and its moves work with. */
export interface ReplicaTools extends HandlerContext {
  readonly drivers: VolumeDrivers;
  readonly movers: DataMovers;
  readonly facts: HostFacts;
  readonly journals: Journals;
  readonly aside: Aside;
  readonly fence: OverlayFence;
  readonly clock: Clock;
  /** Moves of this run wait here until their hosts have room for them. */
  readonly turns: MoveTurns;
  readonly published: PublishedPorts;
  /** Keeps runs apart that work on the same replica. */
  readonly locks: HostLocks;
  /** Hosts that cannot count as lost in this run. */
  readonly alive: Alive;
  /** Who runs this: "root@ci-7, process 4711". */
  readonly owner: string;
  /** Now, in ISO 8601, UTC. */
  date(): string;
  /** Another one for each move. */
  moveToken(): string;
}

/** The real ones; a test puts its own in their place. */
export function replicaTools(
  context: HandlerContext,
  own: Partial<Omit<ReplicaTools, keyof HandlerContext>> = {},
): ReplicaTools {
  const alive = own.alive ?? aliveInThisRun;
  return {
    drivers: volumeDrivers,
    movers: hostDataMovers,
    facts: hostFacts,
    journals: hostJournals,
    aside: hostAside,
    fence: { clear: sweepDeadLinks, awaitsNetwork },
    clock: systemClock,
    turns: new MoveTurns(),
    published: new PublishedPorts(),
    owner: runOwner(),
    date: () => new Date().toISOString(),
    moveToken: () => randomBytes(6).toString("hex"),
    ...own,
    alive,
    locks: noting(own.locks ?? hostLocks, alive),
    hosts: context.hosts,
    progress: context.progress,
  };
}
