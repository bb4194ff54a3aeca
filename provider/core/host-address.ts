/** Where a host is, as one may write it: port and user in one word with it or beside it. */
export interface Address {
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
}

/**
 * The same with each part in its own place, and an address of IPv6 without brackets:
 * "deploy@[::1]:2222", "node1:22", "ssh://node1", "fe80::1%eth0". Where that cannot be, what is
 * wrong, to be read after "its `host`".
 */
export function plainAddress<A extends Address>(given: A): A | string {
  const text = given.host.trim().replace(/^ssh:\/\/([^/]*)\/?$/i, "$1");
  const at = text.lastIndexOf("@");
  const user = at < 0 ? undefined : text.slice(0, at);
  const rest = text.slice(at + 1);
  const [, bracketed, inner, , behind] =
    /^(?:\[([^\]]*)\]|([^:]*)|(.*))(?::(\d+))?$/.exec(rest) ?? [];
  const isBare = isIPv6(unscoped(rest));
  const host = isBare ? rest : (bracketed ?? inner ?? "");
  const port = isBare || behind === undefined ? undefined : Number(behind);
  if (bracketed !== undefined && !isIPv6(unscoped(bracketed)))
    return "has brackets around what is no address of IPv6";
  if (!isIPv6(unscoped(host)) && !/^[A-Za-z0-9_]([A-Za-z0-9._-]*)$/.test(host)) {
    return "is neither a name nor an address";
  }
  if (/^[\d.]+$/.test(host) && !isIPv4(host)) return "is neither a name nor an address";
  if (port !== undefined && (port < 1 || port > 65535)) return "has a port that is none";
  if (user === "") return "has no user before its @";
  if (port !== undefined && given.port !== undefined && port !== given.port) {
    return `says port ${port}, and \`port\` says ${given.port}`;
  }
  if (user !== undefined && given.user !== undefined && user !== given.user) {
    return "says another user than `user`";
  }
  return {
    ...given,
    host: mapped(host),
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
  };
}

/**
 * What other machines dial: without a user and SSH's port, which are of no use there. Else as it is
 * written.
 */
export function machineAddress(host: string): string {
  const plain = plainAddress({ host });
  if (typeof plain === "string" || plain.host === host.toLowerCase()) return host;
  return plain.host;
}

/** Without the interface that an address of one link needs. */
function unscoped(host: string): string {
  return host.replace(/%[\w.-]+$/, "");
}

/** An address of IPv4 that is written as one of IPv6 is the same place. */
function mapped(host: string): string {
  const [, inner = ""] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host) ?? [];
  return isIPv4(inner) ? inner : host.toLowerCase();
}

function isIPv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}

function isIPv6(text: string): boolean {
  return /^[\da-f:.]+$/i.test(text) && text.includes(":") && URL.canParse(`http://[${text}]/`);
}
