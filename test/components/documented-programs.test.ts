import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/**
 * Programs in the docs, and samples in doc comments, are taken as they are by a compiler that is as
 * strict as any user's.
 */

const root = join(__dirname, "..", "..");
const IMPORTS = `
import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";
`;
const CONNECTIONS = `
declare const connection1: ferry.HostArgs, connection2: ferry.HostArgs, connection3: ferry.HostArgs;
`;
/** What stands around a sample in whoever's program it comes to be. */
const GIVEN = `
declare const config: pulumi.Config, cluster: ferry.Cluster;
declare const privateKey: pulumi.Output<string>, password: pulumi.Output<string>;
`;

const options: ts.CompilerOptions = {
  ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
  ...{ module: ts.ModuleKind.Node16, target: ts.ScriptTarget.ES2022, noEmit: true },
  ...{ skipLibCheck: true, types: ["node"] },
  paths: {
    "pulumi-ferry": [join(root, "index.ts")],
    "pulumi-ferry/testing": [join(root, "testing/index.ts")],
  },
};

/** A file is read once for all programs. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** Compiles texts as files of the repository's root; what is wrong with each, by its name. */
function compile(texts: Readonly<Record<string, string>>): Record<string, string[]> {
  const files = new Map(Object.entries(texts).map(([name, text]) => [join(root, name), text]));
  const host = ts.createCompilerHost(options);
  const { getSourceFile, readFile, fileExists } = host;
  host.getSourceFile = (name, ...how) => {
    if (files.has(name)) return getSourceFile(name, ...how);
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, ...how));
    return parsed.get(name);
  };
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  const program = ts.createProgram([...files.keys()], options, host);
  return Object.fromEntries(
    Object.keys(texts).map((name) => [name, mistakesIn(join(root, name), program)]),
  );
}

function programOf(page: string): string {
  const [, program] = /```ts\n([^]*?)```/.exec(readFileSync(join(root, page), "utf8")) as string[];
  const config = program?.includes("config =") ? "" : "declare const config: pulumi.Config;\n";
  const imports = program?.includes("import * as ferry") ? "" : IMPORTS;
  return `${imports}${CONNECTIONS}${config}${program ?? ""}`;
}

test("programs of the pages compile", () => {
  const pages = { readme: "README.md", outputs: "docs/outputs.md" };
  const texts = Object.entries(pages).map(([name, page]) => [`${name}.ts`, programOf(page)]);
  const said = compile(Object.fromEntries(texts) as Record<string, string>);
  expect(said).toEqual({ "readme.ts": [], "outputs.ts": [] });
});

describe("doc comments", () => {
  const index = join(root, "index.ts");
  const program = ts.createProgram([index], options);
  const checker = program.getTypeChecker();
  const exported = checker.getExportsOfModule(
    checker.getSymbolAtLocation(program.getSourceFile(index)!)!,
  );
  const meant = exported.map((each) =>
    each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each,
  );
  const classes = meant.filter(({ flags }) => flags & ts.SymbolFlags.Class);
  const examplesOf = (symbol: ts.Symbol) =>
    symbol
      .getJsDocTags(checker)
      .filter(({ name }) => name === "example")
      .map(({ text }) => ts.displayPartsToString(text));

  /** By what it belongs to: a program for a class or a method, a value for a type or a field. */
  const samples: Record<string, string> = {};
  const add = (of: string, symbol: ts.Symbol, program: (example: string) => string) =>
    examplesOf(symbol).forEach((example, i) => {
      samples[`${of}-${i}.ts`] = `${IMPORTS}${program(example)}\nexport {};\n`;
    });
  const asValue = (type: string) => (example: string) =>
    `${GIVEN}export const sample: ${type} = ${example.replace(/\s*\/\/.*$/, "")};`;
  const asProgram = (example: string) =>
    // A program that makes a cluster of its own is given none.
    `${/\bconst cluster\b/.test(example) ? GIVEN.replace(", cluster: ferry.Cluster", "") : GIVEN}${example}`;
  for (const symbol of meant) {
    const isClass = classes.includes(symbol);
    add(symbol.name, symbol, isClass ? asProgram : asValue(`ferry.${symbol.name}`));
    const members = [
      ...(isClass ? checker.getPropertiesOfType(checker.getTypeOfSymbol(symbol)) : []),
      ...checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)),
    ];
    for (const member of members) {
      const type = `NonNullable<ferry.${symbol.name}["${member.name}"]>`;
      const program = member.flags & ts.SymbolFlags.Method ? asProgram : asValue(type);
      add(`${symbol.name}.${member.name}`, member, program);
    }
  }

  test("every class has a sample", () => {
    expect(classes.map(({ name }) => name).sort()).toEqual([
      ...["Deployment", "FlockerVolume", "Peer", "ServiceReplica", "WeaveCluster"],
    ]);
    expect(classes.filter((each) => examplesOf(each).length === 0)).toEqual([]);
  });

  test("every sample compiles", () => {
    expect(Object.keys(samples).length).toBeGreaterThan(50);
    const wrong = Object.entries(compile(samples)).filter(([, said]) => said.length > 0);
    expect(wrong).toEqual([]);
  });
});

// Jest runs it where it is.
test("docs/unit-tests.md has the example, which compiles", () => {
  const folder = join(root, "examples/unit-tests");
  const files = ["shop.ts", "shop.test.ts"].map((name) => join(folder, name));
  const page = readFileSync(join(root, "docs/unit-tests.md"), "utf8");
  const blocks = [...page.matchAll(/```ts\n([^]*?)```/g)].map(([, block]) => block);
  expect(blocks).toEqual(files.map((file) => readFileSync(file, "utf8")));
  const compiled = ts.createProgram(files, { ...options, types: ["node", "jest"] });
  expect(files.flatMap((file) => mistakesIn(file, compiled))).toEqual([]);
});

function mistakesIn(file: string, program: ts.Program): string[] {
  const source = program.getSourceFile(file);
  return [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
