import { contains, type Cidr } from "./ipv4";

/**
 * Which addresses of a block are free, as a binary tree of buddies: a node is wholly free, wholly
 * taken, or split in two halves. Immutable, so that something can be tried and dropped; every
 * operation looks at no more than 33 nodes.
 */
export interface Space {
  readonly root: Cidr;
  readonly node: Node;
}

type Node = "free" | "taken" | Split;

interface Split {
  readonly low: Node;
  readonly high: Node;
  /** Prefix length of the widest free block inside; NONE when there is none. */
  readonly widest: number;
}

const NONE = 33;

export function freeSpace(root: Cidr): Space {
  return { root, node: "free" };
}

/** Marks the part of the block that lies in the space. Taking what is taken changes nothing. */
export function take(space: Space, block: Cidr): Space {
  if (contains(block, space.root)) return { root: space.root, node: "taken" };
  if (!contains(space.root, block)) return space;
  return { root: space.root, node: takeIn(space.node, space.root, block) };
}

export function takeAll(space: Space, blocks: Iterable<Cidr>): Space {
  let result = space;
  for (const block of blocks) result = take(result, block);
  return result;
}

/** True when the block lies in the space and nothing of it is taken. */
export function isFree(space: Space, block: Cidr): boolean {
  return contains(space.root, block) && nodeAt(space, block) === "free";
}

/** True when the block lies in the space and all of it is taken. */
export function isTaken(space: Space, block: Cidr): boolean {
  return contains(space.root, block) && nodeAt(space, block) === "taken";
}

/** The free block of that prefix length with the lowest address. */
export function lowestFree(space: Space, prefix: number): Cidr | undefined {
  let { node, root: at } = space;
  if (widestFree(node, at) > prefix) return undefined;
  while (typeof node === "object") {
    const [low, high] = halves(at);
    const goLow = widestFree(node.low, low) <= prefix;
    at = goLow ? low : high;
    node = goLow ? node.low : node.high;
  }
  return { base: at.base, prefix };
}

function takeIn(node: Node, at: Cidr, block: Cidr): Node {
  if (node === "taken" || at.prefix >= block.prefix) return "taken";
  const [low, high] = halves(at);
  const parts = node === "free" ? { low: node, high: node } : { low: node.low, high: node.high };
  if (contains(low, block)) parts.low = takeIn(parts.low, low, block);
  else parts.high = takeIn(parts.high, high, block);
  if (parts.low === "taken" && parts.high === "taken") return "taken";
  return { ...parts, widest: Math.min(widestFree(parts.low, low), widestFree(parts.high, high)) };
}

/**
 * The state of the block's own node, or of the wholly free or wholly taken one that it is part of.
 */
function nodeAt(space: Space, block: Cidr): Node {
  let { node, root: at } = space;
  while (typeof node === "object" && at.prefix < block.prefix) {
    const [low, high] = halves(at);
    const goLow = contains(low, block);
    at = goLow ? low : high;
    node = goLow ? node.low : node.high;
  }
  return node;
}

function widestFree(node: Node, at: Cidr): number {
  if (node === "free") return at.prefix;
  return node === "taken" ? NONE : node.widest;
}

function halves(block: Cidr): [Cidr, Cidr] {
  const prefix = block.prefix + 1;
  return [
    { base: block.base, prefix },
    { base: block.base + 2 ** (32 - prefix), prefix },
  ];
}
