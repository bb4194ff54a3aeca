/** One call of the weave command on a host. */
export interface Invocation {
  readonly argv: readonly string[];
  /** Set for the call; may show in the host's process list. */
  readonly environment: Readonly<Record<string, string>>;
  /** Set for the call too, but handed over by standard input. */
  readonly secrets: Readonly<Record<string, string>>;
}
