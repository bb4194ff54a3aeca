import type { InputProblem } from "../errors";
import { parseRate } from "../move/rate";
import { containsUnknown, isUnknown } from "../unknown";

/**
 * What to do when the host that a replica was last on does not answer, and the program wants it on
 * another one.
 */
export type OnSourceLost = "fail" | "useLastCopy" | "startEmpty";

const CHOICES: readonly unknown[] = ["fail", "useLastCopy", "startEmpty"];

/**
 * A command in the container, as the program says it: shell text, an argv, or either with a
 * deadline.
 */
export type HookInput = string | readonly string[] | HookWithDeadline | Hook;

/** A command in the container with a deadline of its own. */
export interface HookWithDeadline {
  /** Shell text, or a program and its arguments. */
  readonly command: string | readonly string[];
  /** It has failed when it has not ended by then. @default 30 */
  readonly seconds?: number;
}

/** A command in the container, settled. */
export interface Hook {
  /** A program and its arguments; no shell is in between. */
  readonly argv: readonly string[];
  /** It has failed when it has not ended by then. */
  readonly seconds: number;
}

/** A hook's deadline, unless the program says otherwise. */
export const DEFAULT_HOOK_SECONDS = 30;

/** Settings of moves as the program says them. Anything may be unknown. */
export interface MoveSettingsInput {
  readonly onSourceLost?: OnSourceLost;
  readonly quiesce?: HookInput;
  readonly resume?: HookInput;
  /** "50MB/s", or bytes per second. */
  readonly maxBandwidth?: string | number;
}

/**
 * Settled, and absent unless used, so that a stack which does not use them has nothing of them in
 * its state.
 */
export interface MoveSettings {
  readonly onSourceLost?: OnSourceLost;
  readonly quiesce?: Hook;
  readonly resume?: Hook;
  /** Bytes per second. */
  readonly maxBandwidth?: number;
}

export function moveSettings(of: MoveSettingsInput): {
  settings: MoveSettings;
  problems: InputProblem[];
} {
  const problems: InputProblem[] = [];
  const read = <T>(property: keyof MoveSettingsInput, how: (given: never) => T) => {
    const given: unknown = of[property];
    if (given === undefined) return {};
    if (containsUnknown(given)) return { [property]: given };
    try {
      return { [property]: how(given as never) };
    } catch (error) {
      if (!(error instanceof WrongSetting)) throw error;
      problems.push({ property, reason: error.message });
      return { [property]: given };
    }
  };
  const settings: MoveSettings = {
    ...read("onSourceLost", choice),
    ...read("quiesce", hook),
    ...read("resume", hook),
    ...read("maxBandwidth", bandwidth),
  };
  return { settings, problems };
}

/** With none at a time, moves would wait for their turn for ever. */
export function isMovesPerHost(given: unknown): given is number {
  return typeof given === "number" && Number.isInteger(given) && given >= 1;
}

export function movesPerHostProblems(given: unknown): InputProblem[] {
  const reason = `'${String(given)}' is no number of moves at a time: write a whole number, 1 or more.`;
  const fine = given === undefined || isUnknown(given) || isMovesPerHost(given);
  return fine ? [] : [{ property: "movesPerHost", reason }];
}

class WrongSetting extends Error {}

function choice(given: unknown): OnSourceLost {
  if (CHOICES.includes(given)) return given as OnSourceLost;
  throw new WrongSetting(
    `'${String(given)}' is neither "fail" nor "useLastCopy" nor "startEmpty".`,
  );
}

function hook(given: unknown): Hook {
  const {
    command,
    argv,
    seconds = DEFAULT_HOOK_SECONDS,
  } = isPlain(given) ? given : { command: given };
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds <= 0) {
    throw new WrongSetting(`${String(seconds)} is no number of seconds above 0.`);
  }
  // What was settled before comes by again when its own output is checked anew.
  return { argv: argvOf(argv ?? command), seconds };
}

function argvOf(command: unknown): string[] {
  if (typeof command === "string" && command.trim() !== "") return ["/bin/sh", "-c", command];
  if (isWords(command) && command[0] !== undefined && command[0] !== "") return command;
  throw new WrongSetting(
    "a hook is a command of the container's: shell text, or a list of a program and its arguments.",
  );
}

function bandwidth(given: unknown): number {
  const rate =
    typeof given === "number" ? given : typeof given === "string" ? parseRate(given) : NaN;
  if (Number.isFinite(rate) && rate >= 1) return Math.floor(rate);
  throw new WrongSetting(
    `'${String(given)}' is no bandwidth: write bytes per second, or a text such as "50MB/s" or "400Mbit/s".`,
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWords(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string");
}

/** What the preview says of a hook: its command may be a secret, its deadline is none. */
export function hookInWords({ seconds }: Hook): string {
  return isUnknown(seconds) ? "" : ` (${seconds} s at most)`;
}
