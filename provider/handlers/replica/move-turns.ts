import { DEFAULT_MOVES_PER_HOST, turnsToGive, type Turn } from "../../core/move/turns";

interface Waiting extends Turn {
  readonly begin: () => void;
}

/** Moves of one run, with a bound on how many a host takes part in at a time. */
export class MoveTurns {
  #movesPerHost = DEFAULT_MOVES_PER_HOST;
  #running: Waiting[] = [];
  #waiting: Waiting[] = [];

  /** The program's word; the latest counts. */
  setMovesPerHost(count: number): void {
    this.#movesPerHost = count;
    this.#giveTurns();
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
    let turn: Waiting | undefined;
    let begun = false;
    await new Promise<void>((resolve) => {
      const begin = () => {
        begun = true;
        resolve();
      };
      turn = { hosts, begin };
      this.#waiting.push(turn);
      this.#giveTurns();
      if (!begun) wait();
    });
    try {
      return await work();
    } finally {
      this.#running = this.#running.filter((each) => each !== turn);
      this.#giveTurns();
    }
  }

  #giveTurns(): void {
    const given = new Set(turnsToGive(this.#running, this.#waiting, this.#movesPerHost));
    this.#waiting = this.#waiting.filter((turn) => !given.has(turn));
    this.#running.push(...given);
    for (const { begin } of given) begin();
  }
}
