import {
  compareCidrs,
  contains,
  enclosing,
  formatCidr,
  overlaps,
  without,
  type Cidr,
} from "./ipv4";
import type { PoolHistory, ReleasedSubnet } from "./model";
import { leftAlone } from "./releases";
import { roomsFor } from "./sizing";
import { freeSpace, isFree, lowestFree, take, takeAll, type Space } from "./space";

/** What the pool is and what of it nobody may be given. */
export interface PoolSettings {
  readonly pool: Cidr;
  readonly exclude: readonly Cidr[];
}

/**
 * How a deployment of the last update stands in this one: not named, again or for the first time,
 * or on its way elsewhere.
 */
export type Standing = "stays" | "leaves" | "rests";

export interface Claim {
  readonly deployment: string;
  readonly subnet: Cidr;
  /** In use until this update is done, and not after. */
  readonly leaving: boolean;
}

/** The pool while a check works on it: who has which part. */
export class AddressSpace {
  readonly pool: Cidr;
  readonly exclude: readonly Cidr[];
  /** Every subnet, those of the last update among them: they are in use until this one is done. */
  readonly claims: Claim[] = [];
  private readonly excluded: Space;
  /** Claims and exclusions. */
  private taken: Space;
  /** What is taken and what others have had in earlier updates. */
  private reserved: Space;
  /** What is held, and the room that every subnet may grow into. */
  private roomy: Space;
  /** What others have had in earlier updates and may come back to; the oldest first. */
  private readonly resting: ReleasedSubnet[];

  constructor(
    settings: PoolSettings,
    history: PoolHistory,
    standing: (deployment: string) => Standing,
  ) {
    this.pool = settings.pool;
    this.exclude = [...settings.exclude].sort(compareCidrs);
    this.excluded = takeAll(freeSpace(settings.pool), settings.exclude);
    this.taken = this.excluded;
    this.resting = leftAlone([
      ...history.released,
      ...[...history.deployments].flatMap(([by, { subnet, missing: generation }]) =>
        generation !== undefined && standing(by) === "rests" ? [{ by, subnet, generation }] : [],
      ),
    ]);
    this.reserved = takeAll(
      this.excluded,
      this.resting.map(({ subnet }) => subnet),
    );
    this.roomy = this.reserved;
    for (const [deployment, { subnet }] of history.deployments) {
      const stands = standing(deployment);
      if (stands !== "rests") this.claim(deployment, subnet, stands === "leaves");
    }
  }

  claim(deployment: string, subnet: Cidr, leaving = false): void {
    this.claims.push({ deployment, subnet, leaving });
    this.taken = take(this.taken, subnet);
    this.reserved = take(this.reserved, subnet);
    this.roomy = take(this.roomy, roomAround(subnet));
  }

  /** The exclusion that a block touches. */
  exclusionOn(block: Cidr): Cidr | undefined {
    if (isFree(this.excluded, block)) return undefined;
    return this.exclude.find((exclusion) => overlaps(exclusion, block));
  }

  /**
   * Why a deployment cannot have a block: a clause, or undefined when it can. `own` is what it has
   * already, which is no obstacle.
   */
  obstacle(deployment: string, block: Cidr, own?: Cidr): string | undefined {
    if (!contains(this.pool, block)) return `it is outside the pool ${formatCidr(this.pool)}`;
    const exclusion = this.exclusionOn(block);
    if (exclusion) return `it overlaps the exclusion ${formatCidr(exclusion)}`;
    if (partsBeside(block, own).every((part) => isFree(this.taken, part))) return undefined;
    const claim = this.claims.find(
      (other) => other.deployment !== deployment && overlaps(other.subnet, block),
    );
    if (!claim) return undefined;
    const until = claim.leaving ? ", which keeps it until this update is done" : "";
    return `it overlaps the subnet ${formatCidr(claim.subnet)} of deployment '${claim.deployment}'${until}`;
  }

  /** Whether somebody who may come back has had a part of the block that is not `own`. */
  isResting(block: Cidr, own: Cidr): boolean {
    return partsBeside(block, own).some((part) =>
      this.resting.some(({ subnet }) => overlaps(subnet, part)),
    );
  }

  /**
   * A free block of that prefix length where it can grow: out of the room of others if possible,
   * else in the widest free surroundings. Parts that others have had are used when there is nothing
   * else, the oldest first.
   */
  place(prefix: number): Cidr | undefined {
    const [widest = prefix, ...narrower] = roomsFor(prefix);
    const apart = lowestFree(this.roomy, widest);
    if (apart) return { base: apart.base, prefix };
    for (;;) {
      for (const room of [widest, ...narrower]) {
        const block = lowestFree(this.reserved, room);
        if (block) return { base: block.base, prefix };
      }
      const oldest = this.resting[0]?.generation;
      if (oldest === undefined) return undefined;
      const later = this.resting.findIndex(({ generation }) => generation > oldest);
      this.resting.splice(0, later < 0 ? this.resting.length : later);
      this.reserved = takeAll(
        this.taken,
        this.resting.map(({ subnet }) => subnet),
      );
    }
  }
}

/** The widest block that a subnet may want to grow to, given where it starts. */
function roomAround(subnet: Cidr): Cidr {
  const rooms = roomsFor(subnet.prefix).map((prefix) => enclosing(subnet.base, prefix));
  return rooms.find(({ base }) => base === subnet.base) ?? subnet;
}

function partsBeside(block: Cidr, own: Cidr | undefined): Cidr[] {
  if (!own || !overlaps(block, own)) return [block];
  return contains(own, block) ? [] : without(block, own);
}
