import { placeKey, type Connection } from "../core/connection";
import type { HostLocks } from "../core/lock";
import type { Host } from "../core/adapter-ports";

/**
 * Hosts on which this run has held a lock. Such a host is alive for this run: one that falls silent
 * later may be back, and serving, at any moment, so it is never passed over as lost before the next
 * run has asked it anew.
 */
export class Alive {
  readonly #places = new Set<string>();

  /**
   * By where it is and by what the program says, which is all that is known of a host that does not
   * answer.
   */
  note({ connection, asked }: Pick<Host, "connection" | "asked">): void {
    this.#places.add(placeKey(connection)).add(placeKey(asked));
  }

  has(connection: Connection | undefined): boolean {
    return connection !== undefined && this.#places.has(placeKey(connection));
  }

  /** Another run begins. */
  forget(): void {
    this.#places.clear();
  }
}

/** Locks that keep in mind where they were given. */
export function noting(locks: HostLocks, alive: Alive): HostLocks {
  return {
    async acquire(host, name, claim) {
      const lock = await locks.acquire(host, name, claim);
      alive.note(host);
      return lock;
    },
    async acquireAll(hosts, name, claim) {
      const lock = await locks.acquireAll(hosts, name, claim);
      for (const host of hosts) alive.note(host);
      return lock;
    },
  };
}

/** One process serves a whole run. */
export const aliveInThisRun = new Alive();
