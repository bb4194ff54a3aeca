import { enclosing, formatAddress, lastOf, parseAddress } from "../addresses/ipv4";
import { FerryError } from "../errors";
import * as read from "../input-reader";

/** Addresses of a host itself on the overlay; none: one of Weave's range. false: not exposed. */
export function exposure(value: unknown): string[] | false {
  if (value === false) return false;
  if (value === true) return [];
  const list = read.listOf(read.text())(Array.isArray(value) ? value : [value]);
  return list.map(hostCidr).sort();
}

/**
 * An address with its prefix: "10.40.255.1/24" stays as it is, and is not cut down to the subnet.
 */
function hostCidr(text: string): string {
  const [address = "", prefix = ""] = text.split("/");
  const bits = /^\d{1,2}$/.test(prefix) ? Number(prefix) : 33;
  if (bits < 1 || bits > 30)
    throw new FerryError(`'${text}' is no address with its prefix, such as "10.40.255.1/24"`);
  const own = parseAddress(address);
  const subnet = enclosing(own, bits);
  if (own === subnet.base || own === lastOf(subnet))
    throw new FerryError(`'${text}' is the subnet's first or last address, and no host's`);
  return `${formatAddress(own)}/${bits}`;
}

/** Names of things outside with their addresses, in one spelling. */
export function dnsEntries(value: unknown): Record<string, string[]> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new FerryError("is not a set of addresses by name");
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, each]: [string, unknown]): [string, string[]] => [
        dnsEntryName(name),
        [
          ...new Set(
            read
              .listOf(read.text())(Array.isArray(each) ? each : [each])
              .map((address) => formatAddress(parseAddress(address))),
          ),
        ].sort(),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function dnsEntryName(name: string): string {
  const normal = name.toLowerCase().replace(/\.$/, "");
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
  if (normal.length > 253 || !normal.split(".").every((each) => label.test(each)))
    throw new FerryError(`'${name}' is no legal DNS name`);
  return normal;
}
