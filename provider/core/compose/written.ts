/** A text whose variables were filled in, or why they could not be. */
export type Interpolated = { readonly text: string } | { readonly problem: string };

/** A text that had variables in it, which messages show in place of what came out. */
export class Filled {
  constructor(
    readonly written: string,
    readonly result: Interpolated,
  ) {}
}

/** `!reset` takes away what stands before, `!override` puts itself in its place. */
export class Tagged {
  constructor(
    readonly tag: "reset" | "override",
    readonly node: Written,
  ) {}
}

/** A file's tree before others are put on top of it. */
export type Written = string | null | Filled | Tagged | readonly Written[] | WrittenMapping;
export type WrittenMapping = ReadonlyMap<string, Written>;

/** The text that stands there; what could not be filled in as it is written; nothing of no text. */
export function textIn(node: Written): string | undefined {
  if (!(node instanceof Filled)) return typeof node === "string" ? node : undefined;
  return "text" in node.result ? node.result.text : node.written;
}

/** Another text, or a part of it, that came out of the same variables. */
export function changed(node: Written, change: (text: string) => string): Written {
  if (typeof node === "string") return change(node);
  if (!(node instanceof Filled) || !("text" in node.result)) return node;
  return new Filled(node.written, { text: change(node.result.text) });
}

/** One whose variables are not there: what it says is not known. */
export const isUnset = (node: Written): node is Filled & { result: { problem: string } } =>
  node instanceof Filled && "problem" in node.result;
