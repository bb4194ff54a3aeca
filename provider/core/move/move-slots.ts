/**
 * Moves that a host takes part in at a time, unless the program says otherwise: disks and links are
 * shared by all.
 */
export const DEFAULT_MOVES_PER_HOST = 2;

/** A move that runs or waits for its turn. */
export interface MoveSlot {
  /** Its source and its target; a group of replicas may bring more. */
  readonly hosts: readonly string[];
}

/**
 * Which of those that wait may begin now, in the order in which they came. A move gets all of its
 * hosts at once or none, so that no two moves can hold what the other needs; and those that still
 * wait have a claim on their hosts before those that came later, so that nobody is passed over for
 * ever.
 */
export function slotsToGive<T extends MoveSlot>(
  running: readonly T[],
  waiting: readonly T[],
  movesPerHost: number,
): T[] {
  const taken = new Map<string, number>();
  const take = (slot: T) => {
    for (const host of new Set(slot.hosts)) taken.set(host, (taken.get(host) ?? 0) + 1);
  };
  running.forEach(take);
  const given: T[] = [];
  for (const slot of waiting) {
    if (slot.hosts.every((host) => (taken.get(host) ?? 0) < movesPerHost)) given.push(slot);
    // Given or not, its places are spoken for.
    take(slot);
  }
  return given;
}
