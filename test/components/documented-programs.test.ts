import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** Programs in the docs are taken as they are by a compiler that is as strict as any user's. */

const root = join(__dirname, "..", "..");
const GIVEN = `
import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";
declare const connection1: ferry.HostArgs, connection2: ferry.HostArgs, connection3: ferry.HostArgs;
`;

test.each(["README.md", "docs/outputs.md"])("%s", (page) => {
  const [, program] = /```ts\n([^]*?)```/.exec(readFileSync(join(root, page), "utf8")) as string[];
  const config = program?.includes("config =") ? "" : "declare const config: pulumi.Config;\n";
  const given = program?.includes("import * as ferry") ? GIVEN.replace(/^import.*\n/gm, "") : GIVEN;
  const file = join(root, "a-users-program.ts");
  const options: ts.CompilerOptions = {
    ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
    ...{ module: ts.ModuleKind.Node16, target: ts.ScriptTarget.ES2022, noEmit: true },
    ...{ skipLibCheck: true, paths: { "pulumi-ferry": [join(root, "index.ts")] }, types: ["node"] },
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? `${given}${config}${program ?? ""}` : readFile(name));
  const compiled = ts.createProgram([file], options, host);
  const source = compiled.getSourceFile(file);
  const said = [
    ...compiled.getSyntacticDiagnostics(source),
    ...compiled.getSemanticDiagnostics(source),
  ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  expect(said).toEqual([]);
});
