import { Address4 } from "ip-address";
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
  // A text with a slash is a block to the library.
  const read = text.includes("/") ? undefined : readByLibrary(text);
  if (read === undefined) throw notAnAddress(text);
  return valueOf(read);
}

/**
 * Reads "10.40.0.0/13". Throws as `parseAddress` does, and when the address is not the first of its
 * block.
 */
export function parseCidr(text: string): Cidr {
  const [address = "", ...rest] = text.split("/");
  if (rest.length === 0) {
    throw notACidr(text, "it has no prefix length, such as the /24 in 10.40.0.0/24");
  }
  const length = rest.join("/");
  if (!/^(0|[1-9]\d?)$/.test(length) || Number(length) > 32) {
    throw notACidr(text, `the prefix length '${length}' is not a number from 0 to 32`);
  }
  const read = readByLibrary(text);
  if (read === undefined) throw notAnAddress(address);
  const block = enclosing(valueOf(read), read.subnetMask);
  if (block.base !== valueOf(read)) {
    throw notACidr(text, `it does not start at a network address; ${formatCidr(block)} does`);
  }
  return block;
}

function readByLibrary(text: string): Address4 | undefined {
  try {
    return new Address4(text);
  } catch {
    return undefined;
  }
}

/** Not by way of its `bigInt`, which writes and reads a text: a state has thousands of addresses. */
function valueOf({ parsedAddress }: Address4): number {
  return parsedAddress.reduce((value, part) => value * 256 + Number(part), 0);
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

/** In words of our own: the library says no more than that it is none. */
function notAnAddress(text: string): FerryError {
  return new FerryError(`'${text}' is not an IPv4 address: ${whatIsWrong(text.split("."))}`);
}

function whatIsWrong(parts: readonly string[]): string {
  if (parts.length !== 4) return "it needs four numbers with dots between them";
  const isNumber = (part: string) => /^\d{1,3}$/.test(part) && Number(part) <= 255;
  const wrong = parts.find((part) => !isNumber(part) || /^0./.test(part)) ?? "";
  return isNumber(wrong)
    ? `'${wrong}' has a leading zero`
    : `'${wrong}' is not a number from 0 to 255`;
}

function notACidr(text: string, reason: string): FerryError {
  return new FerryError(`'${text}' is not a CIDR: ${reason}`);
}
