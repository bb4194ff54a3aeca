import { readFileSync, statSync } from "fs";
import { dirname, resolve } from "path";
import { log, RunError } from "@pulumi/pulumi";
import type { Application } from "../provider/core/application";
import { problemLine, readCompose } from "../provider/core/compose";

/**
 * Reads a compose or fig file: `compose` is its path, or its text when it has more than one line. What is wrong with it
 * ends the program with one line for each problem; what is probably not meant is a warning.
 */
export function loadApplication(
  compose: string,
  variables: Readonly<Record<string, string>>,
): Application {
  const isText = compose.includes("\n");
  const fileName = isText ? "compose" : compose;
  const folder = isText ? "." : dirname(resolve(compose));
  const { application, problems, warnings } = readCompose(isText ? compose : textOf(compose), {
    fileName,
    variables,
    readFile: (name) => readIfThere(resolve(folder, name)),
  });
  for (const warning of warnings) void log.warn(problemLine(fileName, warning));
  if (application !== undefined) return application;
  throw new RunError(problems.map((problem) => problemLine(fileName, problem)).join("\n"));
}

function textOf(path: string): string {
  const text = readIfThere(resolve(path));
  if (text !== undefined) return text;
  throw new RunError(
    `Compose file '${path}' is not there, or is no file (looked from the program's folder, ${process.cwd()}). ` +
      `Give the path of a file, or the file's text.`,
  );
}

function readIfThere(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
    ? readFileSync(path, "utf8")
    : undefined;
}
