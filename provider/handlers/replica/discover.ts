import type { Connections } from "../../core/connection";
import { FerryError, unclaimed } from "../../core/errors";
import type { Believed, Instance, Findings } from "../../core/move/findings";
import type { JournalEntry } from "../../core/move/journal";
import { inNamesOfNow, placesOf, type Places } from "../../core/move/places";
import { LABELS } from "../../core/identity";
import type { Machine } from "../../core/machine";
import type { ContainerState, Effort, Host } from "../../core/adapter-ports";
import type { PlacedReplica } from "../../core/replica/model";
import { newestOf, replicaIds } from "../../core/replica/formerly";
import { ownByHistory, type FoundByName } from "../../core/replica/own-history";
import { isPutBeside } from "../../core/replica/beside";
import { exitCodeOf } from "../../core/replica/job";
import { epochOf } from "../../core/replica/request";
import { askAll, type Answers } from "../ask";
import { newestConnection } from "../connections";
import { isAsWanted } from "./in-place";
import type { ReplicaTools } from "./replica-tools";

/** What the hosts say of a replica. */
export interface Discovery {
  readonly findings: Findings;
  /** Hosts that answered, each by the one name that it goes by. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** Which machines they are. */
  readonly places: Places;
  readonly containers: ReadonlyMap<string, ContainerState>;
  /**
   * Journals as they are written on the hosts: those in the findings are told in the names of now.
   */
  readonly written: ReadonlyMap<string, JournalEntry>;
  /** Journals by a name that the replica had before, with the hosts that have them. */
  readonly former: readonly FormerJournal[];
  /** Its id, and those that it had before and something of it was found by. */
  readonly ids: readonly [string, ...string[]];
  /** Containers by a name that it had before which are somebody else's: of another history. */
  readonly others: readonly { readonly id: string; readonly host: string }[];
  /** Hosts that gave no sign of life: only these may count as lost. */
  readonly silent: ReadonlyMap<string, FerryError>;
  /** Hosts that are there and answered with an error. They may hold anything. */
  readonly troubled: ReadonlyMap<string, FerryError>;
}

export function openHost(
  tools: Pick<ReplicaTools, "hosts">,
  name: string,
  connections: Connections,
  effort: Effort = "full",
): Promise<Host> {
  const connection = connections[name];
  if (connection === undefined) {
    throw new FerryError({
      kind: "settings",
      what: `reaching host '${name}'`,
      reason: "the program has no connection for it",
      advice: "Put it back under the cluster's `hosts`",
    });
  }
  return tools.hosts.open(name, newestConnection(connection), effort);
}

export interface Looking {
  /** Where state believes it to be. undefined: any host may have it. */
  readonly believed?: Believed | undefined;
  /**
   * One short try for every host: somebody waits who must not wait a minute for one that is gone.
   */
  readonly failFast?: boolean;
}

/**
 * Asks every host at once; what keeps one from answering is noted with its cause. A host that is
 * silent is tried at length where it can have to do with the replica: it is wanted or believed
 * there, or a journal names it.
 */
export async function discover(
  tools: Pick<ReplicaTools, "hosts" | "journals">,
  replica: PlacedReplica,
  connections: Connections,
  { believed, failFast = false }: Looking = {},
): Promise<Discovery> {
  const names = Object.keys(connections);
  const ids = replicaIds(replica);
  const look = async (name: string, effort: Effort) =>
    lookAt(tools, await openHost(tools, name, connections, effort), ids);
  const concerned = new Set(
    failFast ? [] : believed === undefined ? names : [believed.host, replica.host],
  );
  const first = await askAll(names, (name) =>
    look(name, concerned.has(name) ? "full" : "failFast"),
  );
  const named = [...first.answers.values()].flatMap(({ byId }) =>
    byId.flatMap(({ entry }) => entry?.other ?? []),
  );
  const again = failFast
    ? []
    : [...new Set(named)].filter((name) => first.silent.has(name) && !concerned.has(name));
  if (again.length === 0) return together(replica, believed, first);
  const second = await askAll(again, (name) => look(name, "full"));
  return together(replica, believed, {
    answers: new Map([...first.answers, ...second.answers]),
    silent: new Map([...without(first.silent, again), ...second.silent]),
    troubled: new Map([...first.troubled, ...second.troubled]),
  });
}

function without<T>(map: ReadonlyMap<string, T>, names: readonly string[]): [string, T][] {
  return [...map].filter(([name]) => !names.includes(name));
}

/** What one name leads to. */
interface Looked {
  readonly host: Host;
  readonly machine: Machine;
  /** By the replica's ids, today's first. */
  readonly byId: readonly ByName[];
}

interface ByName {
  readonly id: string;
  readonly containers: readonly ContainerState[];
  readonly entry: JournalEntry | undefined;
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
  ids: readonly string[],
): Promise<Looked> {
  const [machine, ...byId] = await Promise.all([
    host.machine(),
    ...ids.map(async (id): Promise<ByName> => {
      const [containers, entry] = await Promise.all([
        host.docker.containers({ [LABELS.replica]: id }),
        journals.read(host, id),
      ]);
      return { id, containers, entry };
    }),
  ]);
  return { host, machine, byId };
}

