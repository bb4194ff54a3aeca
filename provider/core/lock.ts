import type { Host } from "./adapter-ports";

/**
 * Locks on a host, so that two runs keep apart: one for the host's place in the network, one per
 * replica. A lock lives as long as the run that holds it: it goes with the run's connection, or,
 * when that hangs, some time after the last sign of life. Within one run a name is lent to one
 * caller at a time.
 */
export interface HostLocks {
  /**
   * Waits for a while for whoever holds it; then rejects and says who that is, what for, and since
   * when.
   */
  acquire(host: Host, name: string, claim: LockClaim): Promise<TakenLock>;
  /**
   * One lock on each of the hosts; all or none. Those whose names lead to one machine share one, so
   * that nobody waits for himself, and machines are taken in an order that is the same for all runs
   * and all names, so that none waits crosswise.
   */
  acquireAll(hosts: readonly Host[], name: string, claim: LockClaim): Promise<TakenLock[]>;
}

export interface LockClaim {
  /** Who: "root@ci-7, stack prod of project shop". */
  readonly owner: string;
  /** What for, as it completes "is being used for": "moving redis.0 of apples to node2". */
  readonly reason: string;
}

export interface TakenLock {
  /**
   * True from the moment on at which the host may have given it to somebody else: stop before the
   * next change.
   */
  readonly lost: boolean;
  /** Safe to call twice. */
  release(): Promise<void>;
}
