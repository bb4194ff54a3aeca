import type { RouterReport } from "./report";

/** A peer that was removed for good: its share of the range belongs to others now, so it may never rejoin with it. */
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

/** What cannot be read counts as nothing: Weave itself turns a peer away that claims what is no longer its own. */
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

/**
 * Whether a peer that is met has to be fenced first: it was removed, its share was taken over, and it has not been let in
 * since. Then: stop it, reset it without handing anything back (`reset({ handBack: false })`), launch it as a new peer, and
 * strike it off the lists (`unmarkRemoved`).
 * @param peerName of the router that runs, or of the one that would be launched
 * @param removed what the peers that stay keep in mind
 * @param staying what those say now
 */
export function mustFence(
  peerName: string,
  removed: readonly RemovedPeer[],
  staying: readonly RouterReport[],
): RemovedPeer | undefined {
  const marked = removed.find((each) => each.peerName === peerName);
  if (marked === undefined) return undefined;
  return staying.some(({ establishedWith }) => establishedWith.includes(peerName))
    ? undefined
    : marked;
}
