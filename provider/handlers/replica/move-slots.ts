import { DEFAULT_MOVES_PER_HOST, slotsToGive, type MoveSlot } from "../../core/move/move-slots";

interface Waiting extends MoveSlot {
  readonly begin: () => void;
}

/** Moves of one run, with a bound on how many a host takes part in at a time. */
export class MoveSlots {
  #movesPerHost = DEFAULT_MOVES_PER_HOST;
  #running: Waiting[] = [];
  #waiting: Waiting[] = [];

  /** The program's word; the latest counts. */
  setMovesPerHost(count: number): void {
    this.#movesPerHost = count;
    this.#giveSlots();
  }

  /**
   * Does the work when all the hosts have room for it; `wait` is called once when that is not at
   * once.
   */
  async take<T>(
    hosts: readonly string[],
    work: () => Promise<T>,
    wait: () => void = () => undefined,
  ): Promise<T> {
    let slot: Waiting | undefined;
    let begun = false;
    await new Promise<void>((resolve) => {
      const begin = () => {
        begun = true;
        resolve();
      };
      slot = { hosts, begin };
      this.#waiting.push(slot);
      this.#giveSlots();
      if (!begun) wait();
    });
    try {
      return await work();
    } finally {
      this.#running = this.#running.filter((each) => each !== slot);
      this.#giveSlots();
    }
  }

  #giveSlots(): void {
    const given = new Set(slotsToGive(this.#running, this.#waiting, this.#movesPerHost));
    this.#waiting = this.#waiting.filter((slot) => !given.has(slot));
    this.#running.push(...given);
    for (const { begin } of given) begin();
  }
}
