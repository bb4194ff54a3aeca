const UNITS: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, g: 3, t: 4 };

/** What a message says of the accepted forms. */
export const SIZE_FORMS =
  "Write bytes, or a number with b, k, m, g or t (powers of 1024): 512m, 1.5g, 64kb.";

/** Bytes; undefined when the text is none of SIZE_FORMS. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(?:([kmgt])(?:i?b)?|(b))?$/i.exec(text);
  if (match === null) return undefined;
  const unit = (match[2] ?? match[3] ?? "b").toLowerCase();
  const bytes = Math.floor(Number(match[1]) * 1024 ** (UNITS[unit] ?? 0));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
