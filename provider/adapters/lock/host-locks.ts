import { connectionKey } from "../../core/connection";
import { FerryError } from "../../core/errors";
import type { TakenLock, HostLocks, LockClaim } from "../../core/lock";
import type { Host } from "../../core/adapter-ports";
import { Holder, HolderFailed, type Owner } from "./holder";
import { inOrder } from "./in-order";
import { lockFileName, oneLine } from "./lock-name";

export interface HostLockOptions {
  /** How long to wait for another run. @default 30 */
  readonly waitSeconds?: number;
  /**
   * The folder on the host that `ferry/locks` is made in. @default "/run", which a reboot empties
   */
  readonly base?: string;
}

const WAIT_SECONDS = 30;
const POLL_MILLISECONDS = 500;

/**
 * The real locks: one long-lived session to each host on which this run holds any, and none else.
 */
export function hostLocks(options: HostLockOptions = {}): HostLocks {
  return new SshLocks(options);
}

/** One connection's holder, and how many locks need it. */
interface Place {
  readonly key: string;
  readonly holder: Promise<Holder>;
  users: number;
}

class SshLocks implements HostLocks {
  readonly #waitMilliseconds: number;
  readonly #base: string;
  readonly #places = new Map<string, Place>();
  /**
   * The end of each lock's queue within this run, by machine: whatever it was called by whoever
   * asked.
   */
  readonly #queues = new Map<string, Promise<void>>();

  constructor({ waitSeconds = WAIT_SECONDS, base = "/run" }: HostLockOptions) {
    this.#waitMilliseconds = waitSeconds * 1000;
    this.#base = base;
  }

  async acquire(host: Host, name: string, claim: LockClaim): Promise<TakenLock> {
    const [lock] = await this.acquireAll([host], name, claim);
    if (lock === undefined) throw new Error("a lock was asked for, and none came");
    return lock;
  }

  async acquireAll(hosts: readonly Host[], name: string, claim: LockClaim): Promise<TakenLock[]> {
    // Until all are taken their holders stay, so that a place that was found is the one that is
    // locked.
    const entered = hosts.map((host) => ({ host, here: this.#enter(host) }));
    try {
      const placed = await Promise.all(
        entered.map(async ({ host, here }) => ({ host, place: await placeOf(host, name, here) })),
      );
      const places = new Map(placed.map(({ host, place }) => [host, place]));
      return await inOrder(placed, (host) =>
        this.#inTurn(`${places.get(host) ?? ""} ${name}`, host, name, claim),
      );
    } finally {
      await Promise.all(entered.map(({ here }) => this.#leave(here)));
    }
  }

  async #inTurn(queue: string, host: Host, name: string, claim: LockClaim): Promise<TakenLock> {
    const next = await this.#turn(queue);
    try {
      return await this.#take(host, name, claim, next);
    } catch (error) {
      next();
      throw lockFailure(host, name, error);
    }
  }

  /**
   * Waits for whoever in this run has the lock, and was before us. Resolves to the way to let the
   * next one in.
   */
  async #turn(queue: string): Promise<() => void> {
    const before = this.#queues.get(queue);
    let next = () => {};
    const ours = new Promise<void>((resolve) => (next = resolve));
    this.#queues.set(queue, ours);
    await before;
    return () => {
      if (this.#queues.get(queue) === ours) this.#queues.delete(queue);
      next();
    };
  }

  async #take(host: Host, name: string, claim: LockClaim, next: () => void): Promise<TakenLock> {
    const place = this.#enter(host);
    const file = lockFileName(name);
    const deadline = performance.now() + this.#waitMilliseconds;
    try {
      const holder = await place.holder;
      for (;;) {
        const owner = await holder.acquire(file, oneLine(claim.owner), oneLine(claim.reason));
        if (owner === undefined) break;
        if (performance.now() >= deadline) throw this.#refusal(host, owner);
        await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
      }
      let released: Promise<void> | undefined;
      const release = async () => {
        await holder.release(file).catch(() => undefined);
        await this.#leave(place);
        next();
      };
      return {
        get lost() {
          return holder.lost;
        },
        release: () => (released ??= release()),
      };
    } catch (error) {
      await this.#leave(place);
      throw error;
    }
  }

  #enter(host: Host): Place {
    const key = connectionKey(host.connection);
    const existing = this.#places.get(key);
    if (existing !== undefined) {
      existing.users += 1;
      return existing;
    }
    const forget = () => {
      if (this.#places.get(key) === place) this.#places.delete(key);
    };
    const place: Place = { key, holder: Holder.on(host, this.#base, forget), users: 1 };
    this.#places.set(key, place);
    place.holder.catch(forget);
    return place;
  }

  /** With the last lock goes the session, and the folder on the host. */
  async #leave(place: Place): Promise<void> {
    place.users -= 1;
    if (place.users > 0) return;
    if (this.#places.get(place.key) === place) this.#places.delete(place.key);
    await place.holder.then(
      (holder) => holder.close(),
      () => undefined,
    );
  }

  #refusal(host: Host, { owner, reason, since }: Owner): FerryError {
    return inUse(host.name, { owner, reason, since }, this.#waitMilliseconds / 1000);
  }
}

/** Another run has the lock. */
export function inUse(host: string, { owner, reason, since }: Owner, seconds: number): FerryError {
  return new FerryError({
    kind: "trouble",
    host,
    reason: `Host '${host}' is being used for ${reason} by ${owner} since ${since}; waited ${seconds} s`,
    advice:
      "Run again when that run has ended; should it hang, end it, and the host is free within a minute",
    touched: "nothing",
  });
}

function lockFailure(host: Host, name: string, error: unknown): unknown {
  if (!(error instanceof HolderFailed)) return error;
  return new FerryError({
    kind: "trouble",
    what: `Locking '${name}'`,
    host: host.name,
    reason: error.message || "its holder ended",
    touched: "nothing",
  });
}

async function placeOf(host: Host, name: string, { holder }: Place): Promise<string> {
  try {
    return await (
      await holder
    ).place;
  } catch (error) {
    throw lockFailure(host, name, error);
  }
}