/** Two names for one machine are one host, and journals are told in the names of now. */
function together(
  replica: PlacedReplica,
  believed: Believed | undefined,
  { answers: looked, silent, troubled }: Answers<Looked>,
): Discovery {
  const machines = new Map([...looked].map(([name, { machine }]) => [name, machine]));
  const places = placesOf(machines, namesOfProgram(replica));
  const hosts = new Map<string, Host>();
  const containers = new Map<string, ContainerState>();
  const journals: Record<string, JournalEntry> = {};
  const instances: Instance[] = [];
  const former: FormerJournal[] = [];
  const others: { id: string; host: string }[] = [];
  const written = new Map<string, JournalEntry>();
  const [id, ...before] = replicaIds(replica);
  const found = foundBy(replica, [...looked], [id, ...before]);
  const [today, ...earlier] = found as [FoundByName, ...FoundByName[]];
  const isOwn = ownByHistory(today, earlier, believed?.known);
  const ids = new Set<string>();
  // In the order of the hosts' names, so that the same findings give the same words.
  for (const name of [...places.machines.keys()].sort()) {
    const { host, byId } = looked.get(name) as Looked;
    hosts.set(name, host);
    const entries = byId.flatMap(({ id: by, entry }) =>
      entry !== undefined && isOwn(by, entry) ? [entry] : [],
    );
    const own = entries.find((each) => each.replica === id);
    const notOfToday = entries.filter((each) => each !== own);
    const becomes = own === undefined ? newestOf(notOfToday, replica) : undefined;
    for (const each of notOfToday) {
      ids.add(each.replica);
      former.push({ host: name, entry: each, ...(becomes === undefined ? {} : { becomes }) });
    }
    const entry = own ?? becomes;
    if (own !== undefined) written.set(name, own);
    if (entry !== undefined) journals[name] = inNamesOfNow(entry, places);
    for (const { id: by, containers: all } of byId) {
      for (const container of all) {
        const copy = copyOf(name, container, replica);
        if (!isOwn(by, copy)) {
          others.push({ id: by, host: name });
          continue;
        }
        ids.add(by);
        containers.set(container.id, container);
        instances.push(copy);
      }
    }
  }
  return {
    findings: {
      instances,
      journals,
      answered: [...hosts.keys()],
      ...(troubled.size === 0 ? {} : { troubled: [...troubled.keys()] }),
    },
    hosts,
    places,
    containers,
    written,
    former,
    ids: [id, ...before.filter((each) => ids.has(each))],
    others,
    silent,
    troubled,
  };
}

function foundBy(
  replica: PlacedReplica,
  looked: readonly (readonly [string, Looked])[],
  ids: readonly string[],
): FoundByName[] {
  return ids.map((id) => {
    const each = looked.flatMap(([host, { byId }]) =>
      byId.filter((by) => by.id === id).map((by) => ({ ...by, host })),
    );
    return {
      id,
      instances: each.flatMap(({ host, containers }) =>
        containers.map((container) => copyOf(host, container, replica)),
      ),
      journals: Object.fromEntries(
        each.flatMap(({ host, entry }) => (entry === undefined ? [] : [[host, entry] as const])),
      ),
    };
  });
}

/** A machine goes by the name that the program has for it now, before one that only state knows. */
export function namesOfProgram({ host, connections }: PlacedReplica): string[] {
  return [host, ...Object.keys(connections).sort()];
}

export function isRunning({ status }: ContainerState): boolean {
  return status === "running" || status === "paused" || status === "restarting";
}

/** What any container says of itself, whatever the program wants of it. */
export function instanceOn(host: string, container: ContainerState): Omit<Instance, "asWanted"> {
  return {
    host,
    containerId: container.id,
    epoch: epochOf(container),
    running: isRunning(container),
    // Docker says year 1 for a container that was never started.
    started:
      container.status !== "created" ||
      !/^(0001-|$)/.test(container.startedAt) ||
      // It stands for a job that has run elsewhere.
      exitCodeOf(container) !== undefined,
    restarts: container.restart.name !== "no",
    ...(isPutBeside(container) ? { beside: true as const } : {}),
  };
}

function copyOf(host: string, container: ContainerState, replica: PlacedReplica): Instance {
  const origin = container.labels[LABELS.origin];
  return {
    ...instanceOn(host, container),
    startedAt: container.startedAt,
    asWanted: isAsWanted(container, replica),
    ...(origin === undefined ? {} : { origin }),
  };
}

/** Why a host has not answered, whatever kind of fault it was. */
export function whyNot({ silent, troubled }: Discovery, name: string): FerryError | undefined {
  return silent.get(name) ?? troubled.get(name);
}

/** A host that discovery has heard from, by any of its names. */
export function heardFrom(discovery: Discovery, name: string): Host {
  const host = discovery.hosts.get(discovery.places.called.get(name) ?? name);
  if (host !== undefined) return host;
  const why = whyNot(discovery, name);
  if (why !== undefined) throw unclaimed(why);
  throw new FerryError({
    kind: "settings",
    host: name,
    reason: `host '${name}' is not among the program's hosts.`,
  });
}
