import type { Connection, Connections } from "../../core/connection";
import { FerryError } from "../../core/errors";
import type { Copy, Findings } from "../../core/move/findings";
import type { JournalEntry } from "../../core/move/journal";
import { inNamesOfNow, placesOf, type Places } from "../../core/move/places";
import { LABELS } from "../../core/identity";
import type { Machine } from "../../core/machine";
import type { ContainerState, Host } from "../../core/ports";
import type { PlacedReplica } from "../../core/replica/model";
import { newestOf, replicaIds } from "../../core/replica/formerly";
import { epochOf } from "../../core/replica/request";
import { newestConnection } from "../connections";
import { isAsWanted } from "./in-place";
import { withoutDoubt } from "./outcome";
import type { ReplicaTools } from "./tools";

/** What the hosts say of a replica. */
export interface Discovery {
  readonly findings: Findings;
  /** Hosts that answered, each by the one name that it goes by. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** Which machines they are. */
  readonly places: Places;
  readonly containers: ReadonlyMap<string, ContainerState>;
  /** Journals by a name that the replica had before, with the hosts that have them. */
  readonly former: readonly FormerJournal[];
  /** Why each of the others did not. */
  readonly failures: ReadonlyMap<string, string>;
}

/**
 * `brisk`: one short try. For a host that has just been there, or has just not been: whoever waits for the outcome of a move
 * must not wait a minute for a host that is gone.
 */
export function openHost(
  tools: Pick<ReplicaTools, "hosts">,
  name: string,
  connections: Connections,
  { brisk = false }: { brisk?: boolean } = {},
): Promise<Host> {
  const connection = connections[name];
  if (connection === undefined) {
    throw new FerryError(
      `reaching host '${name}' failed: the program has no connection for it. Put it back under the cluster's \`hosts\`.`,
    );
  }
  const newest = newestConnection(connection);
  return tools.hosts.open(name, brisk ? briskly(newest) : newest);
}

const BRISK_DIAL_SECONDS = 5;

function briskly(connection: Connection): Connection {
  const { perDialTimeout = BRISK_DIAL_SECONDS, proxy } = connection;
  return {
    ...connection,
    perDialTimeout: Math.min(perDialTimeout, BRISK_DIAL_SECONDS),
    dialErrorLimit: 0,
    ...(proxy === undefined ? {} : { proxy: briskly(proxy) }),
  };
}

/** Asks every host at once; one that does not answer is noted, not an error. */
export async function discover(
  tools: Pick<ReplicaTools, "hosts" | "journals">,
  replica: PlacedReplica,
  connections: Connections,
  brisk: "all" | ReadonlySet<string> = new Set(),
): Promise<Discovery> {
  const ids = replicaIds(replica);
  const failures = new Map<string, string>();
  const looked = new Map<string, Looked>();
  await Promise.all(
    Object.keys(connections).map(async (name) => {
      try {
        const short = brisk === "all" || brisk.has(name);
        const host = await openHost(tools, name, connections, { brisk: short });
        looked.set(name, await lookAt(tools, host, ids));
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        failures.set(name, withoutDoubt(error));
      }
    }),
  );
  return together(replica, looked, failures);
}

/** What one name leads to. */
interface Looked {
  readonly host: Host;
  readonly machine: Machine;
  readonly containers: readonly ContainerState[];
  readonly entry: JournalEntry | undefined;
  readonly former: readonly JournalEntry[];
}

export interface FormerJournal {
  readonly host: string;
  readonly entry: JournalEntry;
  /** What takes its place; absent where the replica has a journal by its name of today already. */
  readonly becomes?: JournalEntry;
}

async function lookAt(
  { journals }: Pick<ReplicaTools, "journals">,
  host: Host,
  [id, ...before]: readonly [string, ...string[]],
): Promise<Looked> {
  const containersOf = (each: string) => host.docker.containers({ [LABELS.replica]: each });
  const [machine, containers, entry, more, entries] = await Promise.all([
    host.machine(),
    containersOf(id),
    journals.read(host, id),
    Promise.all(before.map(containersOf)),
    Promise.all(before.map((each) => journals.read(host, each))),
  ]);
  const former = entries.filter((each) => each !== undefined);
  return { host, machine, containers: [...containers, ...more.flat()], entry, former };
}

/** Two names for one machine are one host, and journals are told in the names of now. */
function together(
  replica: PlacedReplica,
  looked: ReadonlyMap<string, Looked>,
  failures: ReadonlyMap<string, string>,
): Discovery {
  const machines = new Map([...looked].map(([name, { machine }]) => [name, machine]));
  const places = placesOf(machines, namesOfProgram(replica));
  const hosts = new Map<string, Host>();
  const containers = new Map<string, ContainerState>();
  const journals: Record<string, JournalEntry> = {};
  const copies: Copy[] = [];
  const former: FormerJournal[] = [];
  // In the order of the hosts' names, so that the same findings give the same words.
  for (const name of [...places.machines.keys()].sort()) {
    const { host, entry: own, former: before, containers: found } = looked.get(name) as Looked;
    hosts.set(name, host);
    const becomes = own === undefined ? newestOf(before, replica) : undefined;
    for (const each of before) {
      former.push({ host: name, entry: each, ...(becomes === undefined ? {} : { becomes }) });
    }
    const entry = own ?? becomes;
    if (entry !== undefined) journals[name] = inNamesOfNow(entry, places);
    for (const container of found) {
      containers.set(container.id, container);
      copies.push(copyOf(name, container, replica));
    }
  }
  return {
    findings: { copies, journals, answered: [...hosts.keys()] },
    hosts,
    places,
    containers,
    former,
    failures,
  };
}

/** A machine goes by the name that the program has for it now, before one that only state knows. */
export function namesOfProgram({ host, connections }: PlacedReplica): string[] {
  return [host, ...Object.keys(connections).sort()];
}

export function isRunning({ status }: ContainerState): boolean {
  return status === "running" || status === "paused" || status === "restarting";
}

function copyOf(host: string, container: ContainerState, replica: PlacedReplica): Copy {
  const origin = container.labels[LABELS.origin];
  return {
    host,
    containerId: container.id,
    epoch: epochOf(container),
    running: isRunning(container),
    // Docker says year 1 for a container that was never started.
    started: container.status !== "created" || !/^(0001-|$)/.test(container.startedAt),
    startedAt: container.startedAt,
    restarts: container.restart.name !== "no",
    asWanted: isAsWanted(container, replica),
    ...(origin === undefined ? {} : { origin }),
  };
}

/** A host that discovery has heard from, by any of its names. */
export function heardFrom(discovery: Discovery, name: string): Host {
  const host = discovery.hosts.get(discovery.places.called.get(name) ?? name);
  if (host === undefined) {
    throw new FerryError(
      discovery.failures.get(name) ?? `host '${name}' is not among the program's hosts.`,
    );
  }
  return host;
}
