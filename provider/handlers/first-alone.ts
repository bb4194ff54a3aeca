/**
 * Of those that ask for one thing, the first that succeeds is alone with it, and the others come all
 * at once behind it: what the first one makes for all is not made twice.
 */
export class FirstAlone {
  readonly #firsts = new Map<string, Promise<boolean>>();

  /** Its own outcome; somebody else's failure keeps nobody from his turn. */
  async take<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (;;) {
      const first = this.#firsts.get(what);
      if (first === undefined) break;
      if (await first) return work();
    }
    const mine = work();
    const isMade = mine.then(
      () => true,
      () => {
        this.#firsts.delete(what);
        return false;
      },
    );
    this.#firsts.set(what, isMade);
    return mine;
  }
}

/** Of repositories that volumes are backed up to. One process serves a whole run. */
export const firstAlone = new FirstAlone();
