import { basename } from "path/posix";
import type { Connections } from "../../core/connection";
import { FerryError } from "../../core/errors";
import { replicaId } from "../../core/identity";
import type { HeldLock } from "../../core/lock";
import { journalDirectory } from "../../core/move/journal";
import type { Host } from "../../core/ports";
import type { PlacedReplica } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/names";
import { openHost } from "./discover";
import type { ReplicaTools } from "./tools";

export interface Claim {
  readonly replica: PlacedReplica;
  readonly connections: Connections;
  /** Hosts that the replica is on or goes to. */
  readonly hosts: readonly string[];
  /** What for: "moving apples/redis to 'node2'". */
  readonly reason: string;
}

/** A replica that nobody else changes on its hosts. */
export interface Holding {
  /**
   * Throws when a host may have given the replica to another run meanwhile. With `hosts`, only theirs counts: what is about
   * to be done touches no other, and another run would need these as well before it does anything to them.
   */
  readonly check: (hosts?: ReadonlySet<string>) => void;
  /** Hosts that did not answer, and so are not held. */
  readonly silent: ReadonlySet<string>;
}

/** Does the work while no other run may touch the replica on any of the hosts that answer. */
export async function holding<T>(
  tools: ReplicaTools,
  { replica, connections, hosts, reason }: Claim,
  work: (held: Holding) => Promise<T>,
): Promise<T> {
  const name = basename(journalDirectory(replicaId(replica)));
  const claim = { owner: `${tools.owner}, stack ${replica.stack} of ${replica.project}`, reason };
  const { there, silent } = await answering(tools, connections, hosts);
  const locks: { host: Host; lock: HeldLock }[] = [];
  try {
    // One after the other and by name: two runs that want the same hosts never wait for each other crosswise.
    for (const host of there)
      locks.push({ host, lock: await tools.locks.acquire(host, name, claim) });
    const check = (only?: ReadonlySet<string>) => {
      const lost = locks.find(({ host, lock }) => lock.lost && only?.has(host.name) !== false);
      if (lost === undefined) return;
      throw new FerryError(
        `${reason} was stopped: the connection to host '${lost.host.name}' was away for so long that another run may have ` +
          `taken ${replicaLabel(replica)} over. What was begun is finished or taken back by the next \`pulumi up\`.`,
      );
    };
    return await work({ check, silent });
  } finally {
    await Promise.allSettled(locks.map(({ lock }) => lock.release()));
  }
}

async function answering(
  tools: ReplicaTools,
  connections: Connections,
  names: readonly string[],
): Promise<{ there: Host[]; silent: Set<string> }> {
  const silent = new Set<string>();
  const known = [...new Set(names)].filter((name) => name in connections).sort();
  const opened = await Promise.all(
    known.map(async (name) => {
      try {
        return [await openHost(tools, name, connections)];
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        silent.add(name);
        return [];
      }
    }),
  );
  return { there: opened.flat(), silent };
}
