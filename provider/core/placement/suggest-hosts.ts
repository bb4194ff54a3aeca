import { groupsOf, type Mounting } from "./groups";

/** A replica to be placed. */
export interface PlacementRequest extends Mounting {
  /** The user's word, where it is known while the program runs. */
  readonly host?: string;
}

/** Hosts by the replicas' keys. */
export type Placements = Readonly<Record<string, string>>;

/**
 * Where each replica goes that has no host yet: spread over the hosts, the least laden first, ties
 * by the hosts' names; replicas that share a volume go to one host. What is `loaded` already is
 * load as well. Nothing goes to a host that is being drained, unless there is no other.
 * Deterministic and without state; stickiness is the replica's own (its `check` keeps the host that
 * it has), so adding a host or a replica moves nothing.
 */
export function suggestHosts(
  requests: readonly PlacementRequest[],
  hosts: readonly string[],
  draining: readonly string[] = [],
  loaded: ReadonlyMap<string, number> = new Map(),
): Placements {
  const all = [...new Set(hosts)].sort();
  const staying = all.filter((host) => !draining.includes(host));
  // With nowhere to go, `check` says so, host by host.
  const candidates = staying.length > 0 ? staying : all;
  if (candidates.length === 0) return {};
  const load = new Map(loaded);
  const suggestions: Record<string, string> = {};
  const ordered = [...requests].sort((a, b) => (a.key < b.key ? -1 : 1));
  const groups = groupsOf(ordered).map((members) => ({
    members,
    host: members.find(({ host }) => host !== undefined)?.host,
  }));
  // What the user has placed counts as load, and draws those that share its volumes.
  for (const placed of [true, false]) {
    for (const { members, host } of groups) {
      if ((host !== undefined) !== placed) continue;
      const to = host ?? leastLaden(candidates, load);
      for (const member of members) suggestions[member.key] = member.host ?? to;
      load.set(to, (load.get(to) ?? 0) + members.length);
    }
  }
  return suggestions;
}

function leastLaden(candidates: readonly string[], load: ReadonlyMap<string, number>): string {
  return candidates.reduce((best, host) =>
    (load.get(host) ?? 0) < (load.get(best) ?? 0) ? host : best,
  );
}
