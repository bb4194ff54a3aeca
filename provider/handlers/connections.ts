import type { Connection, Connections } from "../core/connection";

/**
 * The newest connection seen in this run for each address. `check` and `update` bring the program's own; `delete` and
 * `read` only have what state kept, whose keys may have been rotated since.
 */
const newest = new Map<string, Connection>();

const key = (connection: Connection) => `${connection.host}:${connection.port ?? 22}`;

/** Called with what the program says now. */
export function rememberConnections(connections: Connections): void {
  for (const connection of Object.values(connections)) newest.set(key(connection), connection);
}

/** The program's connection for this address when it was seen in this run, else the given one from state. */
export function newestConnection(fromState: Connection): Connection {
  return newest.get(key(fromState)) ?? fromState;
}
