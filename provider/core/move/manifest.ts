/** How many differences a message shows. */
const SHOWN = 3;

/**
 * Differences between two manifests, one sentence each. An entry is "<facts>\t<path>", where facts
 * are whatever is compared (type, mode, owner, size, time, link); entries are separated by NUL, as
 * paths may hold anything else. Facts "attribute <name>=<value>" and "content <sum>" are told
 * without their values, which nobody could read, or should.
 */
export function manifestDifferences(
  source: { host: string; manifest: string },
  target: { host: string; manifest: string },
): string[] {
  const left = entries(source.manifest);
  const right = entries(target.manifest);
  const differences: string[] = [];
  for (const [what, facts] of left) {
    const other = right.get(what);
    if (other === undefined) differences.push(`${what} is only on '${source.host}'`);
    else if (other !== facts) {
      differences.push(
        what.startsWith("'")
          ? `${what} is ${facts} on '${source.host}' and ${other} on '${target.host}'`
          : `${what} differs`,
      );
    }
  }
  for (const what of right.keys()) {
    if (!left.has(what)) differences.push(`${what} is only on '${target.host}'`);
  }
  const more = differences.length - SHOWN;
  return more > 0 ? [...differences.slice(0, SHOWN), `and ${more} more`] : differences;
}

function entries(manifest: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of manifest.split("\0")) {
    const tab = entry.indexOf("\t");
    if (tab < 0) continue;
    const [what, facts] = read(entry.slice(0, tab), printable(entry.slice(tab + 1)));
    found.set(what, facts);
  }
  return found;
}

/** What an entry is about, and what it says of it. */
function read(facts: string, path: string): [what: string, facts: string] {
  const [, attribute, value = ""] = /^attribute ([^=]*)=?(.*)$/s.exec(facts) ?? [];
  if (attribute !== undefined) return [`attribute ${printable(attribute)} of '${path}'`, value];
  const [, sum] = /^content (.*)$/s.exec(facts) ?? [];
  return sum === undefined ? [`'${path}'`, printable(facts)] : [`the content of '${path}'`, sum];
}

/** Relative to the volume's folder, which is "." itself. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}]/gu, "?").replace(/^(\.\/)+/, "") || ".";
}
