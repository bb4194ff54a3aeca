/** Who mounts which host-local volumes. */
export interface Mounting {
  /** "redis-0". */
  readonly key: string;
  /** Keys of the host-local volumes that it mounts. */
  readonly volumes: readonly string[];
}

/**
 * Replicas that must be on one host because of the volumes that they share, directly or by way of
 * others. Groups are in the order of their first members, and so are members; a replica that shares
 * nothing is a group of its own.
 */
export function groupsOf<T extends Mounting>(replicas: readonly T[]): T[][] {
  // A forest over positions: each leads to its group's first member.
  const parents = replicas.map((_, index) => index);
  const root = (index: number): number => {
    let at = index;
    for (let up = parents[at]; up !== undefined && up !== at; up = parents[at]) {
      parents[at] = parents[up] ?? up;
      at = up;
    }
    return at;
  };
  const firstUser = new Map<string, number>();
  replicas.forEach(({ volumes }, index) => {
    for (const volume of volumes) {
      const other = firstUser.get(volume);
      if (other === undefined) firstUser.set(volume, index);
      else {
        const [first, second] = [root(other), root(index)].sort((a, b) => a - b) as [
          number,
          number,
        ];
        parents[second] = first;
      }
    }
  });
  const groups = new Map<number, T[]>();
  replicas.forEach((replica, index) => {
    const group = groups.get(root(index));
    if (group === undefined) groups.set(root(index), [replica]);
    else group.push(replica);
  });
  return [...groups.values()];
}
