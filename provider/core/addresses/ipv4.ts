import { FerryError } from "../errors";

/**
 * A block of IPv4 addresses: 2^(32 - prefix) of them from `base` on; `base` is a multiple of that
 * number.
 */
export interface Cidr {
  /** 0 to 2^32 - 1. */
  readonly base: number;
  /** 0 to 32. */
  readonly prefix: number;
}

/**
 * Reads "10.40.0.2". Throws a FerryError that says what is wrong with the text; it ends without a
 * full stop.
 */
export function parseAddress(text: string): number {
  const parts = text.split(".");
  if (parts.length !== 4) {
    throw notAnAddress(text, "it needs four numbers with dots between them");
  }
  let value = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) {
      throw notAnAddress(text, `'${part}' is not a number from 0 to 255`);
    }
    if (part.length > 1 && part.startsWith("0")) {
      throw notAnAddress(text, `'${part}' has a leading zero`);
    }
    value = value * 256 + Number(part);
  }
  return value;
}

/**
 * Reads "10.40.0.0/13". Throws as `parseAddress` does, and when the address is not the first of its
 * block.
 */
export function parseCidr(text: string): Cidr {
  const slash = text.indexOf("/");
  if (slash < 0) {
    throw notACidr(text, "it has no prefix length, such as the /24 in 10.40.0.0/24");
  }
  const length = text.slice(slash + 1);
  if (!/^(0|[1-9]\d?)$/.test(length) || Number(length) > 32) {
    throw notACidr(text, `the prefix length '${length}' is not a number from 0 to 32`);
  }
  const prefix = Number(length);
  const address = parseAddress(text.slice(0, slash));
  const block = enclosing(address, prefix);
  if (block.base !== address) {
    throw notACidr(text, `it does not start at a network address; ${formatCidr(block)} does`);
  }
  return block;
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

export function formatCidr(block: Cidr): string {
  return `${formatAddress(block.base)}/${block.prefix}`;
}

/** How many addresses a block has: 1 to 2^32. */
export function sizeOf(block: Cidr): number {
  return 2 ** (32 - block.prefix);
}

export function lastOf(block: Cidr): number {
  return block.base + sizeOf(block) - 1;
}

/** The one block of that prefix length that the address lies in. */
export function enclosing(address: number, prefix: number): Cidr {
  const size = 2 ** (32 - prefix);
  return { base: Math.floor(address / size) * size, prefix };
}

export function containsAddress(block: Cidr, address: number): boolean {
  return address >= block.base && address <= lastOf(block);
}

/** True when every address of `inner` is in `outer`; a block contains itself. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && containsAddress(outer, inner.base);
}

/** Two blocks share an address only when one contains the other. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return contains(a, b) || contains(b, a);
}

export function sameCidr(a: Cidr, b: Cidr): boolean {
  return a.base === b.base && a.prefix === b.prefix;
}

/** By address, the wider block first. */
export function compareCidrs(a: Cidr, b: Cidr): number {
  return a.base - b.base || a.prefix - b.prefix;
}

/**
 * What is left of `outer` without `inner`, which it contains: one block of each length between the
 * two, that is, the buddies that `inner` meets as it grows to `outer`, nearest first.
 */
export function without(outer: Cidr, inner: Cidr): Cidr[] {
  const buddies: Cidr[] = [];
  for (let prefix = inner.prefix; prefix > outer.prefix; prefix--) {
    const { base } = enclosing(inner.base, prefix);
    const size = 2 ** (32 - prefix);
    const isLower = base % (2 * size) === 0;
    buddies.push({ base: isLower ? base + size : base - size, prefix });
  }
  return buddies;
}

function notAnAddress(text: string, reason: string): FerryError {
  return new FerryError(`'${text}' is not an IPv4 address: ${reason}`);
}

function notACidr(text: string, reason: string): FerryError {
  return new FerryError(`'${text}' is not a CIDR: ${reason}`);
}
