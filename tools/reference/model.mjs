// What index.ts exports, as TypeDoc reads it. A warning of TypeDoc's (a public argument whose type is not exported, an
// export without a word on it, a broken link) is an error here.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, LogLevel, ReflectionKind } from "typedoc";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

export async function publicApi() {
  const app = await Application.bootstrap({
    entryPoints: [join(root, "index.ts")],
    tsconfig: join(root, "tsconfig.build.json"),
    logLevel: LogLevel.Warn,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    // Where the code was cloned from says nothing about it.
    disableSources: true,
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    requiredToBeDocumented: ["Class", "Interface", "TypeAlias", "Variable", "Property", "Method"],
    // What one form of the arguments must not have.
    intentionallyNotDocumented: [
      ...without("Uniform", "targets", "core", "seed"),
      ...without("Manual", "core", "seed"),
      ...without("Fixed", "targets", "seed"),
      ...without("Seeded", "targets", "core"),
    ],
    readme: "none",
  });
  const project = await app.convert();
  if (project !== undefined) app.validate(project);
  if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error("TypeDoc warns: export the type, mark it @internal, or say what it is");
  }
  return project;
}

function without(topology, ...fields) {
  return fields.map((field) => `${topology}TopologyArgs.${field}`);
}

export const isComponent = (reflection) => reflection.kindOf(ReflectionKind.Class);
