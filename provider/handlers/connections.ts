import { connectionKey, placeKey, type Connection, type Connections } from "../core/connection";
import type { HostDirectory } from "../core/adapter-ports";

/**
 * The newest connection seen in this run for each place and user, the way there being part of the
 * place. `check` and `update` bring the program's own; `delete` and `read` only have what state
 * kept, whose keys may have been rotated since.
 */
const newest = new Map<string, Connection>();

/** Called with what the program says now. */
export function rememberConnections(connections: Connections): void {
  for (const connection of Object.values(connections))
    newest.set(connectionKey(connection), connection);
}

/** Keys that hosts have shown in runs before, by place, as `Connection.knownHostKey` takes them. */
const shownBefore = new Map<string, string>();

/** What was trusted at its first use is held to that from then on. */
export function rememberShownKey(connection: Connection, key: string): void {
  shownBefore.set(placeKey(connection), key);
}

/** Keys that hosts have shown in this run, by place. */
const shownNow = new Map<string, string>();

/** `hosts`, with the key that each one shows noted. */
export function notingKeys(hosts: HostDirectory): HostDirectory {
  return {
    async open(name, settings, effort) {
      const host = await hosts.open(name, settings, effort);
      shownNow.set(placeKey(host.asked), host.hostKey);
      return host;
    },
    close: () => hosts.close(),
  };
}

/** What the program pins for it now, where it was seen in this run. */
export function pinnedNow(connection: Connection): string | undefined {
  return newest.get(connectionKey(connection))?.hostKey;
}

/** The key that this place is held to, or has shown. */
export function keyOf(connection: Connection): string | undefined {
  const place = placeKey(connection);
  return pinnedNow(connection) ?? shownBefore.get(place) ?? shownNow.get(place);
}

export function isPinnedToKey(connection: Connection): boolean {
  return shownBefore.has(placeKey(connection));
}

/** As a process of its own begins. */
export function forgetKeys(): void {
  newest.clear();
  shownBefore.clear();
  shownNow.clear();
}

/**
 * The program's connection to the same place when it was seen in this run, else the given one from
 * state.
 */
export function newestConnection(fromState: Connection): Connection {
  const connection = newest.get(connectionKey(fromState)) ?? fromState;
  const knownHostKey = shownBefore.get(placeKey(connection));
  const isPinned = connection.hostKey === undefined && knownHostKey !== undefined;
  return isPinned ? { ...connection, knownHostKey } : connection;
}
