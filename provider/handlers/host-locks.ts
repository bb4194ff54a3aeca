import { hostLocks as locksOverSsh } from "../adapters/lock/host-locks";
import { aliveInThisRun, noting } from "./alive";

/**
 * The locks of this run: one process serves a whole run, and holds one session for them to each
 * host at most.
 */
export const hostLocks = noting(locksOverSsh(), aliveInThisRun);
