import { MOVE_STEPS, type MoveStep } from "../../../provider/core/move/plan";
import type { HostSeen } from "./host-view";

/** Both hosts of a move at one moment. */
export interface MoveSeen {
  readonly source: HostSeen;
  readonly target: HostSeen;
  /** The run has reached the hosts: it holds a lock there, or has logged in. */
  readonly contact: boolean;
  /** Data of the move has begun to arrive. */
  readonly copying: boolean;
  /** The source's program has ended, and the target has as much of the log as the source. */
  readonly level: boolean;
  /**
   * The replica's epoch before the move: what a journal says of an earlier move is none of this
   * one.
   */
  readonly epoch: number;
}

type Evidence = (seen: MoveSeen) => boolean;

const says = (host: HostSeen, ...words: string[]): boolean =>
  host.journal?.words.some((word) => words.includes(word)) === true;

const homeOnTarget = ({ target, epoch }: Pick<MoveSeen, "target" | "epoch">): boolean =>
  says(target, "home") && (target.journal?.epoch ?? 0) > epoch;
/** From here on it is the target's, wherever it runs. */
export const committed = (seen: Pick<MoveSeen, "source" | "target" | "epoch">): boolean =>
  says(seen.source, "committed", "retired", "opening") || homeOnTarget(seen);
const stopped: Evidence = ({ source }) =>
  says(source, "fenced", "leaving", "stopped") && source.running.length === 0;

/**
 * By what a step shows that it has begun: the journals where they say it, the processes and the
 * data where they do not.
 */
const EVIDENCE: Readonly<Record<MoveStep, Evidence>> = {
  preflight: ({ contact }) => contact,
  prepare: ({ target, epoch }) =>
    says(target, "arriving", "target") && (target.journal?.epoch ?? 0) > epoch,
  "pre-copy": ({ copying, target }) => copying || says(target, "copying"),
  fence: ({ source }) => says(source, "fenced", "leaving"),
  stop: (seen) => says(seen.source, "stopped") || stopped(seen),
  "final delta": ({ source, target }) => says(target, "delta") && source.running.length === 0,
  compare: (seen) => says(seen.target, "compared") || (stopped(seen) && seen.level),
  start: ({ source, target }) =>
    says(target, "starting") || (source.running.length === 0 && target.running.length > 0),
  commit: committed,
  retire: (seen) => homeOnTarget(seen) && committed(seen),
};

/** The last step that has begun; undefined before the first. */
export function stepReached(seen: MoveSeen): MoveStep | undefined {
  return [...MOVE_STEPS].reverse().find((step) => EVIDENCE[step](seen));
}

export function isAtOrAfter(step: MoveStep, wanted: MoveStep): boolean {
  return MOVE_STEPS.indexOf(step) >= MOVE_STEPS.indexOf(wanted);
}
