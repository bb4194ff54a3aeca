import type { FakeRouter } from "./fake-router";

/**
 * Weave's own figures: what it waits after the first attempt that failed, by how much that grows,
 * and up to where.
 */
const FIRST_SECONDS = 2;
const GROWTH = 1.5;
const MOST_SECONDS = 360;

interface Dial {
  stands: boolean;
  /** Milliseconds. */
  tryAfter: number;
  intervalSeconds: number;
  /** What the last attempt failed with. */
  said?: string;
}

/**
 * What fake routers do about their targets: one that could not be reached is left alone longer each
 * time.
 */
export class FakeDials {
  readonly #dials = new WeakMap<FakeRouter, Map<string, Dial>>();

  constructor(private readonly now: (() => number) | undefined) {}

  /**
   * Whether a router's connection with another one stands, after what it does by itself until now.
   */
  stands(from: FakeRouter, to: FakeRouter, refusal: string | undefined): boolean {
    if (this.now === undefined) return refusal === undefined;
    if (!from.isRunning) {
      this.forget(from);
      return false;
    }
    const dial = this.#dialOf(from, to.address);
    if (dial.stands && refusal === undefined) return true;
    // One that has broken is dialled again at once.
    if (dial.stands) {
      dial.stands = false;
      this.dialNow(from, to.address);
    }
    const now = this.now();
    if (now < dial.tryAfter) return false;
    dial.stands = refusal === undefined;
    if (refusal === undefined) return true;
    dial.said = refusal;
    dial.tryAfter = now + dial.intervalSeconds * 1000;
    dial.intervalSeconds = Math.min(dial.intervalSeconds * GROWTH, MOST_SECONDS);
    return false;
  }

  forget(router: FakeRouter): void {
    this.#dials.delete(router);
  }

  dialNow(from: FakeRouter, target: string): void {
    const dial = this.#dialOf(from, target);
    if (dial.stands) return;
    Object.assign(dial, { tryAfter: this.now?.() ?? 0, intervalSeconds: FIRST_SECONDS });
  }

  of(from: FakeRouter, target: string): { waitSeconds?: number; said?: string } {
    if (this.now === undefined) return {};
    const { tryAfter, said } = this.#dialOf(from, target);
    const waitSeconds = Math.max(0, (tryAfter - this.now()) / 1000);
    return { waitSeconds, ...(said === undefined ? {} : { said }) };
  }

  #dialOf(from: FakeRouter, target: string): Dial {
    const dials = this.#dials.get(from) ?? new Map<string, Dial>();
    this.#dials.set(from, dials);
    const fresh = { stands: false, tryAfter: this.now?.() ?? 0, intervalSeconds: FIRST_SECONDS };
    const dial = dials.get(target) ?? fresh;
    dials.set(target, dial);
    return dial;
  }
}
