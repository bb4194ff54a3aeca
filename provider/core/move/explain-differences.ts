/**
 * One volume's comparison while its source runs: entries "<facts>\t<path>" with "<" or ">" in
 * front, and "Y<path>".
 */
export interface RunningComparison {
  /** Paths whose difference nothing explains. */
  readonly unexplained: readonly string[];
}

/**
 * A source that runs goes on changing, so differences are to be expected - but only where something
 * changed since the round began ("Y"): the cutover copies and compares those once more. Anything
 * else that differs was copied wrongly. An entry that only one side has is explained by a change of
 * its folder, or by its folder's own coming or going.
 */
export function explainDifferences(listing: string): RunningComparison {
  const changedSince = new Set<string>();
  const sides = new Map<string, { source: boolean; target: boolean }>();
  for (const record of listing.split("\0")) {
    const kind = record[0];
    if (kind === "Y") changedSince.add(clean(record.slice(1)));
    if (kind !== "<" && kind !== ">") continue;
    // A link's facts hold where it leads, and that may hold anything.
    const tab = record[1] === "l" ? record.lastIndexOf("\t") : record.indexOf("\t");
    const path = clean(record.slice(tab + 1));
    const found = sides.get(path) ?? { source: false, target: false };
    sides.set(path, kind === "<" ? { ...found, source: true } : { ...found, target: true });
  }
  const explained = (path: string): boolean => {
    if (changedSince.has(path)) return true;
    const found = sides.get(path);
    if (found === undefined || found.source === found.target) return false;
    const folder = folderOf(path);
    if (folder === undefined) return false;
    const above = sides.get(folder);
    const folderCameOrWent = above !== undefined && above.source !== above.target;
    return changedSince.has(folder) || (folderCameOrWent && explained(folder));
  };
  return { unexplained: [...sides.keys()].filter((path) => !explained(path)) };
}

/** "././a/b/" is "a/b"; the folder itself is "". */
function clean(path: string): string {
  return path
    .replace(/^(\.\/)+/, "")
    .replace(/^\.$/, "")
    .replace(/\/+$/, "");
}

function folderOf(path: string): string | undefined {
  if (path === "") return undefined;
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}
