import { isSilence, type FerryError } from "../../core/errors";
import type { Effort } from "../../core/adapter-ports";

/** How long a host that was found silent is told of as such without being tried. */
export const REMEMBERED_MILLISECONDS = 15_000;
/** What a fast try may take. */
export const FAIL_FAST_SECONDS = 5;

export interface Reach<T> {
  readonly dial: (failFast: boolean) => Promise<T>;
  /** What is said to whoever waits no longer for somebody else's attempt at length. */
  readonly late: (seconds: number) => FerryError;
  readonly now?: () => number;
}

/**
 * The attempts to reach one host: one at a time, shared by all who want it meanwhile. A host that
 * gave no sign of life in an attempt at length is remembered, so that a run does not wait a minute
 * for it again and again.
 */
export class Reaching<T> {
  #failFast: Promise<T> | undefined;
  #full: Promise<T> | undefined;
  #silence: { readonly since: number; readonly error: FerryError } | undefined;
  readonly #now: () => number;

  constructor(private readonly reach: Reach<T>) {
    this.#now = reach.now ?? (() => performance.now());
  }

  get(effort: Effort): Promise<T> {
    if (effort === "failFast") return this.#getFast();
    // Nobody is told of a silence from memory who is about to act on it; an attempt under way is no
    // memory.
    if (effort === "anew" || this.#silence === undefined) return this.#fully();
    return this.#known() ?? this.#getFast();
  }

  /** Just found silent, at length. */
  #known(): Promise<T> | undefined {
    if (this.#silence === undefined) return undefined;
    const { since, error } = this.#silence;
    if (this.#now() - since > REMEMBERED_MILLISECONDS) return undefined;
    return Promise.reject(error);
  }

  #getFast(): Promise<T> {
    if (this.#full !== undefined) return this.#noLonger(this.#full);
    this.#failFast ??= this.#noted(this.reach.dial(true), this.#silence !== undefined).finally(
      () => {
        this.#failFast = undefined;
      },
    );
    return this.#failFast;
  }

  #fully(): Promise<T> {
    this.#full ??= this.#noted(this.#afterFailFast(), true).finally(() => (this.#full = undefined));
    return this.#full;
  }

  /**
   * There is one attempt at a time; a brief one that comes to nothing is no answer for somebody who
   * wants more.
   */
  async #afterFailFast(): Promise<T> {
    if (this.#failFast !== undefined) {
      try {
        return await this.#failFast;
      } catch {
        // Tried at length below.
      }
    }
    return this.reach.dial(false);
  }

  async #noLonger(attempt: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(this.reach.late(FAIL_FAST_SECONDS)),
        FAIL_FAST_SECONDS * 1000,
      );
    });
    try {
      return await Promise.race([attempt, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #noted(attempt: Promise<T>, remember: boolean): Promise<T> {
    try {
      const reached = await attempt;
      this.#silence = undefined;
      return reached;
    } catch (error) {
      if (isSilence(error) && remember) this.#silence = { since: this.#now(), error };
      else if (!isSilence(error)) this.#silence = undefined;
      throw error;
    }
  }
}
