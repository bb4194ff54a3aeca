/** How many differences a message shows. */
const SHOWN = 3;

/**
 * Differences between two manifests, one sentence each. An entry is "<facts>\t<path>", where facts are whatever is
 * compared (type, mode, owner, size, time, link); entries are separated by NUL, as paths may hold anything else.
 */
export function manifestDifferences(
  source: { host: string; manifest: string },
  target: { host: string; manifest: string },
): string[] {
  const left = entries(source.manifest);
  const right = entries(target.manifest);
  const differences: string[] = [];
  for (const [path, facts] of left) {
    const other = right.get(path);
    if (other === undefined) differences.push(`'${path}' is only on '${source.host}'`);
    else if (other !== facts) {
      differences.push(
        `'${path}' is ${facts} on '${source.host}' and ${other} on '${target.host}'`,
      );
    }
  }
  for (const path of right.keys()) {
    if (!left.has(path)) differences.push(`'${path}' is only on '${target.host}'`);
  }
  const more = differences.length - SHOWN;
  return more > 0 ? [...differences.slice(0, SHOWN), `and ${more} more`] : differences;
}

function entries(manifest: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of manifest.split("\0")) {
    const tab = entry.indexOf("\t");
    if (tab < 0) continue;
    found.set(printable(entry.slice(tab + 1)) || ".", entry.slice(0, tab));
  }
  return found;
}

function printable(path: string): string {
  return path.replace(/[\p{Cc}]/gu, "?");
}
