import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const texts = new Map<string, string>();

/**
 * The text of a program in this folder, such as "lock/holder.sh", to be run on a host: constant, and
 * read once. It comes as one text with the parts that it names in lines of their own, each once: in
 * shell ". ./part.sh", in Python "from part import word, word". So it starts as one program, and a
 * linter sees it as a whole. What is said to a linter stays here, and so does what a part of shell says
 * of itself: hosts keep some of these texts, and compare them.
 */
export function hostProgram(name: string): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const text = joined(name, new Set());
  texts.set(name, text);
  return text;
}

const PART = /^ *(?:\. (\.{1,2}\/\S+\.sh)|from (\w+) import (?:\([^)]*\)|.*))\n/gm;
const FOR_LINTERS = /^ *# shellcheck .*\n/gm;
const HEAD = /^(?:#.*\n)+/;

function joined(name: string, taken: Set<string>): string {
  taken.add(name);
  const text = readFileSync(join(__dirname, name), "utf8").replace(FOR_LINTERS, "");
  return text.replace(PART, (line, script?: string, module?: string) => {
    const part = join(dirname(name), script ?? `${module ?? ""}.py`);
    // What is not beside it is Python's own.
    if (script === undefined && !existsSync(join(__dirname, part))) return line;
    return taken.has(part) ? "" : joined(part, taken).replace(HEAD, "");
  });
}
