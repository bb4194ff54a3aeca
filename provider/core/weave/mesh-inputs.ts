import { isDeepStrictEqual } from "util";
import { enclosing, formatAddress, lastOf, parseAddress } from "../addresses/ipv4";
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
  /** Addresses of the host itself on the overlay, "10.40.255.1/24"; none: one of Weave's range. Absent: not exposed. Sorted. */
  readonly expose?: readonly string[];
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
    oldConnections !== undefined && isDeepStrictEqual(oldRest, rest) ? oldConnections : connections;
  return { inputs: { ...rest, connections: kept }, problems: reader.problems };
}

function peer(value: unknown): MeshPeer {
  if (typeof value !== "object" || value === null) throw new FerryError("is not a list of peers");
  const { host, address, peerName, dials, observer, expose } = value as Record<string, unknown>;
  return {
    host: read.text()(host),
    address: read.dialAddress(address),
    ...(absent(peerName) ? {} : { peerName: read.peerNameText(peerName) }),
    ...(absent(dials) ? {} : { dials: read.listOf(read.text())(dials).sort() }),
    ...(observer === true ? { observer } : {}),
    ...exposure(expose),
  };
}

const absent = (value: unknown) => value === undefined || value === null;

function exposure(value: unknown): Pick<MeshPeer, "expose"> {
  if (absent(value) || value === false) return {};
  if (value === true) return { expose: [] };
  const list = read.listOf(read.text())(Array.isArray(value) ? value : [value]);
  if (list.length === 0) return {};
  return { expose: list.map(hostCidr).sort() };
}

/** An address with its prefix: "10.40.255.1/24" stays as it is, and is not cut down to the subnet. */
function hostCidr(text: string): string {
  const [address = "", prefix = ""] = text.split("/");
  const bits = /^\d{1,2}$/.test(prefix) ? Number(prefix) : 33;
  if (bits < 1 || bits > 30)
    throw new FerryError(`'${text}' is no address with its prefix, such as "10.40.255.1/24"`);
  const own = parseAddress(address);
  const subnet = enclosing(own, bits);
  if (own === subnet.base || own === lastOf(subnet))
    throw new FerryError(`'${text}' is the subnet's first or last address, and no host's`);
  return `${formatAddress(own)}/${bits}`;
}

function dnsEntries(value: unknown): Record<string, string[]> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new FerryError("is not a set of addresses by name");
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, each]: [string, unknown]): [string, string[]] => [
        dnsEntryName(name),
        [
          ...new Set(
            read
              .listOf(read.text())(Array.isArray(each) ? each : [each])
              .map((address) => formatAddress(parseAddress(address))),
          ),
        ].sort(),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function dnsEntryName(name: string): string {
  const normal = name.toLowerCase().replace(/\.$/, "");
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
  if (normal.length > 253 || !normal.split(".").every((each) => label.test(each)))
    throw new FerryError(`'${name}' is no legal DNS name`);
  return normal;
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

/** How a cluster's network is. */
export interface ClusterHealth {
  readonly status: string;
  readonly problems: readonly string[];
}
