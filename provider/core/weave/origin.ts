/**
 * How a router came to its host, as the host keeps it in mind. launched: by Ferry, which takes it
 * off again. found: it ran before; then this is what it dialled, and which addresses its host had,
 * when Ferry came.
 */
export type RouterOrigin =
  | { readonly kind: "launched" }
  | {
      readonly kind: "found";
      readonly targets: readonly string[];
      readonly exposed: readonly string[];
    };

/** The file in which the host keeps it in mind. */
export function originText(origin: RouterOrigin): string {
  return `${JSON.stringify({ version: 1, ...origin }, undefined, 2)}\n`;
}

/** What cannot be read counts as nothing. */
export function parseOrigin(text: string | undefined): RouterOrigin | undefined {
  if (text === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { kind, targets, exposed } = (parsed ?? {}) as Record<string, unknown>;
  if (kind === "launched") return { kind };
  return kind === "found" && isTexts(targets) && isTexts(exposed)
    ? { kind, targets, exposed }
    : undefined;
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");
