import { createHash } from "crypto";

/**
 * The layers that images have in common are those that they begin with: what a layer is follows from
 * all below it. Each image is the list of its layers, the lowest first.
 */
export function sharedLayers(
  image: readonly string[],
  others: readonly (readonly string[])[],
): readonly string[] {
  const longest = others.reduce((most, other) => Math.max(most, commonLength(image, other)), 0);
  return image.slice(0, longest);
}

function commonLength(one: readonly string[], other: readonly string[]): number {
  const end = one.findIndex((layer, at) => layer !== other[at]);
  return end < 0 ? one.length : end;
}

/** Docker's name for each layer together with all below it. */
export function chainIds(layers: readonly string[]): string[] {
  const chains: string[] = [];
  for (const layer of layers) {
    const below = chains.at(-1);
    chains.push(below === undefined ? layer : digestOf(`${below} ${layer}`));
  }
  return chains;
}

/**
 * Which of these layers the folder of an archive of Docker 20.10 has: its name is the hash of its own
 * description and of the layer's chain, so that none can be mistaken for another one.
 */
export function chainOfFolder(
  folder: string,
  description: string,
  chains: readonly string[],
): string | undefined {
  const said = descriptionOf(description);
  if (said === undefined) return undefined;
  const { id: _id, parent, os, ...rest } = said;
  const below = typeof parent === "string" ? { parent: `sha256:${parent}` } : {};
  // The topmost one's says the system in its name as well.
  const forms = [{ ...rest, ...below }, ...(os === undefined ? [] : [{ ...rest, ...below, os }])];
  return chains.find((chain) =>
    forms.some((form) => digestOf(inGo({ ...form, layer_id: chain })) === `sha256:${folder}`),
  );
}

function descriptionOf(text: string): Record<string, unknown> | undefined {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null ? { ...said } : undefined;
  } catch {
    return undefined;
  }
}

/** JSON as Go writes a map. */
function inGo(map: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted)).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const digestOf = (text: string): string =>
  `sha256:${createHash("sha256").update(text).digest("hex")}`;
