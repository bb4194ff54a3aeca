import { sizeOf, type Cidr } from "./ipv4";

/** What a deployment that came late should be able to grow to where it stands: 253 replicas. */
const ROOM = 24;

/** The part of a pool that deployments which came late are put in first, and all others last. */
export function lateHalf(pool: Cidr): Cidr {
  if (pool.prefix >= 31) return pool;
  return { base: pool.base + sizeOf(pool) / 2, prefix: pool.prefix + 1 };
}

/**
 * Where a deployment of that name may be put, each once, the best first: a place of its own by its
 * name, as nobody who comes earlier can know of it; then the ones after that, and last those of the
 * lower half.
 */
export function* lateBlocks(pool: Cidr, name: string, prefix: number): Generator<Cidr, void> {
  if (prefix < pool.prefix) return;
  const room = Math.max(Math.min(ROOM, prefix), Math.min(prefix, pool.prefix + 5));
  const step = 2 ** (32 - room);
  const places = sizeOf(pool) / step;
  const inHalf = Math.floor(places / 2);
  const start = hash(name) % Math.max(1, places - inHalf);
  for (let i = 0; i < places - inHalf; i++) {
    const place = inHalf + ((start + i) % (places - inHalf));
    yield { base: pool.base + place * step, prefix };
  }
  for (let place = inHalf - 1; place >= 0; place--) {
    yield { base: pool.base + place * step, prefix };
  }
}

/** FNV-1a: the same on every machine and in every release, or deployments would change places. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text, "utf8")) {
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  }
  return value;
}
