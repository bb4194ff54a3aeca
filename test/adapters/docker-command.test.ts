import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DOCKER_USES } from "../lab/docker-commands";

const PROVIDER = join(__dirname, "../../provider");
const VERBS = [...new Set(DOCKER_USES.map(({ verb }) => verb))].sort((a, b) => b.length - a.length);

interface Use {
  readonly file: string;
  readonly words: string;
}

/** Up to where the shell ends the command; what stands in quotes does not end it. */
function commandFrom(text: string): string {
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === "'" || char === '"') quote = char;
    else if ("|;&)`\n".includes(char)) return text.slice(0, at);
  }
  return text;
}

/** Not where it only stands in a list of programs or in a message, or is the name of a fact. */
const CALL =
  /(?<=[\s`"'({!&|])(?<!(?:\b(?:in|say|unshare|program|echo|rc-update) |\bfail \d ")(?:[a-z'-]+ )*)docker (?=[a-z])/g;

function usesIn(file: string): Use[] {
  const text = readFileSync(join(PROVIDER, file), "utf8").replace(/^ *(\/?\*|\/\/|#).*$/gm, "");
  return [...text.matchAll(CALL)].map(({ index, 0: { length } }) => ({
    file,
    words: commandFrom(text.slice(index + length)),
  }));
}

const uses = readdirSync(PROVIDER, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(ts|sh)$/.test(file) && !file.includes("fakes"))
  .flatMap(usesIn);

const allowed = (verb: string, of: "flags" | "fields") =>
  DOCKER_USES.filter((use) => use.verb === verb).flatMap((use) => use[of] ?? []);

/** What of a use no version was asked for. */
function strangeIn({ words }: Use): string[] {
  const verb = VERBS.find((each) => new RegExp(`^${each}( |$)`).test(words));
  if (verb === undefined) return [`docker ${words.split("\n")[0] ?? ""}`];
  const plain = words.replace(/'[^']*'|"[^"]*"/g, "x");
  const flags = [...plain.matchAll(/ (--?[a-z][a-z-]*)/g)].map(([, flag = ""]) => flag);
  // What `docker exec` runs is the container's own.
  const own = verb === "exec" ? [] : flags;
  const fields = [...words.matchAll(/\{\{([^}]*)\}\}/g)].flatMap(([, inner = ""]) =>
    [...inner.matchAll(/\.[A-Z][\w.]*/g)].map(([field]) => field),
  );
  return [
    ...own.filter((flag) => !allowed(verb, "flags").includes(flag)),
    ...fields.filter((field) => !allowed(verb, "fields").includes(field)),
  ].map((what) => `docker ${verb} ${what}`);
}

test("scripts use Docker's command line only in ways that every version in the lab was asked for", () => {
  expect(uses.length).toBeGreaterThan(40);
  const strange = uses.flatMap((use) => strangeIn(use).map((what) => `${use.file}: ${what}`));
  expect(strange).toEqual([]);
});

test("and the list has no use that no script has", () => {
  const used = (verb: string) => uses.some(({ words }) => words.startsWith(verb));
  expect(VERBS.filter((verb) => !used(verb))).toEqual([]);
  const flags = DOCKER_USES.flatMap(({ verb, flags: all = [] }) =>
    all.filter((flag) => !uses.some(({ words }) => words.startsWith(verb) && words.includes(flag))),
  );
  expect(flags).toEqual([]);
});

test.each([
  ["events --format '{{.ID}}'", ["docker events .ID"]],
  ["system df", ["docker system df"]],
  ["inspect -f '{{.GraphDriver.Name}}' x", ["docker inspect .GraphDriver.Name"]],
  ["ps -a --last 3", ["docker ps --last"]],
])("a use that nobody was asked for is seen: docker %s", (words, strange) => {
  expect(strangeIn({ file: "", words })).toEqual(strange);
});
