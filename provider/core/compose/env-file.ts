import { interpolate, lookUp, type Variables } from "./interpolate";
import type { Place } from "./problems";

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/**
 * An env file's variables. Lines are NAME=value, with `export` in front at will; # starts a
 * comment; single quotes take the value as it is, double quotes know \n, \t, \", \\ and \$;
 * variables are filled in except in single quotes, the file's own first. A bare NAME takes the
 * value of the variable.
 */
export function parseEnvFile(
  content: string,
  fileName: string,
  variables: Variables,
  at: Place,
): Record<string, string> | undefined {
  const read = new Map<string, string>();
  for (const [index, raw] of content
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    // Messages name the line and never show it: values are often secret.
    const wrong = (why: string) =>
      at.problem<Record<string, string>>(`line ${index + 1} of ${fileName} ${why}`);
    const match = /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*(?:=\s*(.*))?$/s.exec(line);
    if (match === null) return wrong("is not NAME=value.");
    const [, name = "", written] = match;
    const known: Variables = { ...variables, ...Object.fromEntries(read) };
    if (written === undefined) {
      const value = lookUp(known, name);
      if (value === undefined)
        return wrong(`names ${name} without a value, and it is not set. Give it one.`);
      read.set(name, value);
      continue;
    }
    const value = unquote(written);
    if (value === undefined) return wrong(`has a quote that is not closed on that line. Close it.`);
    const filledIn = value.literal ? { text: value.text } : interpolate(value.text, known);
    if ("problem" in filledIn)
      return wrong(`has a '$' that cannot be filled in. Set the variable, or use single quotes.`);
    read.set(name, filledIn.text);
  }
  return Object.fromEntries(read);
}

function unquote(written: string): { text: string; literal: boolean } | undefined {
  if (written.startsWith("'")) {
    const match = /^'([^']*)'\s*(?:#.*)?$/.exec(written);
    return match === null ? undefined : { text: match[1] ?? "", literal: true };
  }
  if (!written.startsWith('"'))
    return { text: written.replace(/(^|\s+)#.*$/s, "").trim(), literal: false };
  const match = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/s.exec(written);
  if (match === null) return undefined;
  const text = (match[1] ?? "").replace(/\\(.)/gs, (_, char: string) =>
    char === "$" ? "$$" : (ESCAPES[char] ?? (`"\\`.includes(char) ? char : `\\${char}`)),
  );
  return { text, literal: false };
}
