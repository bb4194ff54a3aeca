import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { PulumiProject } from "../../lab";
import { repoRoot } from "../../lab/setup/pulumi";
import type { FakeWorldSettings } from "./fake-handlers";

/**
 * A project whose library is the built one with the handlers of fake-handlers.ts: a copy of its
 * package's front, in the project's own node_modules, so that nothing of it is ever in the package
 * that is shipped.
 */
export async function fakeProject(
  program: string,
  folder: string,
  worldPath: string,
  settings: FakeWorldSettings = {},
  environment: NodeJS.ProcessEnv = {},
): Promise<PulumiProject> {
  const project = await PulumiProject.create(program, folder, environment);
  const modules = join(folder, "node_modules");
  rmSync(modules);
  mkdirSync(modules);
  for (const name of readdirSync(join(repoRoot, "node_modules"))) {
    if (name !== "pulumi-ferry")
      symlinkSync(join(repoRoot, "node_modules", name), join(modules, name));
  }
  const front = join(modules, "pulumi-ferry");
  mkdirSync(front);
  const dist = join(repoRoot, "dist");
  writeFileSync(
    join(front, "package.json"),
    JSON.stringify({
      name: "pulumi-ferry",
      version: "0.0.0",
      types: join(dist, "index.d.ts"),
      exports: { ".": "./index.js", "./provider/handlers": "./handlers.js" },
    }),
  );
  writeFileSync(join(front, "index.js"), `module.exports = require(${JSON.stringify(dist)});\n`);
  writeFileSync(
    join(front, "handlers.js"),
    `${built(join(__dirname, "fake-handlers.ts"), dist)}\n` +
      `exports.dynamicProviders = exports.fakeHandlers(${JSON.stringify(worldPath)}, ${JSON.stringify(settings)});\n`,
  );
  return project;
}

function built(path: string, dist: string): string {
  const { outputText } = transpileModule(readFileSync(path, "utf8"), {
    compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 },
  });
  return outputText.replaceAll('"../../provider/', `"${dist}/provider/`);
}
