// What index.ts exports, as TypeDoc reads it. A warning of TypeDoc's (a public argument whose type is not exported, an
// export without a word on it, a broken link) is an error here.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, ReflectionKind } from "typedoc";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

export async function publicApi() {
  // By typedoc.json, as `npx typedoc` is.
  const app = await Application.bootstrap({ options: root });
  const project = await app.convert();
  if (project !== undefined) app.validate(project);
  if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error("TypeDoc warns: export the type, mark it @internal, or say what it is");
  }
  return project;
}

export const isComponent = (reflection) => reflection.kindOf(ReflectionKind.Class);
