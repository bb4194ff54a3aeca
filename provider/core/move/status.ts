import type { Claim, Findings } from "./findings";

/** What runs have left undone, as a replica's hosts say; undefined when all is well. For a refresh. */
export function statusInWords(
  { journals, copies }: Findings,
  best: Claim,
): string | undefined {
  const { host, copy } = best;
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
  for (const stray of copies) {
    if (stray !== copy && stray.running) words.push(`an out-of-date copy runs on '${stray.host}'`);
  }
  if (words.length === 0) return undefined;
  return `${words.join("; ")}: the next \`pulumi up\` puts it right`;
}
