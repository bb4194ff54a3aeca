import { didYouMean } from "./name-rules";
import type { Place } from "./problems";
import { mapping, type Parser } from "./scalars";
import type { Content, Node } from "./yaml";

/** A key that is understood: how, for docs/compose.md, and what reads it into the draft. */
export interface SupportedField<D> {
  readonly how: string;
  parse(node: Content, at: Place, draft: D): void;
}

/**
 * A key that is known and not supported: why, and the way out. Shown in errors and in
 * docs/compose.md.
 */
export interface RefusedField {
  readonly reason: string;
}

/**
 * The keys of one kind of mapping in the file, as data: what is not in here is unknown. Readers and
 * documentation both come from it.
 */
export type FieldTable<D> = Readonly<Record<string, SupportedField<D> | RefusedField>>;

export const refuse = (reason: string): RefusedField => ({ reason });

/** A field whose value goes straight into one property of the draft. */
export function into<D, K extends keyof D>(
  property: K,
  parser: Parser<NonNullable<D[K]>>,
  how: string,
): SupportedField<D> {
  return {
    how,
    parse(node, at, draft) {
      const value = parser(node, at);
      if (value !== undefined) draft[property] = value;
    },
  };
}

/** A field that says nothing where it stands with an empty text, as one with a variable may. */
export function unlessEmpty<D>(
  field: SupportedField<D>,
  isEmpty: (node: Content) => boolean = (node) => node === "",
): SupportedField<D> {
  return {
    how: field.how,
    parse(node, at, draft) {
      if (!isEmpty(node)) field.parse(node, at, draft);
    },
  };
}

/**
 * A field that says nothing to a container on a remote host: told in one line, never in silence.
 */
export function passedOver(why: string): SupportedField<unknown> {
  return {
    how: `Told and passed over: ${why}`,
    parse: (_, at) => at.note(`is passed over: ${why}`),
  };
}

/** A field that is checked and changes nothing. */
export function withoutEffect<D>(parser: Parser<unknown>, how: string): SupportedField<D> {
  return { how, parse: (node, at) => void parser(node, at) };
}

/**
 * Reads every key of a mapping by its table. Keys that start with x- are the user's own; an empty
 * key says nothing.
 */
export function readFields<D>(table: FieldTable<D>, node: Node, at: Place, draft: D): boolean {
  const fields = mapping(node, at);
  if (fields === undefined) return false;
  for (const [key, value] of fields) {
    if (key.startsWith("x-") && !Object.hasOwn(table, key)) continue;
    const field = Object.hasOwn(table, key) ? table[key] : undefined;
    const here = at.key(key);
    if (field === undefined)
      here.problem(`unknown key.${didYouMean(key, Object.keys(table)) || " Remove it."}`);
    else if ("reason" in field) here.problem(`not supported: ${field.reason}`);
    else if (value !== null) field.parse(value, here, draft);
  }
  return true;
}
