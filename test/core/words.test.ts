import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/**
 * Words that this code has given up for the field's own, which docs/glossary.md has. They are in no
 * name: of a file, a declaration, a function on a host.
 */
const RETIRED = new Set(
  (
    "cut cuts cutter gate gates gated door doors veil veils veiled mate mates carrier carried " +
    "leader leaders neighbours settle settles settled held holding company companies ground " +
    "grounds extras brief briefly aside stood young told turns sweep sweeper sweepers swept"
  ).split(" "),
);

/** Names of files that say of nothing what they are about. */
const BARE = ["tools", "names", "volumes", "verify", "port", "ports", "turns"];

/** Functions that do something are named by a verb, not by what has come of it. */
const PARTICIPLES = ["agreed", "connected", "deleted", "moved", "refreshed", "refused"];

/** What keeps a retired word in its name, and why. */
const EXCEPTIONS = new Map([
  ["stood", "a key of journals, which hosts keep"],
  ["company", "an input of a peer, which older releases give"],
  ["swept", "an input of a peer that a refresh leaves in state"],
  ["held", "a file's name in a move's folder on its source"],
  ["gate", "a file's name in a move's folder on its target"],
  ["young", "a file's name in a move's folder on its source"],
  ["sweep", "a function of the text that hosts keep as a unit, and compare"],
]);

const ROOT = join(__dirname, "../..");
const CODE = ["bench", "components", "examples", "lab", "provider", "test"];

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return /^(node_modules|dist)$/.test(entry.name) ? [] : filesIn(path);
  });
}

/** "cutOver" is the verb of "cutover". */
const wordsOf = (name: string): string[] =>
  name
    .replace(/cut[-_]?over/gi, "cutover")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);

const isException = (name: string): boolean => EXCEPTIONS.has(name.replace(/^_/, ""));

const retiredIn = (name: string): string[] => wordsOf(name).filter((word) => RETIRED.has(word));

const code = CODE.flatMap(filesIn);
const sources = code.filter((file) => file.endsWith(".ts"));

interface Declared {
  readonly name: string;
  readonly acts: boolean;
}

/** Names that a source declares, each with whether it is a function. */
function declaredIn(file: string): Declared[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false);
  const found: Declared[] = [];
  const visit = (node: ts.Node): void => {
    const { name } = node as { name?: ts.Node };
    const isImport = ts.isImportSpecifier(node) || ts.isPropertyAccessExpression(node);
    if (
      name !== undefined &&
      !isImport &&
      (ts.isIdentifier(name) || ts.isPrivateIdentifier(name))
    ) {
      const acts = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node);
      found.push({ name: name.text, acts });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const declared = new Map(sources.map((file) => [file, declaredIn(file)]));

describe("a retired word is in no name", () => {
  test("of a file or a folder", () => {
    // Decisions keep the names that others link to.
    const pages = filesIn("docs").filter((file) => !file.startsWith("docs/adr/"));
    const bad = [...code, ...pages].filter(
      (file) =>
        retiredIn(file).length > 0 ||
        (file.startsWith("provider/") && BARE.some((bare) => file.endsWith(`/${bare}.ts`))),
    );
    expect(bad).toEqual([]);
  });

  test("of anything that a source declares", () => {
    const bad = [...declared].flatMap(([file, names]) =>
      names
        .filter(({ name }) => retiredIn(name).length > 0 && !isException(name))
        .map(({ name }) => `${file}: ${name}`),
    );
    expect([...new Set(bad)]).toEqual([]);
  });

  test("nor is a participle the name of what acts", () => {
    const bad = [...declared]
      .filter(([file]) => /^(provider|components)\//.test(file))
      .flatMap(([file, names]) =>
        names
          .filter(({ name, acts }) => acts && PARTICIPLES.includes(name))
          .map(({ name }) => `${file}: ${name}`),
      );
    expect(bad).toEqual([]);
  });

  test("of a function or a variable on a host", () => {
    const NAMES = {
      sh: /^\s*(?:local )?([A-Za-z_]+)(?:\(\)|=)|\bread (?:-r )?([A-Za-z_]+)|^\s*for ([A-Za-z_]+)/gm,
      py: /^\s*(?:def|class) ([A-Za-z_]+)|^\s*([A-Za-z_]+)(?:, [A-Za-z_]+)* = |^from ([A-Za-z_]+) import/gm,
    };
    const bad = code
      .filter((file) => file.startsWith("provider/on-host/"))
      .flatMap((file) => {
        const names = NAMES[file.split(".").at(-1) as "sh" | "py"] as RegExp | undefined;
        if (names === undefined) return [];
        return [...readFileSync(join(ROOT, file), "utf8").matchAll(names)]
          .map((match) => match.slice(1).join(""))
          .filter((name) => retiredIn(name).length > 0 && !isException(name))
          .map((name) => `${file}: ${name}`);
      });
    expect(bad).toEqual([]);
  });

  test("and every exception is one", () => {
    const names = new Set([...declared.values()].flat().map(({ name }) => name));
    const onHosts = code
      .filter((file) => file.startsWith("provider/on-host/"))
      .map((file) => readFileSync(join(ROOT, file), "utf8"))
      .join("\n");
    const idle = [...EXCEPTIONS.keys()].filter(
      (name) => !names.has(name) && !new RegExp(`\\b${name}\\b`).test(onHosts),
    );
    expect(idle).toEqual([]);
  });
});
