import type { TakenLock } from "../../core/lock";
import type { Host } from "../../core/adapter-ports";

/** A host, and where its locks are: equal for two names of one machine. */
export interface Placed {
  readonly host: Host;
  readonly place: string;
}

/**
 * Takes one lock for each place, in the places' own order; all or none. The locks come in the order
 * of `wanted`.
 */
export async function inOrder(
  wanted: readonly Placed[],
  take: (host: Host) => Promise<TakenLock>,
): Promise<TakenLock[]> {
  const hosts = new Map([...wanted].reverse().map(({ place, host }) => [place, host]));
  const taken = new Map<string, TakenLock>();
  try {
    for (const [place, host] of [...hosts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      taken.set(place, await take(host));
    }
    return wanted.flatMap(({ place }) => taken.get(place) ?? []);
  } catch (error) {
    await Promise.allSettled([...taken.values()].map((lock) => lock.release()));
    throw error;
  }
}
