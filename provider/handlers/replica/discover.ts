import type { Connections } from "../../core/connection";
import { FerryError } from "../../core/errors";
import type { Copy, Findings } from "../../core/move/decide";
import type { PlacementRecord } from "../../core/move/record";
import { LABELS } from "../../core/identity";
import type { ContainerState, Host } from "../../core/ports";
import { epochOf } from "../../core/replica/request";
import { newestConnection } from "../connections";
import { sentence } from "./outcome";
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

export function openHost(
  tools: Pick<ReplicaTools, "hosts">,
  name: string,
  connections: Connections,
) {
  const connection = connections[name];
  if (connection === undefined) {
    throw new FerryError(
      `reaching host '${name}' failed: the program has no connection for it. Put it back under the cluster's \`hosts\`.`,
    );
  }
  return tools.hosts.open(name, newestConnection(connection));
}

/** Asks every host at once; one that does not answer is noted, not an error. */
export async function discover(
  tools: ReplicaTools,
  replica: string,
  connections: Connections,
): Promise<Discovery> {
  const hosts = new Map<string, Host>();
  const failures = new Map<string, string>();
  const containers = new Map<string, ContainerState>();
  const records: Record<string, PlacementRecord> = {};
  const copies: Copy[] = [];
  await Promise.all(
    Object.keys(connections).map(async (name) => {
      try {
        const host = await openHost(tools, name, connections);
        const [found, record] = await Promise.all([
          host.docker.containers({ [LABELS.replica]: replica }),
          tools.records.read(host, replica),
        ]);
        hosts.set(name, host);
        if (record !== undefined) records[name] = record;
        for (const container of found) {
          containers.set(container.id, container);
          copies.push(copyOf(name, container));
        }
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        failures.set(name, sentence(error));
      }
    }),
  );
  // In the order of the hosts' names, so that the same findings give the same words.
  copies.sort((a, b) => (a.host < b.host ? -1 : 1));
  return {
    findings: { copies, records, unreachable: [...failures.keys()].sort() },
    hosts,
    containers,
    failures,
  };
}

export function isRunning({ status }: ContainerState): boolean {
  return status === "running" || status === "paused" || status === "restarting";
}

function copyOf(host: string, container: ContainerState): Copy {
  return {
    host,
    containerId: container.id,
    epoch: epochOf(container),
    running: isRunning(container),
    // Docker says year 1 for a container that was never started.
    started: container.status !== "created" || !/^(0001-|$)/.test(container.startedAt),
  };
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
