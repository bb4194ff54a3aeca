import { FerryError } from "../errors";
import { normaliseTarget } from "./settings";

/** What a running router says of itself and its network: the part of `/report` that Ferry reads. */
export interface RouterReport {
  readonly version: string;
  readonly peerName: string;
  readonly nickname: string;
  readonly encrypted: boolean;
  /** Sorted. */
  readonly targets: readonly string[];
  readonly connections: readonly PeerConnection[];
  /**
   * Names of the peers that this one has an established connection with, as the network was told.
   * Sorted.
   */
  readonly establishedWith: readonly string[];
  readonly ipam: IpamReport | undefined;
  readonly dnsDomain: string | undefined;
  /**
   * Names that this peer gives to addresses that are no container's. Sorted, as are the addresses
   * of each.
   */
  readonly externalNames: readonly ExternalName[];
}

export interface ExternalName {
  /** In full, without a dot at its end: "printer.weave.local". */
  readonly name: string;
  readonly addresses: readonly string[];
}

/** One connection or attempt. */
export interface PeerConnection {
  /** "10.0.0.2:6783" for the side that dialled; the other side sees some port of the dialler's. */
  readonly address: string;
  readonly outbound: boolean;
  /** established, pending, connecting, retrying, failed or waiting. */
  readonly state: string;
  /** Why, in Weave's words. */
  readonly info: string;
  /**
   * How long its router waits until it dials again, in seconds; only while it waits and the host
   * has told its time.
   */
  readonly waitSeconds?: number;
}

export interface IpamReport {
  readonly range: string;
  /** The electors have agreed, and this peer knows the outcome. */
  readonly ready: boolean;
  /** How many electors have to be known, and how many are, while that is still open. */
  readonly quorum?: { readonly needed: number; readonly known: number };
  /** How many addresses of the range each peer holds. */
  readonly shares: readonly IpamShare[];
}

export interface IpamShare {
  readonly peerName: string;
  readonly nickname: string;
  readonly addresses: number;
  /** False: the peer is absent. */
  readonly reachable: boolean;
}

/**
 * Reads the JSON of `/report`.
 * @param now the host's own time, in seconds since 1970, against which it says when it dials again
 */
export function parseReport(text: string, now?: number): RouterReport {
  const root = asObject(parseJson(text));
  const router = asObject(root.Router);
  const name = asString(router.Name);
  const own = asArray(router.Peers)
    .map(asObject)
    .find((peer) => peer.Name === name);
  const established = asArray(own?.Connections)
    .map(asObject)
    .filter((connection) => connection.Established === true)
    .map((connection) => asString(connection.Name));
  return {
    version: asString(root.Version),
    peerName: name,
    nickname: asString(router.NickName),
    encrypted: router.Encryption === true,
    targets: asArray(router.Targets).map(asString).map(normaliseTarget).sort(),
    connections: asArray(router.Connections)
      .map(asObject)
      .map((connection) => connectionOf(connection, now)),
    establishedWith: [...new Set(established)].sort(),
    ipam: root.IPAM === undefined || root.IPAM === null ? undefined : ipamOf(asObject(root.IPAM)),
    dnsDomain:
      root.DNS === undefined || root.DNS === null
        ? undefined
        : asString(asObject(root.DNS).Domain).replace(/\.$/, ""),
    externalNames: externalNames(asObject(root.DNS), name),
  };
}

/**
 * Weave keeps a name that was taken away as a tombstone for a while, and shows the names of all
 * peers.
 */
function externalNames(dns: Json, peerName: string): ExternalName[] {
  const names = new Map<string, Set<string>>();
  for (const entry of asArray(dns.Entries).map(asObject)) {
    const { Origin, ContainerID, Tombstone, Hostname, Address } = entry;
    if (Origin !== peerName || ContainerID !== "weave:extern" || asNumber(Tombstone) !== 0)
      continue;
    const name = asString(Hostname).replace(/\.$/, "");
    names.set(name, (names.get(name) ?? new Set()).add(asString(Address)));
  }
  return [...names]
    .map(([name, addresses]) => ({ name, addresses: [...addresses].sort() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

type Json = Record<string, unknown>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FerryError("Weave's report is not JSON");
  }
}

const asObject = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
const asArray = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const asString = (value: unknown): string => (typeof value === "string" ? value : "");
const asNumber = (value: unknown): number => (typeof value === "number" ? value : 0);

function connectionOf(connection: Json, now: number | undefined): PeerConnection {
  const info = asString(connection.Info).trim().replace(/\s+/g, " ");
  const waitSeconds = waitIn(info, now);
  return {
    address: asString(connection.Address),
    outbound: connection.Outbound === true,
    state: asString(connection.State),
    info,
    ...(waitSeconds === undefined ? {} : { waitSeconds }),
  };
}

/** "..., retry: 2020-01-01 00:00:09.12 +0100 CET m=+9.77", as Go writes a moment. */
const NEXT = /(?:retry|until): (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d\d)(\d\d)/;

function waitIn(info: string, now: number | undefined): number | undefined {
  const [, day = "", time = "", hours = "", minutes = ""] = NEXT.exec(info) ?? [];
  const next = Date.parse(`${day}T${time}${hours}:${minutes}`) / 1000;
  return now === undefined || Number.isNaN(next) ? undefined : Math.max(0, next - now);
}

function ipamOf(ipam: Json): IpamReport {
  const paxos = asObject(ipam.Paxos);
  const shares = new Map<string, IpamShare>();
  for (const entry of asArray(ipam.Entries).map(asObject)) {
    const peerName = asString(entry.Peer);
    shares.set(peerName, {
      peerName,
      nickname: asString(entry.Nickname),
      addresses: (shares.get(peerName)?.addresses ?? 0) + asNumber(entry.Size),
      reachable: entry.IsKnownPeer === true,
    });
  }
  const quorum = asNumber(paxos.Quorum);
  return {
    range: asString(ipam.Range),
    ready: shares.size > 0,
    ...(quorum > 0 ? { quorum: { needed: quorum, known: asNumber(paxos.KnownNodes) } } : {}),
    shares: [...shares.values()].sort((a, b) => (a.peerName < b.peerName ? -1 : 1)),
  };
}
