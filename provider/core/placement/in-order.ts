import { suggestHosts, type PlacementRequest, type Placements } from "./suggest-hosts";

/** What a program declares on a cluster in one go. */
export interface Declared {
  /** One replica by itself, beside all that was declared before; else a deployment's, which are spread among themselves. */
  readonly byHand: boolean;
  /** Volumes by names that are theirs in the whole cluster. */
  readonly replicas: readonly PlacementRequest[];
}

/**
 * Where replicas go that have no host yet, one declaration after the other (`suggestHosts`): one by
 * hand to the host that carries least of what was declared before it, or to that of a volume which
 * it shares. What comes later changes nothing of what came before, and each is looked at once, so
 * that `declared` may grow meanwhile.
 */
export function* placeInOrder(
  declared: Iterable<Declared>,
  hosts: readonly string[],
  draining: readonly string[] = [],
): Generator<Placements, void> {
  const load = new Map<string, number>();
  const homes = new Map<string, string>();
  for (const { byHand, replicas } of declared) {
    const placed = byHand
      ? suggestHosts(replicas.map(drawnBy(homes)), hosts, draining, load)
      : suggestHosts(replicas, hosts, draining);
    for (const { key, volumes } of replicas) {
      const host = placed[key];
      if (host === undefined) continue;
      load.set(host, (load.get(host) ?? 0) + 1);
      for (const volume of volumes) homes.set(volume, homes.get(volume) ?? host);
    }
    yield placed;
  }
}

const drawnBy =
  (homes: ReadonlyMap<string, string>) =>
  (replica: PlacementRequest): PlacementRequest => {
    const [home] = replica.volumes.flatMap((volume) => homes.get(volume) ?? []);
    return replica.host === undefined && home !== undefined ? { ...replica, host: home } : replica;
  };
