import { FerryError } from "../../../core/errors";
import { dialsToCurtail, waitingFor } from "../../../core/weave/dials";
import type { MeshMember } from "../../../core/weave/mesh";
import type { Weave } from "../../../core/weave/weave-port";
import type { RouterReport } from "../../../core/weave/report";
import { normaliseTarget } from "../../../core/weave/settings";
import type { Clock } from "../../clock";

/** How often one router is asked to dial one target at once, at most. In milliseconds. */
const EVERY = 5_000;

export interface Dialler {
  readonly host: string;
  readonly weave: Weave;
}

/**
 * Has routers that wait between two attempts dial at once, for as long as somebody waits for them
 * to be connected: a port that was opened a moment ago is so found open now, and not minutes later.
 */
export class DialAgain {
  readonly #asked = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** Those of the members that ought to be connected and are not. */
  async among(peers: readonly Dialler[], members: readonly MeshMember[]): Promise<void> {
    const dials = dialsToCurtail(members);
    await Promise.all(
      peers.map(({ host, weave }) => this.#ask(host, weave, dials.get(host) ?? [])),
    );
  }

  /**
   * One peer that joins: what its router does not reach of all that it dials, and those others that
   * dial it.
   */
  async of(
    { host, address, weave }: Dialler & { readonly address: string },
    report: RouterReport,
    others: readonly Dialler[],
  ): Promise<void> {
    const target = normaliseTarget(address);
    await Promise.all([
      this.#ask(host, weave, waitingFor(report)),
      ...others.map((other) => this.#ask(other.host, other.weave, [target])),
    ]);
  }

  async #ask(host: string, weave: Weave, targets: readonly string[]): Promise<void> {
    const now = this.clock.now();
    const due = targets.filter((target) => {
      const key = JSON.stringify([host, target]);
      if (now - (this.#asked.get(key) ?? -EVERY) < EVERY) return false;
      this.#asked.set(key, now);
      return true;
    });
    if (due.length === 0) return;
    try {
      await weave.dialAgain(due);
    } catch (error) {
      // It only hastens what the router does by itself: who waits says what is missing in the end.
      if (!(error instanceof FerryError)) throw error;
    }
  }
}
