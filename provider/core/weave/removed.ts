import type { RouterReport } from "./report";

/**
 * A peer that was removed for good: its share of the range belongs to others now, so it may never
 * rejoin with it.
 */
export interface RemovedPeer {
  /** Weave's name of the peer. */
  readonly peerName: string;
  /** What the program called the host. */
  readonly host: string;
  /** When, as an ISO time. */
  readonly since: string;
}

/** The file in which a host that stays keeps them in mind. */
export function removedText(peers: readonly RemovedPeer[]): string {
  return `${JSON.stringify({ version: 1, peers: sorted(peers) }, undefined, 2)}\n`;
}

/**
 * What cannot be read counts as nothing: Weave itself turns a peer away that claims what is no
 * longer its own.
 */
export function parseRemoved(text: string | undefined): RemovedPeer[] {
  if (text === undefined) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  const { peers } = (parsed ?? {}) as { peers?: unknown };
  return sorted(Array.isArray(peers) ? peers.filter(isRemovedPeer) : []);
}

function isRemovedPeer(value: unknown): value is RemovedPeer {
  if (typeof value !== "object" || value === null) return false;
  const { peerName, host, since } = value as Record<string, unknown>;
  return [peerName, host, since].every((each) => typeof each === "string");
}

const sorted = (peers: readonly RemovedPeer[]) =>
  peers.toSorted((a, b) => (a.peerName < b.peerName ? -1 : a.peerName > b.peerName ? 1 : 0));

/** What is known of a peer that is met again. */
export interface MetPeer {
  readonly peerName: string;
  /** What its own router says; undefined when none runs. */
  readonly report: RouterReport | undefined;
}

/**
 * Whether a peer that is met has to be reset first: it was removed, and still believes that it
 * holds what others have taken over. Then: reset it without handing anything back (`reset({
 * handBack: false })`), launch it as a new peer, and strike it off the lists (`unmarkRemoved`). One
 * whose router does not run is reset too, as nobody knows what it believes. Established
 * connections prove nothing: such a peer is let in for a moment at each attempt.
 * @param removed what the peers that stay keep in mind
 * @param staying what those say now
 */
export function mustBeReset(
  { peerName, report }: MetPeer,
  removed: readonly RemovedPeer[],
  staying: readonly RouterReport[],
): RemovedPeer | undefined {
  const marked = removed.find((each) => each.peerName === peerName);
  if (marked === undefined || report === undefined) return marked;
  const known = Math.max(0, ...staying.map((each) => shareOf(each, peerName)));
  return shareOf(report, peerName) > known ? marked : undefined;
}

/** How many addresses a peer holds, as a router sees it. */
function shareOf({ ipam }: RouterReport, peerName: string): number {
  return ipam?.shares.find((share) => share.peerName === peerName)?.addresses ?? 0;
}
