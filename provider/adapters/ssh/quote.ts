import { FerryError } from "../../core/errors";

/**
 * The one place where words become a command line. Every word is put in single quotes, so that no
 * shell sees a keyword, an alias, a variable or an assignment in it; quotes, backslashes and "!"
 * stand outside, escaped, which POSIX shells, fish and csh read alike. They do not agree on line
 * ends and what is not ASCII: a line with such goes to `sh` as one word.
 */
export function quote(argv: readonly string[]): string {
  if (argv.length === 0) throw noProgram();
  const line = argv.map(quoteWord).join(" ");
  return /[^ -~]/.test(line) ? `'sh' '-c' '${DECODE}' 'sh' '${encoded(line)}'` : line;
}

const DECODE = 'eval "exec $(printf %b "$1")"';

/** In the words of `printf %b`, of which no shell makes anything within single quotes. */
function encoded(line: string): string {
  return Buffer.from(line)
    .toString("latin1")
    .replace(/[^ -~]|['\\!]/g, (character) => {
      return `\\0${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
    });
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
  return `'${word.replace(/['\\!]/g, (character) => `'\\${character}'`)}'`;
}

/** For messages: words that need no quotes are shown bare. Not for execution. */
export function describeCommand(argv: readonly string[], maximumLength = 160): string {
  const words = argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoteWord(word)));
  const line = words.join(" ").replace(/\s+/g, " ");
  return line.length <= maximumLength ? line : `${line.slice(0, maximumLength)}...`;
}
