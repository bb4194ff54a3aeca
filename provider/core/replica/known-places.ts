import { placeKey, type Connection, type Connections } from "../connection";
import { containsUnknown, isUnknown, UNKNOWN } from "../unknown";

/**
 * What connections alone tell of hosts, without asking any: where a name leads, and which name
 * leads there now.
 */

/** The place that the connection leads to; UNKNOWN while any of it is, undefined without one. */
export function placeOf(connection: Connection | undefined): string | undefined {
  if (connection === undefined) return undefined;
  if (isUnknown(connection)) return UNKNOWN;
  const { host, port, proxy } = connection;
  return containsUnknown([host, port, proxy?.host, proxy?.port]) ? UNKNOWN : placeKey(connection);
}

/** Where one of the names leads. */
export function placeAmong(connections: Connections | undefined, host: string): string | undefined {
  if (connections === undefined) return undefined;
  return isUnknown(connections) ? UNKNOWN : placeOf(connections[host]);
}

const differ = (old: string | undefined, next: string | undefined) =>
  old !== undefined && next !== undefined && !isUnknown(old) && !isUnknown(next) && old !== next;

/** The host's name leads elsewhere than it did: another machine may answer there. */
export function hasOtherPlace(host: string, before: Connections, now: Connections): boolean {
  return differ(placeAmong(before, host), placeAmong(now, host));
}

/**
 * The name that leads to the place where this one did, when the program has none of this name any
 * more.
 */
export function nameNow(host: string, place: string | undefined, now: Connections): string {
  if (host in now || place === undefined || isUnknown(place)) return host;
  const names = Object.keys(now).filter((name) => placeOf(now[name]) === place);
  return names.sort()[0] ?? host;
}

/** A replica's host, and where its name leads. */
interface Placed {
  readonly host: string;
  readonly place?: string | undefined;
}

/** Both names lead to one place: whatever is on the host, it stays there. */
export function isRenamed(old: Placed, next: Placed): boolean {
  if (old.place === undefined || isUnknown(old.place)) return false;
  return old.host !== next.host && old.place === next.place;
}

/**
 * What a preview says of the replica's own host when its name or its way has changed; undefined
 * when neither has.
 */
export function placeInWords(old: Placed, next: Placed): string | undefined {
  if (isRenamed(old, next)) {
    return `host '${old.host}' is called '${next.host}' now: it stays there, untouched`;
  }
  if (old.host !== next.host || !differ(old.place, next.place)) return undefined;
  return (
    `host '${old.host}', where it is, has another address: when the same machine answers there, it stays untouched; when ` +
    "another one does, it moves there with its data, if the old machine still answers at the old address. Otherwise that " +
    "one counts as lost (`onSourceLost`)"
  );
}
