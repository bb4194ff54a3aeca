import { FerryError } from "../../core/errors";

/**
 * The one place where words become a command line. Every word is put in single quotes, so that no shell sees a keyword,
 * an alias, a variable or an assignment in it; quotes and backslashes stand outside, escaped, which POSIX shells and
 * fish read alike.
 */
export function quote(argv: readonly string[]): string {
  if (argv.length === 0) throw noProgram();
  return argv.map(quoteWord).join(" ");
}

export function noProgram(): FerryError {
  const reason = "a command line needs at least a program's name.";
  return new FerryError({ kind: "ours", reason });
}

function quoteWord(word: string): string {
  if (word.includes("\0")) {
    const reason = "a command's argument holds a NUL byte, which no program can be given.";
    throw new FerryError({ kind: "settings", reason });
  }
  return `'${word.replace(/['\\]/g, (character) => `'\\${character}'`)}'`;
}

/** For messages: words that need no quotes are shown bare. Not for execution. */
export function describeCommand(argv: readonly string[], maximumLength = 160): string {
  const words = argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoteWord(word)));
  const line = words.join(" ").replace(/\s+/g, " ");
  return line.length <= maximumLength ? line : `${line.slice(0, maximumLength)}...`;
}
