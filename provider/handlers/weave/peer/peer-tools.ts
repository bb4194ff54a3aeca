import type { Connection } from "../../../core/connection";
import { FerryError } from "../../../core/errors";
import type { TakenLock, HostLocks } from "../../../core/lock";
import type { Effort, Host } from "../../../core/adapter-ports";
import type { Weave } from "../../../core/weave/weave-port";
import type { WeaveSource } from "../../../core/weave/source";
import type { Alive } from "../../alive";
import type { Clock } from "../../clock";
import { newestConnection } from "../../connections";
import type { HandlerContext } from "../../handler";
import type { Programs } from "../../programs";
import { runOwner } from "../../run-owner";
import type { Peers } from "../peers";
import type { PeerQueue } from "../peer-queue";

/** What the parts of the peer's handler work with. */
export interface PeerTools {
  readonly context: HandlerContext;
  readonly weaveOf: (host: Host, source?: WeaveSource) => Weave;
  readonly clock: Clock;
  readonly programs: Programs;
  readonly peers: Peers;
  readonly peerQueue: PeerQueue;
  readonly locks: HostLocks;
  readonly alive: Alive;
}

/** Weave on a host that answers. */
export interface OpenedWeave {
  readonly host: Host;
  readonly weave: Weave;
}

export async function openWeave(
  { context, weaveOf }: Pick<PeerTools, "context" | "weaveOf">,
  name: string,
  connection: Connection,
  source?: WeaveSource,
  effort?: Effort,
): Promise<OpenedWeave> {
  const host = await context.hosts.open(name, newestConnection(connection), effort);
  return { host, weave: weaveOf(host, source) };
}

/** What a host's place in the network is changed under, so that no two runs do that at once. */
const LOCK = "weave";

/**
 * Runs the work with the host's lock; each call of `weave` is refused once the lock may be somebody
 * else's.
 */
export async function underLock<T>(
  { locks }: Pick<PeerTools, "locks">,
  { host, weave }: OpenedWeave,
  reason: string,
  work: (weave: Weave) => Promise<T>,
): Promise<T> {
  const lock = await locks.acquire(host, LOCK, { owner: runOwner(), reason });
  try {
    return await work(whileLocked(weave, lock, host.name));
  } finally {
    await lock.release();
  }
}

function whileLocked(weave: Weave, lock: TakenLock, host: string): Weave {
  return new Proxy(weave, {
    get(target, name): unknown {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        if (!lock.lost) return Reflect.apply(member, target, given);
        return Promise.reject(
          new FerryError({
            kind: "trouble",
            reason:
              `The lock on Weave of host '${host}' was lost on the way, so another run may be at work there. What was done so ` +
              "far stands, and nothing more was changed; run `pulumi up` again.",
          }),
        );
      };
    },
  });
}
