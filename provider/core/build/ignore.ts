/** Which paths a `.dockerignore` leaves out, by Docker's rules: the last line that fits counts. */
export interface IgnoreRules {
  ignores(path: string): boolean;
  /** Something below an ignored folder may be wanted nevertheless. */
  readonly hasExceptions: boolean;
}

interface Rule {
  readonly pattern: RegExp;
  readonly isException: boolean;
}

export function ignoreRules(text: string): IgnoreRules {
  const rules = text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .flatMap((line): Rule[] => {
      const said = line.trim();
      if (line.startsWith("#") || said === "") return [];
      const isException = said.startsWith("!");
      const pattern = cleaned(isException ? said.slice(1).trim() : said);
      return pattern === "" ? [] : [{ pattern: asRegExp(pattern), isException }];
    });
  return {
    hasExceptions: rules.some(({ isException }) => isException),
    ignores(path) {
      const parts = path.split("/");
      // Who ignores a folder ignores all that is in it.
      const ways = parts.map((_, end) => parts.slice(0, end + 1).join("/"));
      const last = rules.findLast(({ pattern }) => ways.some((way) => pattern.test(way)));
      return last !== undefined && !last.isException;
    },
  };
}

/** Without a slash at either end, and without "." and "..". */
function cleaned(pattern: string): string {
  const kept: string[] = [];
  for (const part of pattern.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && kept.length > 0) kept.pop();
    else if (part !== "..") kept.push(part);
  }
  return kept.join("/");
}

function asRegExp(pattern: string): RegExp {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string;
    if (char === "*" && pattern[at + 1] === "*") {
      at += pattern[at + 2] === "/" ? 2 : 1;
      source += at + 1 >= pattern.length ? ".*" : "(?:.*/)?";
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const end = pattern.indexOf("]", at + 1);
      if (end < 0) source += "\\[";
      else {
        source += `[${pattern
          .slice(at + 1, end)
          .replaceAll("\\", "\\\\")
          .replaceAll("[", "\\[")}]`;
        at = end;
      }
    } else {
      if (char === "\\" && at + 1 < pattern.length) at++;
      source += (pattern[at] as string).replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
    }
  }
  try {
    return new RegExp(`^${source}$`, "s");
  } catch {
    // "[z-a]" fits nothing.
    return /(?!)/;
  }
}
