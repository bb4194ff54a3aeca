import { compareCidrs, formatCidr, parseCidr, type Cidr } from "../addresses/ipv4";

/** Words that `ip route` puts in front of a route that leads nowhere. */
const KINDS = new Set([
  "unicast",
  "local",
  "broadcast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
]);

/**
 * The host's own routes as CIDRs, from `ip -4 route`: without the default route and without the
 * routes of the network's own devices. Sorted, without doubles.
 */
export function parseRoutes(text: string, devices: readonly string[]): string[] {
  const found = new Map<string, Cidr>();
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    const [destination] = KINDS.has(words[0] ?? "") ? words.slice(1) : words;
    const device = words[words.indexOf("dev") + 1];
    if (destination === undefined || !/^\d/.test(destination)) continue;
    if (device !== undefined && devices.includes(device)) continue;
    const block = parseCidr(destination.includes("/") ? destination : `${destination}/32`);
    // 0.0.0.0/1 and its like come with some VPNs: defaults in two halves, as wide as a default.
    if (block.prefix > 1) found.set(formatCidr(block), block);
  }
  return [...found.values()].sort(compareCidrs).map(formatCidr);
}
