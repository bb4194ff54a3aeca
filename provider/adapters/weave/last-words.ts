/** Docker ends what it has to say with where to read on. */
const HINT = /^(See|Run) 'docker .*--help'/;

/** The last line that says something, without its full stop. */
export function lastWords(text: string): string | undefined {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !HINT.test(line));
  return lines.at(-1)?.replace(/\.$/, "");
}

/** Why a router died, from its log: the fatal line if there is one, without level and time. */
export function causeOf(log: string): string | undefined {
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  const fatal =
    lines.findLast((line) => /^(FATA|panic)/.test(line)) ??
    lines.findLast((line) => /^ERRO/.test(line));
  // What is wrong with a flag is said in front of the list of all flags.
  const complaint = lines.find((line) =>
    /^(flag provided|invalid value|Usage|See 'weave)/i.test(line),
  );
  return lastWords((fatal ?? complaint ?? lines.at(-1) ?? "").replace(/^[A-Z]{4}: \S+ \S+ /, ""));
}
