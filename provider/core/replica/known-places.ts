import { placeKey, type Connection, type Connections } from "../connection";
import { containsUnknown, isUnknown } from "../unknown";

/**
 * What connections alone tell of hosts, without asking any: where a name leads, and which name
 * leads there now.
 */

/** The place that the connection leads to; undefined while any of it is unknown. */
function placeOf(connection: Connection | undefined): string | undefined {
  if (connection === undefined || isUnknown(connection)) return undefined;
  const { host, port, proxy } = connection;
  return containsUnknown([host, port, proxy?.host, proxy?.port]) ? undefined : placeKey(connection);
}

/** The host's name leads elsewhere than it did: another machine may answer there. */
export function hasOtherPlace(host: string, before: Connections, now: Connections): boolean {
  if (isUnknown(before) || isUnknown(now)) return false;
  const [old, next] = [placeOf(before[host]), placeOf(now[host])];
  return old !== undefined && next !== undefined && old !== next;
}

/** The name that leads to where this one did, when the program has none of this name any more. */
export function nameNow(host: string, before: Connections | undefined, now: Connections): string {
  if (host in now || before === undefined || isUnknown(before)) return host;
  const place = placeOf(before[host]);
  if (place === undefined) return host;
  const names = Object.keys(now).filter((name) => placeOf(now[name]) === place);
  return names.sort()[0] ?? host;
}

interface Placed {
  readonly host: string;
  readonly connections: Connections;
}

/** Both names lead to one place: whatever is on the host, it stays there. */
export function isRenamed(old: Placed, next: Placed): boolean {
  if (isUnknown(old.connections) || isUnknown(next.connections)) return false;
  const place = placeOf(old.connections[old.host]);
  return (
    old.host !== next.host && place !== undefined && placeOf(next.connections[next.host]) === place
  );
}

/**
 * What a preview says of the replica's own host when its name or its way has changed; undefined
 * when neither has.
 */
export function placeInWords(old: Placed, next: Placed): string | undefined {
  if (isRenamed(old, next)) {
    return `host '${old.host}' is called '${next.host}' now: it stays there, untouched`;
  }
  if (old.host !== next.host || !hasOtherPlace(old.host, old.connections, next.connections)) {
    return undefined;
  }
  return (
    `host '${old.host}', where it is, has another address: when the same machine answers there, it stays untouched; when ` +
    "another one does, it moves there with its data, if the old machine still answers at the old address. Otherwise that " +
    "one counts as lost (`onSourceLost`)"
  );
}
