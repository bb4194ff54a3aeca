import { readFileSync, statSync } from "fs";
import { dirname, resolve } from "path";
import { all, log, secret, type Input, type Output } from "@pulumi/pulumi";
import type { Application, Service, Volume } from "../provider/core/application";
import { problemLine, readComposeLate, type FileProblem } from "../provider/core/compose";
import { FerryError } from "../provider/core/errors";
import type { FieldsOf } from "../provider/resources/inputs-of";
import { mistake } from "../provider/resources/mistake";

/** A file that has been read: what it declares is known, and what its values are may be outputs. */
export interface LoadedApplication {
  /** Its shape. A value that an output is a part of is a stand-in here: take it from below. */
  readonly application: Application;
  container(service: Service): FieldsOf<Service["container"]>;
  environment(service: Service): Record<string, Input<string>>;
  volume(volume: Volume): FieldsOf<Volume>;
}

/** A file, and what its variables are. */
export interface ComposeText {
  readonly compose: string;
  readonly variables: Readonly<Record<string, Input<string>>>;
  /** Nothing of the text may be told. */
  readonly secret: boolean;
}

/** Of a file that is a secret, all that it says is one. */
function keptSecret(loaded: LoadedApplication): LoadedApplication {
  const hidden = <T extends object>(fields: T): T =>
    Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, secret(value)])) as T;
  return {
    application: loaded.application,
    container: (service) => hidden(loaded.container(service)),
    environment: (service) => hidden(loaded.environment(service)),
    volume: (volume) => hidden(loaded.volume(volume)),
  };
}

/** A reason may quote the file. */
const hideReason = (problem: FileProblem): FileProblem => ({
  ...problem,
  reason:
    "is not as Ferry reads it; what stands there, and so why, is not told, as the file is a secret.",
});

/**
 * Reads a compose or fig file: `compose` is its path, or its text when it has more than one line.
 * What is wrong with it ends the program with one line for each problem; what is probably not meant
 * is a warning. A variable that is an output makes outputs of the fields that it stands in, secret
 * ones where it is secret.
 */
export function loadApplication({
  compose,
  variables,
  secret: isSecret,
}: ComposeText): LoadedApplication {
  // JSON is YAML, and may be one line. A secret is never taken for the name of a file.
  const isText = isSecret || compose.includes("\n") || /^\s*\{/.test(compose);
  const fileName = isText ? "compose" : compose;
  const folder = isText ? "." : dirname(resolve(compose));
  const isKnown = (value: Input<string>): value is string => typeof value === "string";
  const known = Object.entries(variables).filter((entry): entry is [string, string] =>
    isKnown(entry[1]),
  );
  const late = Object.keys(variables).filter((name) => !isKnown(variables[name] as Input<string>));
  const { application, problems, warnings, parts, settle } = readComposeLate(
    isText ? compose : textOf(compose),
    {
      fileName,
      variables: Object.fromEntries(known),
      readFile: (name) => readIfThere(resolve(folder, name)),
    },
    late,
  );
  const told = (problem: FileProblem) =>
    problemLine(fileName, isSecret ? hideReason(problem) : problem);
  for (const warning of warnings) void log.warn(told(warning));
  if (application === undefined) throw mistake(problems.map(told).join("\n"));

  const outputsOf = new Map<string, Record<string, Output<unknown>>>();

  /**
   * The same with outputs in place of what follows from outputs. Each reads the whole file again, so
   * all replicas of a service have the same ones.
   */
  function filledIn<T extends object>(values: T, ...at: string[]): T {
    const key = JSON.stringify(at);
    const outputs = outputsOf.get(key) ?? outputsAt(at);
    outputsOf.set(key, outputs);
    return { ...values, ...outputs };
  }

  function outputsAt(at: readonly string[]): Record<string, Output<unknown>> {
    const inside = parts.filter(({ path }) => at.every((name, i) => path[i] === name));
    const outputs = inside.map((part): [string, Output<unknown>] => [
      part.path[at.length] as string,
      all(
        Object.fromEntries(part.variables.map((name) => [name, variables[name] as Input<string>])),
      ).apply((resolved) => inUserTerms(() => settle(part, resolved))),
    ]);
    return Object.fromEntries(outputs);
  }

  const loaded: LoadedApplication = {
    application,
    container: ({ name, container }) => filledIn(container, "services", name, "container"),
    environment: ({ name, environment }) => filledIn(environment, "services", name, "environment"),
    volume: (volume) => filledIn(volume, "volumes", volume.key),
  };
  return isSecret ? keptSecret(loaded) : loaded;
}

function inUserTerms<T>(settle: () => T): T {
  try {
    return settle();
  } catch (error) {
    throw error instanceof FerryError ? mistake(error.message) : error;
  }
}

function textOf(path: string): string {
  const text = readIfThere(resolve(path));
  if (text !== undefined) return text;
  throw mistake(
    `Compose file '${path}' is not there, or is no file (looked from the program's folder, ${process.cwd()}). ` +
      `Give the path of a file, or the file's text.`,
  );
}

/** No name of a file, such as one that is too long, is no file. */
function readIfThere(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? readFileSync(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
