import type { AddressSpace } from "./address-space";
import { contains, enclosing, formatCidr, overlaps, sizeOf, type Cidr } from "./ipv4";
import type { SubnetRequest } from "./model";
import { nameSome } from "./order";
import { tightPrefix } from "./sizing";

/** No private block is wider than 10.0.0.0/8. */
const WIDEST_ADVISED = 8;

/** Whether everything would have a place... */
export interface WhatIf {
  /** ...in another pool. */
  inPool(pool: Cidr): boolean;
  /** ...in this pool after an update in which the deployments that leave have gone. */
  onceLeft(): boolean;
}

/** Says that the pool has no room for some deployments, how much is needed, and what would do. */
export function describeShortage(
  space: AddressSpace,
  unplaced: readonly SubnetRequest[],
  whatIf: WhatIf,
): string {
  const { pool, exclude, claims } = space;
  const staying = claims.filter(({ leaving }) => !leaving).map(({ subnet }) => subnet);
  const leavers = new Set(
    claims.filter(({ leaving }) => leaving).map(({ deployment }) => deployment),
  );
  const wanted = unplaced.map(({ replicas }) => 2 ** (32 - tightPrefix(replicas.length)));
  const needed = total(staying) + wanted.reduce((sum, size) => sum + size, 0);
  const clipped = exclude.flatMap((block) => {
    if (!overlaps(block, pool)) return [];
    return [contains(block, pool) ? pool : block];
  });
  const there = sizeOf(pool) - total(clipped);

  let prefix = pool.prefix - 1;
  while (prefix >= WIDEST_ADVISED && !whatIf.inPool(enclosing(pool.base, prefix))) prefix--;
  const wayOut = [
    prefix >= WIDEST_ADVISED
      ? `use a pool of /${prefix} or wider that contains this one`
      : "take an exclusion back, or use another pool",
  ];
  if (leavers.size > 0 && whatIf.onceLeft()) {
    wayOut.push(`remove ${nameSome([...leavers])} in an update of its own first`);
  }
  const fault =
    needed > there
      ? `is too small: ${needed} addresses are needed for all subnets and ${there} are there`
      : `has no free block that is wide enough: ${needed} of ${there} addresses are needed for all subnets`;
  const who = nameSome(unplaced.map(({ deployment }) => deployment));
  return (
    `the pool ${formatCidr(pool)} ${fault}, so there is no subnet for ` +
    `${unplaced.length > 1 ? "deployments" : "deployment"} ${who}. To make room, ${wayOut.join(", or ")}.`
  );
}

/** How many addresses the blocks have together; those that lie in another count once. */
function total(blocks: readonly Cidr[]): number {
  let end = 0;
  let sum = 0;
  for (const block of [...blocks].sort((a, b) => a.base - b.base || a.prefix - b.prefix)) {
    if (block.base < end) continue;
    end = block.base + sizeOf(block);
    sum += sizeOf(block);
  }
  return sum;
}
