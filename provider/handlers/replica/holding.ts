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

const MATE_MILLISECONDS = 60_000;

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
  const { there, silent } = await answering(tools, connections, hosts);
  // One after the other and by name: two runs that want the same hosts never wait for each other crosswise.
  const wanted = there.map((host) => ({
    host,
    label: replicaLabel(replica),
    acquire: () => acquire(tools, replica, replicaId(replica), host, reason),
  }));
  return locked(wanted, reason, (check) => work({ check, silent }));
}

/** Replicas that come along with one that is held already. */
export interface MatesClaim {
  readonly replica: PlacedReplica;
  readonly mates: readonly { readonly id: string; readonly label: string }[];
  readonly hosts: readonly Host[];
  readonly reason: string;
}

/**
 * As `holding`, for those that share a volume with a replica which is held. One of them that this very run is at may be
 * waiting for just that one, so nobody is waited for without end.
 */
export async function holdingMates<T>(
  tools: ReplicaTools,
  { replica, mates, hosts, reason }: MatesClaim,
  work: (check: Holding["check"]) => Promise<T>,
): Promise<T> {
  const inOrder = [...hosts].sort((a, b) => (a.name < b.name ? -1 : 1));
  const wanted = [...mates]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap(({ id, label }) =>
      inOrder.map((host) => ({
        host,
        label,
        acquire: () => soon(label, acquire(tools, replica, id, host, reason)),
      })),
    );
  return locked(wanted, reason, work);
}

interface Wanted {
  readonly host: Host;
  readonly label: string;
  readonly acquire: () => Promise<HeldLock>;
}

async function locked<T>(
  wanted: readonly Wanted[],
  reason: string,
  work: (check: Holding["check"]) => Promise<T>,
): Promise<T> {
  const locks: { host: Host; label: string; lock: HeldLock }[] = [];
  try {
    for (const { host, label, acquire: take } of wanted) {
      locks.push({ host, label, lock: await take() });
    }
    return await work((only) => {
      const lost = locks.find(({ host, lock }) => lock.lost && only?.has(host.name) !== false);
      if (lost === undefined) return;
      throw new FerryError(
        `${reason} was stopped: the connection to host '${lost.host.name}' was away for so long that another run may have ` +
          `taken ${lost.label} over. What was begun is finished or taken back by the next \`pulumi up\`.`,
      );
    });
  } finally {
    await Promise.allSettled(locks.map(({ lock }) => lock.release()));
  }
}

function acquire(
  { locks, owner }: ReplicaTools,
  { stack, project }: PlacedReplica,
  id: string,
  host: Host,
  reason: string,
): Promise<HeldLock> {
  const claim = { owner: `${owner}, stack ${stack} of ${project}`, reason };
  return locks.acquire(host, basename(journalDirectory(id)), claim);
}

/** Locks of other runs have a time limit of their own; this one is for those of the same run. */
async function soon(label: string, lock: Promise<HeldLock>): Promise<HeldLock> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), MATE_MILLISECONDS);
  });
  try {
    const held = await Promise.race([lock, late]);
    if (held !== undefined) return held;
  } finally {
    clearTimeout(timer);
  }
  // It comes when nobody needs it any more.
  lock.then((held) => held.release()).catch(() => undefined);
  throw new FerryError(
    `${label}, which shares a volume with it, is being changed by this very run. Let the one depend on the other (\`dependsOn\`).`,
  );
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
