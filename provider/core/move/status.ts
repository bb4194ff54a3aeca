import type { Claim, Findings } from "./findings";

/**
 * What runs have left undone, as a replica's hosts say; undefined when all is well. For a refresh.
 */
export function statusInWords({ journals, instances }: Findings, best: Claim): string | undefined {
  const { host, instance } = best;
  const entry = journals[host];
  const words: string[] = [];
  if (entry?.role === "source") {
    words.push(`a move to '${entry.other ?? ""}' was cut off at '${entry.step}'`);
  }
  if (entry?.role === "target") {
    words.push(`its move from '${entry.other ?? ""}' was committed, but not finished`);
  }
  for (const [other, { role }] of Object.entries(journals)) {
    if (other === host) continue;
    if (role === "target" && entry?.role !== "source") {
      words.push(`a copy on '${other}' was never finished`);
    }
    if (role === "source") words.push(`'${other}', which it has left, is not cleared up`);
  }
  for (const stray of instances) {
    const role = journals[stray.host]?.role;
    // That of a move is told of already.
    if (stray === instance || role === "target" || role === "source") continue;
    const what = stray.running
      ? "an out-of-date copy runs"
      : "a container that counts no more is left";
    words.push(`${what} on '${stray.host}'`);
  }
  if (words.length === 0) return undefined;
  return `${words.join("; ")}: the next \`pulumi up\` puts it right`;
}
