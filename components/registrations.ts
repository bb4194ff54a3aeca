import { setImmediate } from "node:timers";
import { log, runtime } from "@pulumi/pulumi";
import { mistake } from "../provider/resources/mistake";

/**
 * Empties the queues of promises so many times, so that a program that only waits for promises of
 * promises, whatever their number, is in time. Nothing from outside can come in between: neither
 * the clock nor a disk decides who is in time.
 */
const ROUNDS = 10;

// As they are here: a test that stops the clock, as Jest can, has others put in their place.
const nextTick = process.nextTick.bind(process);
const { queueMicrotask } = globalThis;

/**
 * Without an engine, which is in a user's unit test, nothing is changed for a program that failed.
 */
const hasFailed = () => runtime.hasEngine() && log.hasErrors();

/**
 * Collects what a program declares one constructor at a time, and closes when it has stopped
 * declaring: resources that need the whole (the address pool, a volume's users) wait for `all`.
 * It closes when the program waits for anything from outside, be it a file or an engine's answer;
 * each registration before that re-arms it. What comes later is `tooLate`.
 *
 * A program that has failed has not declared the whole: it never settles. Else hosts would be
 * changed for a program that does not stand.
 */
export class Registrations<T> {
  readonly all: Promise<readonly T[]>;
  readonly #items: T[] = [];
  #rounds = ROUNDS;
  #closed = false;
  #resolve!: (items: readonly T[]) => void;

  constructor(private readonly tooLate: (item: T) => string) {
    this.all = new Promise((resolve) => (this.#resolve = resolve));
    this.#wait();
  }

  get closed(): boolean {
    return this.#closed;
  }

  add(item: T): void {
    if (this.#closed) throw mistake(this.tooLate(item));
    this.#items.push(item);
    this.#rounds = ROUNDS;
  }

  /** A tick, and behind all promises that are ready by then the next one. */
  #wait(): void {
    nextTick(() => {
      if (this.#rounds-- > 0) {
        queueMicrotask(() => {
          this.#wait();
        });
        return;
      }
      this.#closed = true;
      // By then the SDK has told of an error that ended the program.
      setImmediate(() => {
        if (!hasFailed()) this.#resolve(this.#items);
      });
    });
  }
}
