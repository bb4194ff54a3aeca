import { redactText } from "./redact";

/**
 * What kind of fault it is. Decisions read this, never a message:
 * - `silent`: no TCP, no SSH banner or no route within the time given. The only kind that can mean
 *   that a host is lost;
 * - `refused`: something answers there and does not let us in: another host key, our key, sudo, a
 *   socket;
 * - `trouble`: it answers, with an error of its own: Docker, the network, a damaged journal, a full disk,
 *   a lost answer;
 * - `settings`: what the program says, or what a user has to change first;
 * - `ours`: Ferry's own mistake.
 */
export type FaultKind = "silent" | "refused" | "trouble" | "settings" | "ours";

/**
 * What state things are in after a fault: "nothing" was changed, "unsent": nothing even reached the
 * host, "unknown": the answer to a request was lost, or a sentence of its own. Whoever has looked
 * at the hosts since leaves it out.
 */
export type Touched = "nothing" | "unsent" | "unknown" | { readonly said: string };

/** A fault as a value; `inWords` makes the sentence. */
export interface Fault {
  readonly kind: FaultKind;
  /**
   * What was being done: "starting container 'apples-redis-0'". Without it, `reason` is the whole
   * sentence.
   */
  readonly what?: string;
  /** How it ended. @default "failed" */
  readonly ended?:
    | "failed"
    | "timed out"
    | "was refused"
    | "was cut off"
    | "was stopped"
    | "refused us"
    | "does not answer"
    | "is not running";
  /** The program's name for the host. */
  readonly host?: string;
  /**
   * The host as a message calls it, when there is more to say than its name: "host 'a'
   * (192.0.2.1:22)".
   */
  readonly where?: string;
  /** The replica's label: "apples/redis". */
  readonly replica?: string;
  /** Why, without a full stop. */
  readonly reason: string;
  readonly touched?: Touched;
  /** What to do, in the imperative, without a full stop. */
  readonly advice?: string;
  /** Replaced by *** wherever the fault is told, in its cause as well. */
  readonly secrets?: readonly string[];
}

/**
 * A mistake or a fault that the user can act on. Its message is the whole story, in the form "<what
 * failed> on host '<h>': <reason>. <what to do>; <what state things are in>." No stack trace is
 * ever shown for it, and no secret is ever in it. A plain text is a mistake in the program.
 */
export class FerryError extends Error {
  override readonly name = "FerryError";
  readonly fault: Fault;

  constructor(fault: Fault | string, options?: ErrorOptions) {
    const value: Fault = typeof fault === "string" ? { kind: "settings", reason: fault } : fault;
    super(inWords(value), options);
    this.fault = value;
  }
}

/**
 * The same fault, told by somebody who only looked, or who knows better by now what state things
 * are in.
 */
export function unclaimed({ fault }: FerryError): FerryError {
  const { touched: _, ...rest } = fault;
  return new FerryError(rest);
}

/** The host gave no sign of life. */
export function isSilence(error: unknown): error is FerryError {
  return error instanceof FerryError && error.fault.kind === "silent";
}

/**
 * One thing wrong with an input, in the form that Pulumi's `check` reports: the property's path and
 * why.
 */
export interface InputProblem {
  /** Path as the user wrote it: `services.web.volumes[0]`. */
  readonly property: string;
  readonly reason: string;
}

/**
 * What an adapter says of a request whose answer was lost. Whoever then looks at the hosts knows
 * better, and leaves it out.
 */
export const OUTCOME_UNKNOWN =
  "Its outcome is unknown; run again to see what is there and to finish.";

/**
 * The one place that makes a sentence of a fault. `claim: false` leaves out what it says about the
 * state of things, for whoever knows better by now.
 */
export function inWords(fault: Fault, { claim = true }: { claim?: boolean } = {}): string {
  const { what, ended = "failed", host, where, reason, advice, touched, secrets = [] } = fault;
  const at = where ?? (host === undefined ? undefined : `host '${host}'`);
  const first =
    what === undefined
      ? reason
      : `${what} ${ended}${at === undefined ? "" : ` on ${at}`}: ${reason}`;
  const state = claim && touched !== undefined ? STATES[stateOf(touched)] : undefined;
  const own = claim && typeof touched === "object" ? sentenceOf(capital(touched.said)) : "";
  const rest =
    advice === undefined
      ? capital(state?.alone ?? "")
      : sentenceOf(`${capital(advice.replace(/[.\s]+$/, ""))}${state?.after ?? ""}`) +
        (state?.apart ?? "");
  // A text that is the whole story may well be a part of another sentence; it keeps its end as it
  // is.
  const begun = rest === "" && own === "" && what === undefined ? reason : sentenceOf(first);
  return redactText([begun, rest, own].filter((part) => part !== "").join(" "), secrets);
}

interface StateWords {
  /** A sentence of its own. */
  readonly alone: string;
  /** Behind the advice, in its sentence. */
  readonly after?: string;
  /** Behind the advice, in another one. */
  readonly apart?: string;
}

const STATES: Readonly<Record<"nothing" | "unsent" | "unknown" | "own", StateWords | undefined>> = {
  nothing: { alone: "nothing was changed.", after: "; nothing was changed" },
  unsent: { alone: "nothing was sent.", after: "; nothing was sent" },
  unknown: { alone: OUTCOME_UNKNOWN, apart: ` ${OUTCOME_UNKNOWN}` },
  own: undefined,
};

function stateOf(touched: Touched): keyof typeof STATES {
  return typeof touched === "object" ? "own" : touched;
}

/** With a full stop at its end, and only one. */
export function sentenceOf(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
