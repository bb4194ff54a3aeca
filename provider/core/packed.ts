/** What a program says in one text (resources/dynamic-resource.ts: packed). */
export const PACKED = "said";

/** Inputs as they are; what is said beside the text counts, as `ignoreChanges` puts old values there. */
export function unpacked(inputs: Record<string, unknown>): Record<string, unknown> {
  const { [PACKED]: text, ...rest } = inputs;
  if (typeof text !== "string") return inputs;
  return { ...(JSON.parse(text) as Record<string, unknown>), ...rest };
}
