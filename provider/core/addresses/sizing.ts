import { lastOf, type Cidr } from "./ipv4";

/**
 * Not handed out: the network address, the broadcast address, and the first usable one, which is
 * kept for the host itself (`Network.hostAddresses`).
 */
const RESERVED = 3;

/** A subnet that Ferry sizes has at least 32 addresses, 29 of them for replicas. */
const NARROWEST = 27;

/**
 * Sized for this many times the replicas that there are, so that growing (a new mask for all) stays
 * rare.
 */
const HEAD_ROOM = 1.5;

/** How many times a new subnet should be able to double in place: /27 to /22. */
const DOUBLINGS = 5;

/** How many replicas a subnet of that prefix length holds. */
export function capacityOf(prefix: number): number {
  return Math.max(0, 2 ** (32 - prefix) - RESERVED);
}

/** The narrowest prefix length that holds so many replicas. */
export function tightPrefix(replicas: number): number {
  let prefix = 30;
  while (prefix > 0 && capacityOf(prefix) < replicas) prefix--;
  return prefix;
}

/** The prefix length that a new subnet for so many replicas should have: need and head-room. */
export function roomyPrefix(replicas: number): number {
  return Math.min(NARROWEST, tightPrefix(Math.ceil(replicas * HEAD_ROOM)));
}

/**
 * Prefix lengths of the free block to look for when placing a subnet: with most room to grow first,
 * without last.
 */
export function roomsFor(prefix: number): number[] {
  const widest = Math.max(0, prefix - DOUBLINGS);
  return Array.from({ length: prefix - widest + 1 }, (_, i) => widest + i);
}

/** The address that Ferry leaves to the host itself. */
export function exposeAddress(subnet: Cidr): number {
  return subnet.base + 1;
}

/** The lowest address that a replica may have. */
export function firstLeasable(subnet: Cidr): number {
  return subnet.base + 2;
}

/** The highest address that a replica may have. */
export function lastLeasable(subnet: Cidr): number {
  return lastOf(subnet) - 1;
}

export function isLeasable(subnet: Cidr, address: number): boolean {
  return address >= firstLeasable(subnet) && address <= lastLeasable(subnet);
}
