import type { Connection, Connections } from "../../core/connection";
import type { JournalEntry } from "../../core/move/journal";
import type { Discovery } from "./discover";

/** Where a move that is not over has begun something. */
const goal = ({ role, other }: JournalEntry): string[] =>
  (role === "source" || role === "target") && other !== undefined ? [other] : [];

/**
 * The ways that state keeps, for runs without the program: to hosts that have something of the
 * replica, and to those that were not heard and may have something.
 */
export function waysKept(
  { findings, former, places }: Discovery,
  connections: Connections,
  hosts: { readonly concerned: readonly string[]; readonly known: readonly string[] },
): Connections {
  const unheard = hosts.known.filter((name) => !places.called.has(name));
  const names = new Set([
    ...hosts.concerned,
    ...findings.instances.map(({ host }) => host),
    ...Object.entries(findings.journals).flatMap(([host, entry]) => [host, ...goal(entry)]),
    ...former.map(({ host }) => host),
    ...unheard,
  ]);
  const ways = [...names].sort().flatMap((name): [string, Connection][] => {
    const connection = connections[name];
    return connection === undefined ? [] : [[name, connection]];
  });
  return Object.fromEntries(ways);
}
