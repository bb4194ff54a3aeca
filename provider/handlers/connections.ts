import { connectionKey, placeKey, type Connection, type Connections } from "../core/connection";

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

/**
 * The program's connection to the same place when it was seen in this run, else the given one from
 * state.
 */
export function newestConnection(fromState: Connection): Connection {
  const connection = newest.get(connectionKey(fromState)) ?? fromState;
  const knownHostKey = shownBefore.get(placeKey(connection));
  const isHeldToIt = connection.hostKey === undefined && knownHostKey !== undefined;
  return isHeldToIt ? { ...connection, knownHostKey } : connection;
}
