import { isDeepStrictEqual } from "util";
import type { Connection, Connections } from "../connection";
import { FerryError, type InputProblem } from "../errors";
import { containsUnknown } from "../unknown";
import { dnsEntries, exposure } from "./exposure-inputs";
import * as read from "../input-reader";
import { dialAddress, peerNameText } from "./peer-texts";
import { weaveSource, type WeaveSource } from "./source";

/** The peers that have to find one another. */
export interface MeshInputs {
  readonly cluster: string;
  readonly connections: Connections;
  /** Sorted by host. */
  readonly peers: readonly MeshPeer[];
  readonly electors: number;
  /** For all of it: connecting, and agreeing on Weave's range. */
  readonly timeoutSeconds: number;
  /** Nobody has to agree on anything: the range was divided by a seed. */
  readonly seeded?: true;
  /** A cluster of somebody else's: it is looked at, and nothing is done to it. */
  readonly existing?: true;
  /** Weave's own range, where it has to be this one. Only with `existing`. */
  readonly ipallocRange?: string;
  /** The domain of Weave's DNS, where it has to be this one. Only with `existing`. */
  readonly dnsDomain?: string;
  /** Full names of things outside, with their addresses; sorted. */
  readonly dnsEntries?: Readonly<Record<string, readonly string[]>>;
  /** Never the program's: what a refresh found that `up` can put right. */
  readonly drift?: readonly string[];
}

export interface MeshPeer {
  readonly host: string;
  /** How other peers dial it. */
  readonly address: string;
  readonly peerName?: string;
  /** Hosts of the cluster that it dials. Absent: all others. Sorted. */
  readonly dials?: readonly string[];
  /** Takes no part in dividing the range. Absent: an elector. */
  readonly observer?: true;
  /**
   * Addresses of the host itself on the overlay, "10.40.255.1/24"; none: one of Weave's range.
   * Absent: not exposed. Sorted.
   */
  readonly expose?: readonly string[];
  /** Where its Weave comes from. Absent: as its host's weave command has it. */
  readonly source?: WeaveSource;
}

/** @default of `timeoutSeconds` */
const TIMEOUT_SECONDS = 120;

/**
 * Pure. Changed connections alone are no change: the old ones stay in state, unless the new ones
 * are not known yet.
 */
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
    ...(news.seeded === true ? { seeded: true as const } : {}),
    ...(news.existing === true ? { existing: true as const } : {}),
    ...reader.optional("ipallocRange", read.cidr),
    ...reader.optional("dnsDomain", read.text()),
    ...reader.optional("dnsEntries", dnsEntries),
  };
  if (reader.problems.length === 0 && !containsUnknown([peers, connections])) {
    for (const [i, { host }] of peers.entries()) {
      if (!Object.hasOwn(connections, host))
        reader.problem(`peers[${i}].host`, `no connection is given for host '${host}'`);
    }
  }
  const { connections: oldConnections, ...oldRest } = olds;
  const kept =
    oldConnections !== undefined &&
    !containsUnknown(connections) &&
    isDeepStrictEqual(oldRest, rest)
      ? oldConnections
      : connections;
  return { inputs: { ...rest, connections: kept }, problems: reader.problems };
}

function peer(value: unknown): MeshPeer {
  if (typeof value !== "object" || value === null) throw new FerryError("is not a list of peers");
  const { host, address, peerName, dials, observer, expose, source } = value as Record<
    string,
    unknown
  >;
  return {
    host: read.text()(host),
    address: dialAddress(address),
    ...(absent(peerName) ? {} : { peerName: peerNameText(peerName) }),
    ...(absent(dials) ? {} : { dials: read.listOf(read.text())(dials).sort() }),
    ...(observer === true ? { observer } : {}),
    ...exposed(expose),
    ...(absent(source) ? {} : { source: weaveSource(source) }),
  };
}

const absent = (value: unknown) => value === undefined || value === null;

function exposed(value: unknown): Pick<MeshPeer, "expose"> {
  const expose = absent(value) ? false : exposure(value);
  return expose === false ? {} : { expose };
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

/**
 * Where a name of something outside is kept: on a few peers, since it goes with the router that
 * holds it.
 */
const NAME_KEEPERS = 3;

/**
 * Hosts whose peers keep names of things outside: the first electors, as they are those that stay.
 */
export function nameKeepers(peers: readonly Pick<MeshPeer, "host" | "observer">[]): string[] {
  const [electors, observers] = [
    peers.filter(({ observer }) => observer !== true),
    peers.filter(({ observer }) => observer === true),
  ];
  return [...electors, ...observers].slice(0, NAME_KEEPERS).map(({ host }) => host);
}
