import { log, RunError } from "@pulumi/pulumi";

/**
 * Collects what a program declares one constructor at a time, and settles when it has stopped declaring: resources that
 * need the whole (the address pool, a volume's users) wait for `settled`. The wait is re-armed by each registration, so a
 * program that declares after an `await` of something short is still in time; one that declares later gets `tooLate`.
 *
 * A program that has failed has not declared the whole: it never settles. Else the pool would take what was not reached
 * for what is no longer wanted, and hosts would be changed for a program that does not stand.
 */
export class Registrations<T> {
  readonly settled: Promise<readonly T[]>;
  readonly #items: T[] = [];
  #timer: NodeJS.Immediate | undefined;
  #closed = false;
  #settle!: (items: readonly T[]) => void;

  constructor(private readonly tooLate: (item: T) => string) {
    this.settled = new Promise((resolve) => (this.#settle = resolve));
    this.#arm();
  }

  add(item: T): void {
    if (this.#closed) throw new RunError(this.tooLate(item));
    this.#items.push(item);
    this.#arm();
  }

  #arm(): void {
    if (this.#timer !== undefined) clearImmediate(this.#timer);
    this.#timer = setImmediate(() => {
      this.#closed = true;
      if (log.hasErrors()) return;
      this.#settle(this.#items);
    });
  }
}
