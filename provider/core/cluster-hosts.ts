import type { Connections } from "./connection";
import { isUnknown, UNKNOWN } from "./unknown";

/** What each replica and volume is told of its cluster's hosts, and keeps next to nothing of. */
export interface ClusterHosts {
  /** The cluster's name. */
  readonly cluster: string;
  readonly connections: Connections;
  /** Hosts that replicas are to leave. */
  readonly draining: readonly string[];
}

/**
 * As one text, the same for all: the SDK makes promises for each field of whatever is no text, for
 * each host and each replica.
 */
export const writeClusterHosts = (hosts: ClusterHosts): string => JSON.stringify(hosts);

let lastText = "";
let lastRead: ClusterHosts;

/** What the inputs of a replica or a volume say, its cluster's hosts as they are. */
export function withClusterHosts(inputs: Record<string, unknown>): Record<string, unknown> {
  const { clusterHosts: text, ...rest } = inputs;
  if (typeof text !== "string") return inputs;
  if (isUnknown(text)) return { ...rest, connections: UNKNOWN, draining: UNKNOWN };
  if (text !== lastText) {
    lastRead = JSON.parse(text) as ClusterHosts;
    lastText = text;
  }
  return { ...rest, ...lastRead };
}
