import { quoted } from "./problems";

/** Longest label of a DNS name. */
export const MAX_DNS_LABEL = 63;

/**
 * Why a name cannot be a label of a DNS name, with one that could; undefined when it can. Names of
 * services, link aliases and deployments are labels. The bound on a whole name (253) is the
 * business of who puts it together.
 */
export function validateDnsLabel(name: string): string | undefined {
  if (name === "") return "'' is not a DNS label: it is empty. Give it a name.";
  if (name.length > MAX_DNS_LABEL)
    return `${quoted(name)} has ${name.length} characters, and a DNS label has at most ${MAX_DNS_LABEL}. Shorten it.`;
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) return undefined;
  const better = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const hint = better === "" ? "" : `, for example '${better}'`;
  return `${quoted(name)} is not a DNS label: it may have lower-case letters, digits and inner '-' only. Rename it${hint}.`;
}

/** The nearest of the candidates when it is near enough to be a slip of the hand. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > 40) return undefined;
  let best: string | undefined;
  let bestDistance = name.length <= 5 ? 2 : 3;
  for (const candidate of [...candidates].sort()) {
    const distance = editDistance(name.toLowerCase().replaceAll("-", "_"), candidate);
    // A name of one letter is not a slip of every other name of one letter.
    if (distance < bestDistance && distance < Math.max(name.length, candidate.length))
      [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** " Did you mean 'ports'?" or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const near = nearest(name, candidates);
  return near === undefined ? "" : ` Did you mean ${quoted(near)}?`;
}

/**
 * Insertions, deletions, replacements and swaps of letters side by side that make one of the other.
 */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      current.push(cost);
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length] ?? 0;
}

/** A name that Docker takes for a volume. */
export const isDockerName = (name: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name);

/** What may stand in a container's /etc/hosts. */
export const isHostName = (name: string): boolean => /^[\w.-]{1,253}$/.test(name);

/** IPv4 or IPv6, without a port or a zone. */
export function isIpAddress(text: string): boolean {
  const bytes = text.split(".");
  if (bytes.length === 4)
    return bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && +byte < 256);
  return /^[0-9a-fA-F:.]+$/.test(text) && text.includes(":") && URL.canParse(`http://[${text}]/`);
}
