import { FerryError, inWords, sentenceOf, type Fault, type FaultKind } from "../../core/errors";
import type { ReplicaState } from "../../core/replica/model";

/**
 * Something had been changed, and was put back as it was: state keeps what it says, and the next
 * `up` tries again.
 */
export class TakenBack extends FerryError {}

/** The same, and all is as state has it: to say so is no change of it. */
export class PutBack extends TakenBack {}

/**
 * From a point on there is only forward: the replica is as `state` says, but something remains to
 * be done.
 */
export class Unfinished extends FerryError {
  constructor(
    fault: Fault,
    readonly state: ReplicaState,
    options?: ErrorOptions,
  ) {
    super(fault, options);
  }
}

/** A message as part of another one: with a full stop at its end, and only one. */
export function sentence(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** For a message that follows another one. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * A connection's failure says that nothing was changed by it, or that nobody knows; in a message
 * whose writer has looked at the hosts since, either would be misread.
 */
export function withoutClaim(error: unknown): string {
  return error instanceof FerryError
    ? sentenceOf(inWords(error.fault, { claim: false }))
    : sentence(error);
}

/**
 * Of what kind a fault is that came of this one. What fails because a host is silent is no silence
 * itself.
 */
export function kindOf(error: unknown): FaultKind {
  if (!(error instanceof FerryError)) return "ours";
  return error.fault.kind === "silent" ? "trouble" : error.fault.kind;
}
