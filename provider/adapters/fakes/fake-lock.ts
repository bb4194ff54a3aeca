import type { TakenLock, HostLocks, LockClaim } from "../../core/lock";
import type { Host } from "../../core/adapter-ports";
import { inUse } from "../lock/host-locks";
import { inOrder } from "../lock/in-order";
import type { FakeWorld } from "./fake-world";

interface Taken extends LockClaim {
  readonly run: FakeLocks;
  readonly since: string;
}

/**
 * The locks of all hosts, as several runs compete for them. With a world, two names for one machine
 * have the same.
 */
export class FakeLockTable {
  constructor(private readonly world?: FakeWorld) {}

  readonly taken = new Map<string, Taken>();
  readonly #waiting = new Set<() => void>();

  /** One run's view. `waitSeconds` passes in real time: 0 unless a test wants to see it. */
  run(waitSeconds = 0): FakeLocks {
    return new FakeLocks(this, waitSeconds);
  }

  /** Names of the locks that are held on a host. */
  locksOn(host: string): string[] {
    return [...this.taken.keys()]
      .filter((key) => key.startsWith(`${host} `))
      .map((key) => key.slice(host.length + 1))
      .sort();
  }

  /** Where a host's locks are. */
  placeOf(host: Host): string {
    return this.world?.nameOf({ name: host.name, settings: host.connection }) ?? host.name;
  }

  free(key: string): void {
    this.taken.delete(key);
    for (const wake of this.#waiting) wake();
  }

  /** Until something is freed, or the time has passed. */
  change(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#waiting.add(done);
    });
  }
}

/** Locks that keep to test/contracts/lock-contract.ts, as the real ones do. */
export class FakeLocks implements HostLocks {
  /** Every lock that was given, in order: "node1 replica: moving it". */
  readonly calls: string[] = [];
  readonly #queues = new Map<string, Promise<void>>();
  readonly #lost = new Set<Taken>();

  constructor(
    private readonly table: FakeLockTable = new FakeLockTable(),
    private readonly waitSeconds = 0,
  ) {}

  async acquire(host: Host, name: string, claim: LockClaim): Promise<TakenLock> {
    return this.#inTurn(host, `${this.table.placeOf(host)} ${name}`, claim);
  }

  acquireAll(hosts: readonly Host[], name: string, claim: LockClaim): Promise<TakenLock[]> {
    const placed = hosts.map((host) => ({ host, place: this.table.placeOf(host) }));
    return inOrder(placed, (host) => this.acquire(host, name, claim));
  }

  async #inTurn(host: Host, key: string, claim: LockClaim): Promise<TakenLock> {
    const before = this.#queues.get(key);
    let next = () => {};
    this.#queues.set(key, new Promise<void>((resolve) => (next = resolve)));
    await before;
    try {
      const taken = await this.#take(host, key, claim);
      this.calls.push(`${key}: ${claim.reason}`);
      const isLost = () => this.#lost.has(taken);
      const release = () => {
        if (this.table.taken.get(key) === taken) this.table.free(key);
        next();
        return Promise.resolve();
      };
      return {
        get lost() {
          return isLost();
        },
        release,
      };
    } catch (error) {
      next();
      throw error;
    }
  }

  /** As a killed run, or a lost host: all that it held (there) is free at once, and lost to it. */
  disconnect(host?: string): void {
    for (const [key, taken] of [...this.table.taken]) {
      if (taken.run !== this || (host !== undefined && !key.startsWith(`${host} `))) continue;
      this.#lost.add(taken);
      this.table.free(key);
    }
  }

  async #take(host: Host, key: string, claim: LockClaim): Promise<Taken> {
    const deadline = performance.now() + this.waitSeconds * 1000;
    for (;;) {
      const other = this.table.taken.get(key);
      if (other === undefined) {
        const taken = { ...claim, run: this, since: "2020-01-01T00:00:00Z" };
        this.table.taken.set(key, taken);
        return taken;
      }
      const left = deadline - performance.now();
      if (left <= 0) {
        throw inUse(host.name, other, this.waitSeconds);
      }
      await this.table.change(left);
    }
  }
}
