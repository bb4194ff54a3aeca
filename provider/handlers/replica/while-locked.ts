import { basename } from "path/posix";
import type { Connections } from "../../core/connection";
import { FerryError } from "../../core/errors";
import type { TakenLock } from "../../core/lock";
import { journalDirectory } from "../../core/move/journal";
import type { Host } from "../../core/adapter-ports";
import type { PlacedReplica } from "../../core/replica/model";
import { replicaIds } from "../../core/replica/formerly";
import { replicaLabel } from "../../core/replica/replica-names";
import { placesOf } from "../../core/move/places";
import { askAll, refuseTrouble } from "../ask";
import { namesOfProgram, openHost } from "./discover";
import type { ReplicaTools } from "./replica-tools";

const MEMBER_MILLISECONDS = 60_000;

export interface Claim {
  readonly replica: PlacedReplica;
  readonly connections: Connections;
  /** Hosts that the replica is on or goes to. */
  readonly hosts: readonly string[];
  /** What for: "moving apples/redis to 'node2'". */
  readonly reason: string;
  /** A host that answers with an error keeps nobody from the others. @default false */
  readonly tolerant?: boolean;
}

/** A replica that nobody else changes on its hosts. */
export interface Locked {
  /**
   * Throws when a host may have given the replica to another run meanwhile. With `hosts`, only
   * theirs counts: what is about to be done touches no other, and another run would need these as
   * well before it does anything to them. Throws NotHeld when one of them is not held.
   */
  readonly check: (hosts?: ReadonlySet<string>) => void;
}

/**
 * Something of the replica is on a host that is not held. Nothing was done to it: hold it as well,
 * and begin anew.
 */
export class NotLocked extends FerryError {
  constructor(
    label: string,
    readonly hosts: readonly string[],
  ) {
    super({
      kind: "trouble",
      replica: label,
      reason: `${label}: there is something of it on host '${hosts.join("' and '")}' as well, which came to light only now`,
      advice: "Run again",
      touched: "nothing",
    });
  }
}

/**
 * Does the work while no other run may touch the replica on any of the hosts that answer. A host is
 * a machine: whatever two programs call it, they lock the same one, and one after the other in an
 * order that is the same for both. A silent host is not held; one that is there and answers with an
 * error may be held by somebody else, so that is the end of it.
 */
export async function whileLocked<T>(
  tools: ReplicaTools,
  claim: Claim,
  work: (taken: Locked) => Promise<T>,
): Promise<T> {
  const { replica, reason } = claim;
  const { there, names } = await answering(tools, claim);
  const label = replicaLabel(replica);
  // Whoever still knows it by an earlier name is kept off as well.
  const ids = [...replicaIds(replica)].sort();
  const wanted = ids.map((id) => ({
    hosts: there,
    label,
    acquire: () => acquire(tools, replica, id, there, reason),
  }));
  return locked(wanted, label, reason, (checkLocks) => {
    const check: Locked["check"] = (only) => {
      const missing = [...(only ?? [])].filter((name) => !names.has(name));
      if (missing.length > 0) throw new NotLocked(label, missing);
      checkLocks(only);
    };
    return work({ check });
  });
}

/** Replicas that come along with one that is held already. */
export interface MembersClaim {
  readonly replica: PlacedReplica;
  readonly members: readonly { readonly id: string; readonly label: string }[];
  readonly hosts: readonly Host[];
  readonly reason: string;
}

/**
 * As `holding`, for those that share a volume with a replica which is held. One of them that this
 * very run is at may be waiting for just that one, so nobody is waited for without end.
 */
export async function whileMembersLocked<T>(
  tools: ReplicaTools,
  { replica, members, hosts, reason }: MembersClaim,
  work: (check: Locked["check"]) => Promise<T>,
): Promise<T> {
  // In the order of their names: two runs that want the same ones never wait for each other
  // crosswise.
  const wanted = [...members]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, label }) => ({
      hosts,
      label,
      acquire: () => soon(label, acquire(tools, replica, id, hosts, reason)),
    }));
  return locked(wanted, replicaLabel(replica), reason, work);
}

interface Wanted {
  readonly hosts: readonly Host[];
  readonly label: string;
  /** A lock for each of the hosts. */
  readonly acquire: () => Promise<readonly TakenLock[]>;
}

async function locked<T>(
  wanted: readonly Wanted[],
  of: string,
  reason: string,
  work: (check: Locked["check"]) => Promise<T>,
): Promise<T> {
  const locks: { host: Host; label: string; lock: TakenLock }[] = [];
  try {
    for (const { hosts, label, acquire: take } of wanted) {
      const taken = await take();
      for (const [i, lock] of taken.entries()) locks.push({ host: hosts[i] as Host, label, lock });
    }
    return await work((only) => {
      const lost = locks.find(({ host, lock }) => lock.lost && only?.has(host.name) !== false);
      if (lost === undefined) return;
      throw new FerryError({
        ...{ kind: "trouble", replica: of, what: reason, ended: "was stopped" },
        reason:
          `the connection to host '${lost.host.name}' was away for so long that another run may have taken ` +
          `${lost.label} over`,
        touched: { said: "What was begun is finished or taken back by the next `pulumi up`" },
      });
    });
  } finally {
    await Promise.allSettled(locks.map(({ lock }) => lock.release()));
  }
}

function acquire(
  { locks, owner }: ReplicaTools,
  { stack, project }: PlacedReplica,
  id: string,
  hosts: readonly Host[],
  reason: string,
): Promise<TakenLock[]> {
  const claim = { owner: `${owner}, stack ${stack} of ${project}`, reason };
  return locks.acquireAll(hosts, basename(journalDirectory(id)), claim);
}

/** Locks of other runs have a time limit of their own; this one is for those of the same run. */
async function soon(label: string, locks: Promise<TakenLock[]>): Promise<TakenLock[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), MEMBER_MILLISECONDS);
  });
  try {
    const taken = await Promise.race([locks, late]);
    if (taken !== undefined) return taken;
  } finally {
    clearTimeout(timer);
  }
  // They come when nobody needs them any more.
  locks.then((taken) => Promise.all(taken.map((lock) => lock.release()))).catch(() => undefined);
  throw new FerryError({
    kind: "settings",
    reason: `${label}, which shares a volume with it, is being changed by this very run`,
    advice: "Let the one depend on the other (`dependsOn`)",
  });
}

/** The machines that answer, and the names that they go by. */
async function answering(
  tools: ReplicaTools,
  { replica, connections, hosts, tolerant = false }: Claim,
): Promise<{ there: Host[]; names: ReadonlySet<string> }> {
  const known = [...new Set(hosts)].filter((name) => name in connections);
  const asked = await askAll(known, async (name) => {
    const host = await openHost(tools, name, connections);
    return { host, machine: await host.machine() };
  });
  if (!tolerant) refuseTrouble(asked, replica);
  const { answers } = asked;
  const machines = new Map([...answers].map(([name, { machine }]) => [name, machine]));
  const places = placesOf(machines, namesOfProgram(replica));
  const there = [...places.machines.keys()].flatMap((name) => answers.get(name)?.host ?? []);
  return { there, names: new Set(places.machines.keys()) };
}
