import { normaliseTarget } from "./settings";

/** What a topology says about one peer. */
export interface PeerRole {
  /** Addresses that the peer keeps dialling; sorted. */
  readonly targets: readonly string[];
  readonly elector: boolean;
}

/**
 * A uniform cluster: every peer dials every other one, and all are electors. Keys and result are by host name, values
 * the addresses that other peers dial.
 */
export function uniform(addresses: Readonly<Record<string, string>>): Record<string, PeerRole> {
  return Object.fromEntries(
    Object.keys(addresses).map((host) => [
      host,
      {
        targets: normaliseTargets(
          Object.entries(addresses)
            .filter(([other]) => other !== host)
            .map(([, address]) => address),
          addresses[host],
        ),
        elector: true,
      },
    ]),
  );
}

/** Sorted, without doubles and without the peer itself: a router that dials itself never stops trying. */
export function normaliseTargets(targets: readonly string[], own?: string): string[] {
  const self = own === undefined ? undefined : normaliseTarget(own);
  return [...new Set(targets.map(normaliseTarget))].filter((target) => target !== self).sort();
}

/** How many electors have to agree: more than half of them. */
export function quorumOf(electors: number): number {
  return Math.floor(electors / 2) + 1;
}
