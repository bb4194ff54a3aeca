import { isDeepStrictEqual } from "util";
import type { Connection, Connections } from "../connection";
import { FerryError, type InputProblem } from "../errors";
import { containsUnknown } from "../unknown";
import * as read from "./input-reader";

/** The peers that have to find one another. */
export interface MeshInputs {
  readonly cluster: string;
  readonly connections: Connections;
  /** Sorted by host. */
  readonly peers: readonly MeshPeer[];
  readonly electors: number;
  /** For all of it: connecting, and agreeing on Weave's range. */
  readonly timeoutSeconds: number;
}

export interface MeshPeer {
  readonly host: string;
  /** How other peers dial it. */
  readonly address: string;
  readonly peerName?: string;
}

/** @default of `timeoutSeconds` */
const TIMEOUT_SECONDS = 120;

/** Pure. Changed connections alone are no change: the old ones stay in state. */
export function checkMesh(
  olds: Partial<MeshInputs>,
  news: Readonly<Record<string, unknown>>,
): { inputs: MeshInputs; problems: InputProblem[] } {
  const reader = new read.InputReader(news);
  const peers = reader.required("peers", read.listOf(peer));
  const connections = reader.required("connections", byHost);
  const rest = {
    cluster: reader.required("cluster", read.text()),
    peers:
      containsUnknown(peers) || reader.problems.length > 0
        ? peers
        : peers.toSorted((a, b) => (a.host < b.host ? -1 : 1)),
    electors: reader.required("electors", read.integer(1, 10_000)),
    timeoutSeconds:
      reader.optional("timeoutSeconds", read.integer(1, 3600)).timeoutSeconds ?? TIMEOUT_SECONDS,
  };
  if (reader.problems.length === 0 && !containsUnknown([peers, connections])) {
    for (const [i, { host }] of peers.entries()) {
      if (!Object.hasOwn(connections, host))
        reader.problem(`peers[${i}].host`, `no connection is given for host '${host}'`);
    }
  }
  const { connections: oldConnections, ...oldRest } = olds;
  const kept =
    oldConnections !== undefined && isDeepStrictEqual(oldRest, rest) ? oldConnections : connections;
  return { inputs: { ...rest, connections: kept }, problems: reader.problems };
}

function peer(value: unknown): MeshPeer {
  if (typeof value !== "object" || value === null) throw new FerryError("is not a list of peers");
  const { host, address, peerName } = value as Record<string, unknown>;
  return {
    host: read.text()(host),
    address: read.dialAddress(address),
    ...(peerName === undefined || peerName === null
      ? {}
      : { peerName: read.peerNameText(peerName) }),
  };
}

function byHost(value: unknown): Connections {
  if (typeof value !== "object" || value === null)
    throw new FerryError("is not a set of connections by host name");
  return Object.fromEntries(
    Object.entries(value).map(([host, each]): [string, Connection] => [
      host,
      read.connection(each),
    ]),
  );
}
