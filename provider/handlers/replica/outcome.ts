import { FerryError, OUTCOME_UNKNOWN } from "../../core/errors";
import type { ReplicaState } from "../../core/replica/model";

/** Something had been changed, and was put back as it was: state keeps what it says, and the next `up` tries again. */
export class TakenBack extends FerryError {}

/** From a point on there is only forward: the replica is as `state` says, but something remains to be done. */
export class Unfinished extends FerryError {
  constructor(
    message: string,
    readonly state: ReplicaState,
    options?: ErrorOptions,
  ) {
    super(message, options);
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

/** For whoever only looked: nothing is unknown of that. */
export function withoutDoubt(error: unknown): string {
  return sentence(error).replace(OUTCOME_UNKNOWN, "").trim();
}

/**
 * A connection's failure says that nothing was changed by it, or that nobody knows; in a message whose writer has looked
 * at the hosts since, either would be misread.
 */
export function withoutClaim(error: unknown): string {
  const text = withoutDoubt(error);
  return sentence(new Error(text.replace(/[;.]? ?[Nn]othing was (changed|sent)(?= ?\.)/g, "")));
}
