import { interpolate, lookUp, type Variables } from "./interpolate";
import type { Place } from "./problems";

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
  ...{ '"': '"', "\\": "\\", $: "$$" },
};

/** Where a name in an env file comes from: who is asked first stands first. */
export interface EnvFileScope {
  /** The program's, and before an `env_file` the service's own environment. */
  readonly variables: Variables;
  /** What stands before the file: earlier env files. */
  readonly earlier: Variables;
}

/**
 * An env file's variables, as Compose reads them: NAME=value or NAME: value, with `export` in front
 * at will; # starts a comment at the beginning of a line, after a quoted value, and after a space.
 * Quoted values may have several lines; single quotes take them as they are, double quotes know
 * escapes. Variables are filled in except in single quotes. A bare NAME takes the value of the
 * variable, and is left out where there is none.
 */
export function parseEnvFile(
  content: string,
  fileName: string,
  { variables, earlier }: EnvFileScope,
  at: Place,
): Record<string, string> | undefined {
  const read = new Map<string, string>();
  const known = (name: string) =>
    lookUp(variables, name) ?? read.get(name) ?? lookUp(earlier, name);
  for (const entry of entries(content.replace(/^\uFEFF/, ""))) {
    // Messages name the line and never show it: values are often secret.
    const wrong = (why: string) =>
      at.problem<Record<string, string>>(`line ${entry.line} of ${fileName} ${why}`);
    if ("problem" in entry) return wrong(entry.problem);
    const { name, value } = entry;
    if (value === undefined) {
      const found = known(name);
      if (found !== undefined) read.set(name, found);
      continue;
    }
    const filledIn = value.literal ? { text: value.text } : interpolate(value.text, known);
    if ("problem" in filledIn)
      return wrong(`has a '$' that cannot be filled in. Set the variable, or use single quotes.`);
    read.set(name, filledIn.text);
  }
  return Object.fromEntries(read);
}

interface Value {
  readonly text: string;
  readonly literal: boolean;
}

type Entry = { readonly line: number } & Read;

const NAME = /(?:export[ \t]+)?([\w.[\]-]+)[ \t]*(?:([=:])[ \t]*|(?=#|\r?\n|\r?$))/y;
const QUOTED = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/sy;
const END_OF_QUOTED = /[ \t]*(?:#[^\n]*)?(?=\r?\n|\r?$)/y;

/** Goes through a text from its beginning to its end. */
class Scanner {
  line = 1;
  private position = 0;
  private counted = 0;

  constructor(private readonly text: string) {}

  get next(): string | undefined {
    return this.text[this.position];
  }

  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match !== null) this.position = pattern.lastIndex;
    return match;
  }

  /** To where the next entry begins, which is the line that messages name. */
  skip(pattern: RegExp): void {
    this.take(pattern);
    for (; this.counted < this.position; this.counted++)
      if (this.text[this.counted] === "\n") this.line++;
  }
}

const BLANK = /(?:\s+|#[^\n]*)*/y;

function* entries(content: string): Generator<Entry> {
  const text = new Scanner(content);
  for (;;) {
    text.skip(BLANK);
    if (text.next === undefined) return;
    const { line } = text;
    const entry = nextEntry(text);
    yield { line, ...entry };
    if ("problem" in entry) return;
  }
}

type Read = { readonly name: string; readonly value?: Value } | { readonly problem: string };

function nextEntry(text: Scanner): Read {
  const named = text.take(NAME);
  if (named === null) return { problem: "is not NAME=value." };
  const [, name = "", sign] = named;
  if (sign === undefined) return { name };
  if (text.next !== "'" && text.next !== '"') {
    const written = text.take(/[^\n]*/y)?.[0] ?? "";
    return { name, value: { text: unquoted(written), literal: false } };
  }
  const quoted = text.take(QUOTED);
  if (quoted === null) return { problem: "has a quote that is not closed. Close it." };
  if (text.take(END_OF_QUOTED) === null)
    return { problem: "has something after its closing quote. Remove it." };
  const [, single, double = ""] = quoted;
  if (single === undefined) return { name, value: { text: unescaped(double), literal: false } };
  return { name, value: { text: single.replaceAll("\\'", "'"), literal: true } };
}

const unquoted = (written: string) => written.replace(/ #[^]*$/, "").trim();

function unescaped(written: string): string {
  return written.replace(/\\(?:0([0-7]{1,3})|(.))/gs, (whole, octal?: string, char?: string) =>
    octal === undefined ? (ESCAPES[char ?? ""] ?? whole) : String.fromCharCode(parseInt(octal, 8)),
  );
}
