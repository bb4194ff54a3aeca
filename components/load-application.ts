import { readFileSync, statSync } from "fs";
import { dirname, resolve } from "path";
import { all, log, output, secret, type Input, type Output } from "@pulumi/pulumi";
import type { Application, Service, ServiceFile, Volume } from "../provider/core/application";
import type { Build } from "../provider/core/build/build";
import {
  problemLine,
  readComposeLate,
  type FileProblem,
  type NamedText,
} from "../provider/core/compose";
import { FerryError } from "../provider/core/errors";
import type { FieldsOf } from "../provider/resources/inputs-of";
import { mistake } from "../provider/resources/mistake";
import { isPlain } from "./known";
import { resolveFrom } from "../provider/local/resolve-from";
import type { FileArgs } from "./travelling-files";

/** A file that has been read: what it declares is known, and what its values are may be outputs. */
export interface LoadedApplication {
  /** Its shape. A value that an output is a part of is a stand-in here: take it from below. */
  readonly application: Application;
  container(service: Service): FieldsOf<Service["container"]>;
  environment(service: Service): Record<string, Input<string>>;
  /** What travels with it. */
  files(service: Service): Record<string, FileArgs>;
  /** Folders that its volumes are filled from, by the volumes' keys. */
  folders(service: Service): Record<string, string>;
  /** How its image is built; absent where it is not. */
  build(service: Service): FieldsOf<Build> | undefined;
  /** What the file's paths are seen from. */
  readonly folder: string;
  volume(volume: Volume): FieldsOf<Volume>;
}

/** A file, and what its variables are. */
export interface ComposeText {
  readonly compose: string | readonly string[];
  readonly variables: Readonly<Record<string, Input<string>>>;
  readonly envFile?: string | false;
  readonly profiles?: readonly string[];
  readonly ignore?: readonly string[];
  /** Services of which the program says that their ports answer on every host. */
  readonly everywhere?: readonly string[];
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
    files: (service) =>
      Object.fromEntries(
        Object.entries(loaded.files(service)).map(([name, file]) => [
          name,
          { ...file, secret: true },
        ]),
      ),
    folders: (service) => loaded.folders(service),
    build: (service) => {
      const build = loaded.build(service);
      return build && hidden(build);
    },
    folder: loaded.folder,
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
  envFile: envFileName,
  profiles = [],
  ignore = [],
  everywhere = [],
  secret: isSecret,
}: ComposeText): LoadedApplication {
  const files = (typeof compose === "string" ? [compose] : compose).map((given, index) =>
    fileOf(given, isSecret, index),
  );
  const [first] = files;
  if (first === undefined) throw mistake("compose: the list is empty. Name a file.");
  const { fileName, folder, isText } = first;
  const envFile = envFileOf(folder, envFileName ?? (isText ? false : undefined));
  const isKnown = (value: Input<string>): value is string => typeof value === "string";
  const known = Object.entries(variables).filter((entry): entry is [string, string] =>
    isKnown(entry[1]),
  );
  const late = Object.keys(variables).filter((name) => !isKnown(variables[name] as Input<string>));
  const { application, problems, warnings, notes, parts, valueOf } = readComposeLate(
    files,
    {
      fileName,
      variables: Object.fromEntries(known),
      readFile: (name) => readIfThere(resolveFrom(folder, name)),
      profiles,
      ignore,
      everywhere,
      ...(envFile === undefined ? {} : { envFile }),
      includedEnvFiles: envFileName !== false && !(isText && envFileName === undefined),
      kindOf: (name) => kindOf(resolveFrom(folder, name)),
    },
    late,
  );
  const reported = (problem: FileProblem) =>
    problemLine(fileName, isSecret ? hideReason(problem) : problem);
  for (const warning of warnings) void log.warn(reported(warning));
  for (const note of notes) void log.info(reported(note));
  if (envFile !== undefined)
    void log.info(
      `${fileName}: values for its variables are taken from '${envFile.name}' too; \`variables\` win, and envFile: false reads none.`,
    );
  if (application === undefined) throw mistake(problems.map(reported).join("\n"));

  const outputsOf = new Map<string, Record<string, Output<unknown>>>();

  /**
   * The same with outputs in place of what follows from outputs. Each reads the whole file again,
   * so all replicas of a service have the same ones.
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
      ).apply((resolved) => inUserTerms(() => valueOf(part, resolved))),
    ]);
    return Object.fromEntries(outputs);
  }

  const loaded: LoadedApplication = {
    application,
    container: ({ name, container }) => filledIn(container, "services", name, "container"),
    environment: ({ name, environment }) => filledIn(environment, "services", name, "environment"),
    build: ({ name, build }) => build && filledIn(build, "services", name, "build"),
    folder: resolve(folder),
    files: ({ name, files = {} }) => {
      const given = filledIn(files, "services", name, "files");
      return Object.fromEntries(
        Object.entries(files).map(([key, file]) => [key, fileArgs(folder, file, given[key])]),
      );
    },
    folders: ({ container }) =>
      Object.fromEntries(
        (container.mounts ?? []).flatMap((mount) => {
          const key = mount.type === "volume" ? (mount.volume ?? "") : "";
          const from = application.volumes[key]?.from;
          return from === undefined ? [] : [[key, resolveFrom(folder, from)]];
        }),
      ),
    volume: ({ from: _from, ...volume }) => filledIn(volume, "volumes", volume.key),
  };
  return isSecret ? keptSecret(loaded) : loaded;
}

/** `given` is the same, or the output that its content follows from. */
function fileArgs(folder: string, file: ServiceFile, given: Input<ServiceFile> | undefined) {
  const { path, content: _content, ...rest } = file;
  if (path !== undefined) return { ...rest, path: resolveFrom(folder, path), within: folder };
  const content = isPlain(given)
    ? (file.content ?? "")
    : output(given).apply((late) => late.content ?? "");
  return { ...rest, content };
}

function inUserTerms<T>(valueOf: () => T): T {
  try {
    return valueOf();
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

interface ComposeFile extends NamedText {
  readonly folder: string;
  readonly isText: boolean;
}

function fileOf(given: string, isSecret: boolean, index: number): ComposeFile {
  // JSON is YAML, and may be one line. A secret is never taken for the name of a file.
  const isText = isSecret || given.includes("\n") || /^\s*\{/.test(given);
  if (!isText)
    return { fileName: given, text: textOf(given), folder: dirname(resolve(given)), isText };
  const fileName = index === 0 ? "compose" : `compose[${index}]`;
  return { fileName, text: given, folder: ".", isText };
}

/** The one beside the file need not be there. */
function envFileOf(folder: string, wanted: string | false | undefined) {
  if (wanted === false) return undefined;
  const name = wanted ?? ".env";
  const content = readIfThere(resolve(folder, name));
  if (content !== undefined) return { name, content };
  if (wanted === undefined) return undefined;
  throw mistake(
    `envFile: '${name}' is not there, or is no file (looked from '${folder}'). Give its path seen from the compose file.`,
  );
}

function kindOf(path: string): "file" | "folder" | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : found.isDirectory() ? "folder" : "file";
}

/** No name of a file, such as one that is too long, is no file. */
function readIfThere(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? readFileSync(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
