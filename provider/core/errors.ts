/**
 * A mistake or a fault that the user can act on. Its message is the whole story, in the form
 * "<what failed> on host '<h>': <reason>. <what state things are in, what to do>." No stack trace is ever shown for it,
 * and no secret is ever in it.
 */
export class FerryError extends Error {
  override readonly name = "FerryError";
}

/** One thing wrong with an input, in the form that Pulumi's `check` reports: the property's path and why. */
export interface InputProblem {
  /** Path as the user wrote it: `services.web.volumes[0]`. */
  readonly property: string;
  readonly reason: string;
}

/** What an adapter says of a request whose answer was lost. Whoever then looks at the hosts knows better, and leaves it out. */
export const OUTCOME_UNKNOWN =
  "Its outcome is unknown; run again to see what is there and to finish.";
