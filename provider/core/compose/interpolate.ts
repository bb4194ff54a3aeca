import type { Place } from "./problems";
import { Filled, Tagged, type Interpolated, type Written } from "./written";
import { isMapping, isSequence, type Node } from "./yaml";

/** Where `${VARIABLE}` comes from. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Own properties only: `${constructor}` is not set. */
export function lookUp(variables: Variables, name: string): string | undefined {
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}

/** Knows the value of a variable, or that there is none. */
export type LookUp = (name: string) => string | undefined;

/** So that what is not set hides nothing where two are put together. */
export const definedOnly = (variables: Variables): Variables =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));

/**
 * Fills in $NAME, ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:?message}, ${NAME?message},
 * ${NAME:+other}, ${NAME+other} and $$; a `$` that begins neither a name nor a brace is a plain one.
 * A variable that is not set and has no default is a problem, never an empty text.
 */
export function interpolate(text: string, variables: Variables | LookUp): Interpolated {
  if (!text.includes("$")) return { text };
  const known = typeof variables === "function" ? variables : asLookUp(variables);
  const reader = new TemplateReader(text, known);
  const result = reader.read(undefined, true);
  return reader.problem === undefined ? { text: result } : { problem: reader.problem };
}

const asLookUp =
  (variables: Variables): LookUp =>
  (name) =>
    lookUp(variables, name);

/**
 * The tree with variables filled into its texts, before files and services are put on top of each
 * other: what they are put together by may stand in a variable. Keys stay as they are.
 */
export function filledIn(node: Written, variables: Variables): Written {
  if (typeof node === "string")
    return node.includes("$") ? new Filled(node, interpolate(node, variables)) : node;
  if (node instanceof Tagged) return new Tagged(node.tag, filledIn(node.node, variables));
  if (isMapping(node))
    return new Map([...node].map(([key, value]) => [key, filledIn(value, variables)]));
  return isSequence(node) ? node.map((item) => filledIn(item, variables)) : node;
}

/**
 * A tree that is whole, as texts: what could not be filled in is told, and messages do not show what
 * was.
 */
export function asTexts(node: Written, at: Place): Node {
  if (isMapping(node))
    return new Map([...node].map(([key, value]) => [key, asTexts(value, at.key(key))]));
  if (isSequence(node)) return node.map((item, index) => asTexts(item, at.index(index)));
  if (node instanceof Tagged) return asTexts(node.node, at);
  if (!(node instanceof Filled)) return node;
  at.markFilledIn(node.written);
  if ("text" in node.result) return node.result.text;
  return at.problem<Node>(node.result.problem, node.written) ?? null;
}

const MAX_DEPTH = 20;

class TemplateReader {
  problem: string | undefined;
  private position = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly variable: LookUp,
  ) {}

  /**
   * Up to the closing brace, or the end. `live` is false inside a default that is not taken: it may
   * be unset.
   */
  read(end: "}" | undefined, live: boolean): string {
    let out = "";
    while (this.problem === undefined && this.position < this.text.length) {
      const char = this.text[this.position++] ?? "";
      if (char === end) return out;
      out += char === "$" ? this.dollar(live) : char;
    }
    if (end !== undefined)
      this.fail("has a '${' without its '}'. Close it, or write '$$' for a plain '$'.");
    return out;
  }

  private dollar(live: boolean): string {
    if (this.text[this.position] === "$") {
      this.position++;
      return "$";
    }
    const braces = this.text[this.position] === "{";
    if (braces) this.position++;
    const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(this.text.slice(this.position))?.[0];
    if (name === undefined) {
      if (!braces) return "$";
      return this.fail(
        "has a '${' without a variable's name after it. Write '$${' for a plain one.",
      );
    }
    this.position += name.length;
    const value = this.variable(name);
    if (!braces) return value ?? this.unset(name, live);
    return this.operator(name, value, live);
  }

  private operator(name: string, value: string | undefined, live: boolean): string {
    const operator = /^(:?[-?+]|\})/.exec(this.text.slice(this.position))?.[0];
    if (operator === undefined || ++this.depth > MAX_DEPTH)
      return this.fail(
        `has something after \${${name} that is none of '}', ':-', '-', ':?', '?', ':+', '+'. Write '$$' for a plain '$'.`,
      );
    this.position += operator.length;
    if (operator === "}") {
      this.depth--;
      return value ?? this.unset(name, live);
    }
    const given = operator.startsWith(":")
      ? value !== undefined && value !== ""
      : value !== undefined;
    const kind = operator.at(-1);
    const word = this.read("}", live && given === (kind === "+"));
    this.depth--;
    if (kind === "+") return given ? word : "";
    if (given) return value ?? "";
    if (kind === "-") return word;
    return live
      ? this.fail(
          `needs the variable ${name}${word === "" ? "" : `: ${word}`}. Give it in \`variables\`.`,
        )
      : "";
  }

  private unset(name: string, live: boolean): string {
    if (!live) return "";
    return this.fail(
      `uses the variable ${name}, which is not set. Give it in \`variables\`, or write a default: \${${name}:-default}.`,
    );
  }

  private fail(reason: string): string {
    // Never with the text itself: it may be a password that has a "$" in it.
    this.problem ??= reason;
    return "";
  }
}
