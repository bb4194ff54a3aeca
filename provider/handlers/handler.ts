import type { InputProblem } from "../core/errors";
import type { HostDirectory, Progress } from "../core/adapter-ports";

export type Props = Record<string, unknown>;

/**
 * What a kind of resource does, free of Pulumi's dynamic-provider API, so that another host (a
 * provider server) could call the same handlers. `I` is what `check` returns and state keeps as
 * inputs; `S` is what state keeps as outputs.
 */
export interface Handler<I extends object, S extends object> {
  /**
   * Pure: no I/O. Validates, fills in what preview must show, and normalises so that equal means
   * equal. `olds` is {} at a create; anything in `news` may be UNKNOWN.
   */
  check(olds: Partial<I>, news: Props): { inputs: I; problems: InputProblem[] };
  /**
   * Called before `check`, with the same: what of it is to be checked as something else. For what is
   * to be made, and not in a preview, hosts may be asked.
   */
  beforeCheck?(olds: Partial<I>, news: Props): Promise<Props>;
  /**
   * Called with what a `check` that found no problem was called with and has returned. The one
   * place that may reach for hosts in a preview, and only when the program asks for it; it tells
   * what it finds and never rejects for a host's fault.
   */
  foretell?(olds: Partial<I>, inputs: I, news: Props): Promise<void>;
  /**
   * Called with what state keeps, and what `check` has returned, before anything is changed: what
   * this run must know.
   */
  meets?(outs: Partial<S>, inputs: I): void;
  /**
   * Right after `check`: what it has returned is what state has, though state spells it otherwise,
   * as an earlier version did.
   */
  isSame?(inputs: I): boolean;
  /** Names of inputs and outputs that are secret whatever the program says of them. */
  secrets?: readonly (keyof (I & S) & string)[];
  /**
   * Names of inputs whose change needs another resource. Whether anything changed at all, the
   * engine works out itself.
   */
  replaces?: readonly (keyof I & string)[];
  /** Of those, the ones whose change is only another name of the same resource this time. */
  renames?(olds: I, news: I): readonly (keyof I & string)[];
  /** With a replacement: the old one must go before the new one comes. @default false */
  deleteBeforeReplace?: boolean;
  create(inputs: I): Promise<{ id: string; outs: S }>;
  /**
   * undefined: it is gone. `inputs` is the new baseline that the program's inputs are compared
   * with.
   */
  read(id: string, outs: S): Promise<{ inputs?: I; outs: S } | undefined>;
  /**
   * `olds` are the old outputs, which after a half-made update are the properties of the
   * PartialStateError.
   */
  update(id: string, olds: S, inputs: I): Promise<S>;
  /** Missing is success. */
  delete(id: string, outs: S): Promise<void>;
}

/** What handlers work with; made once per provider process. */
export interface HandlerContext {
  readonly hosts: HostDirectory;
  readonly progress: Progress;
}

/**
 * Something was made but not finished: Pulumi records `outs` and calls `update` next time, even
 * when no input changed. A FerryError in every other respect.
 */
export class PartialStateError extends Error {
  constructor(
    readonly id: string,
    readonly outs: object,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "PartialStateError";
  }
}
