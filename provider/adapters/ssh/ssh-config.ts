/**
 * OpenSSH's own settings of a host (`ssh_config`), as far as they say how to get there. What a file
 * would have `ssh` run (`Match exec`, ProxyCommand) is never run.
 */

/** Values by keyword in lower case; the first one that is met counts, as `ssh` has it. */
export type SshSettings = ReadonlyMap<string, readonly string[]>;

/** The texts of the files that an `Include` names. */
export type Included = (pattern: string) => readonly string[];

const GATHERED: readonly string[] = ["identityfile", "certificatefile"];
const DEEPEST = 16;

/** What the texts, the user's before the system's, say of `host`, for whoever `user` logs in as. */
export function settingsOf(
  texts: readonly string[],
  host: string,
  user: string | undefined,
  included: Included = () => [],
): SshSettings {
  const found = new Map<string, string[]>();
  if (user !== undefined) found.set("user", [user]);
  for (const text of texts) read(text, true, 0);
  return found;

  function read(text: string, outer: boolean, depth: number): void {
    let applies = outer;
    for (const line of text.split(/\r?\n/)) {
      const [keyword = "", ...values] = words(line);
      const key = keyword.toLowerCase();
      if (key === "host") applies = outer && matchesHost(values, host);
      else if (key === "match") applies = outer && matches(values);
      else if (!applies || values.length === 0) continue;
      else if (key === "include") {
        if (depth >= DEEPEST) continue;
        for (const each of values.flatMap(included)) read(each, true, depth + 1);
      } else if (GATHERED.includes(key)) found.set(key, [...(found.get(key) ?? []), ...values]);
      else if (!found.has(key)) found.set(key, values);
    }
  }

  function matches(criteria: readonly string[]): boolean {
    for (let at = 0; at < criteria.length;) {
      const word = criteria[at] ?? "";
      const not = word.startsWith("!");
      const name = word.replace(/^!/, "").toLowerCase();
      if (name === "all") {
        at += 1;
        if (not) return false;
        continue;
      }
      const patterns = (criteria[at + 1] ?? "").split(",");
      const value = valueOf(name);
      // Whatever asks for something to be run or looked up does not hold.
      if (value === undefined || matchesHost(patterns, value) === not) return false;
      at += 2;
    }
    return criteria.length > 0;
  }

  function valueOf(criterion: string): string | undefined {
    if (criterion === "originalhost") return host;
    if (criterion === "host") return (found.get("hostname")?.[0] ?? host).replaceAll("%h", host);
    return criterion === "user" ? found.get("user")?.[0] : undefined;
  }
}

/** `Keyword value`, `Keyword=value`, values in quotes, comments behind them. */
function words(line: string): string[] {
  const [, keyword, rest = ""] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+|$)(.*)$/.exec(line) ?? [];
  if (keyword === undefined) return [];
  const values = rest.match(/"[^"]*"|#.*$|[^\s"#][^\s"]*/g) ?? [];
  const end = values.findIndex((word) => word.startsWith("#"));
  const own = end < 0 ? values : values.slice(0, end);
  return [keyword, ...own.map((word) => word.replace(/^"(.*)"$/, "$1"))];
}

/** A list of patterns, of which one matches and none that begins with "!" does. */
export function matchesHost(patterns: readonly string[], host: string): boolean {
  const matching = (pattern: string) => wildcard(pattern).test(host);
  const [refused, taken] = [
    patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1)),
    patterns.filter((pattern) => !pattern.startsWith("!")),
  ];
  return taken.some(matching) && !refused.some(matching);
}

function wildcard(pattern: string): RegExp {
  const plain = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${plain.replaceAll("*", ".*").replaceAll("?", ".")}$`, "i");
}
