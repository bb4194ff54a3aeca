/** A replica to be placed. */
export interface PlacementRequest {
  /** "redis-0". */
  readonly key: string;
  /** The user's word, where it is known while the program runs. */
  readonly host?: string;
  /** Keys of the host-local volumes that it mounts: replicas that share one belong on one host. */
  readonly volumes: readonly string[];
}

/**
 * Where each replica goes that has no host yet: spread over the hosts, the least laden first, ties by the hosts' names.
 * Deterministic and without state; stickiness is the replica's own (its `check` keeps the host that it has), so adding a
 * host or a replica moves nothing.
 */
export function suggestHosts(
  requests: readonly PlacementRequest[],
  hosts: readonly string[],
): Readonly<Record<string, string>> {
  const candidates = [...new Set(hosts)].sort();
  if (candidates.length === 0) return {};
  const load = new Map(candidates.map((host) => [host, 0]));
  const hostOfVolume = new Map<string, string>();
  const suggestions: Record<string, string> = {};
  const place = (request: PlacementRequest, host: string) => {
    suggestions[request.key] = host;
    load.set(host, (load.get(host) ?? 0) + 1);
    for (const volume of request.volumes) hostOfVolume.set(volume, host);
  };
  const ordered = [...requests].sort((a, b) => (a.key < b.key ? -1 : 1));
  // What the user has placed counts as load, and draws those that share its volumes.
  for (const request of ordered) if (request.host !== undefined) place(request, request.host);
  for (const request of ordered) {
    if (request.host !== undefined) continue;
    const shared = request.volumes
      .map((volume) => hostOfVolume.get(volume))
      .find((host) => host !== undefined);
    place(request, shared ?? leastLaden(candidates, load));
  }
  return suggestions;
}

function leastLaden(candidates: readonly string[], load: ReadonlyMap<string, number>): string {
  return candidates.reduce((best, host) =>
    (load.get(host) ?? 0) < (load.get(best) ?? 0) ? host : best,
  );
}
