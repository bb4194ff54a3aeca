import type { Connection, Connections } from "../../core/connection";
import { FerryError } from "../../core/errors";
import type { Copy, Findings } from "../../core/move/findings";
import type { JournalEntry } from "../../core/move/journal";
import { LABELS, replicaId } from "../../core/identity";
import type { ContainerState, Host } from "../../core/ports";
import type { PlacedReplica } from "../../core/replica/model";
import { epochOf } from "../../core/replica/request";
import { newestConnection } from "../connections";
import { isAsWanted } from "./in-place";
import { withoutDoubt } from "./outcome";
import type { ReplicaTools } from "./tools";

/** What the hosts say of a replica. */
export interface Discovery {
  readonly findings: Findings;
  /** Hosts that answered. */
  readonly hosts: ReadonlyMap<string, Host>;
  readonly containers: ReadonlyMap<string, ContainerState>;
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
  const id = replicaId(replica);
  const hosts = new Map<string, Host>();
  const failures = new Map<string, string>();
  const containers = new Map<string, ContainerState>();
  const journals: Record<string, JournalEntry> = {};
  const copies: Copy[] = [];
  await Promise.all(
    Object.keys(connections).map(async (name) => {
      try {
        const short = brisk === "all" || brisk.has(name);
        const host = await openHost(tools, name, connections, { brisk: short });
        const [found, entry] = await Promise.all([
          host.docker.containers({ [LABELS.replica]: id }),
          tools.journals.read(host, id),
        ]);
        hosts.set(name, host);
        if (entry !== undefined) journals[name] = entry;
        for (const container of found) {
          containers.set(container.id, container);
          copies.push(copyOf(name, container, replica));
        }
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        failures.set(name, withoutDoubt(error));
      }
    }),
  );
  // In the order of the hosts' names, so that the same findings give the same words.
  copies.sort((a, b) => (a.host < b.host ? -1 : 1));
  return {
    findings: { copies, journals: sorted(journals), answered: [...hosts.keys()].sort() },
    hosts,
    containers,
    failures,
  };
}

export function isRunning({ status }: ContainerState): boolean {
  return status === "running" || status === "paused" || status === "restarting";
}

function copyOf(host: string, container: ContainerState, replica: PlacedReplica): Copy {
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
  };
}

function sorted<T>(byHost: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(byHost).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A host that discovery has heard from. */
export function heardFrom(discovery: Discovery, name: string): Host {
  const host = discovery.hosts.get(name);
  if (host === undefined) {
    throw new FerryError(
      discovery.failures.get(name) ?? `host '${name}' is not among the program's hosts.`,
    );
  }
  return host;
}
