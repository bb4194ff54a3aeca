export type Words = { readonly words: readonly string[] } | { readonly problem: string };

/**
 * Splits a command line into arguments as Compose does: white space separates, single and double
 * quotes keep together, a backslash takes the next character as it is (\n and \t are a newline and
 * a tab) except in single quotes. No shell runs the result, so what only a shell understands is a
 * problem when it stands outside quotes: Compose would drop it and all that follows without a word.
 */
export function splitShellWords(line: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? "";
    if (char === "\\" && quote !== "'") {
      const next = line[++i];
      if (next === undefined) return { problem: "ends in a backslash. Remove it, or double it." };
      word = (word ?? "") + (next === "n" ? "\n" : next === "t" ? "\t" : next);
    } else if (char === quote) quote = "";
    else if (quote !== "") word = (word ?? "") + char;
    else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (" \t\r\n".includes(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (";&|<>()`".includes(char))
      return {
        problem: `has '${char}' outside quotes, and no shell runs it. Quote it, or write [sh, -c, "..."].`,
      };
    else word = (word ?? "") + char;
  }
  if (quote !== "") return { problem: `has a ${quote} that is not closed. Close it.` };
  if (word !== undefined) words.push(word);
  return { words };
}
