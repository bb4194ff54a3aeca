import type { Application, Volume } from "../application";
import { FerryError } from "../errors";
import type { FileContext, Format, ServiceDraft } from "./draft";
import { readFields } from "./fields";
import { figVolumes } from "./fig-volumes";
import { checkDependencies } from "./graph";
import { interpolateTree, type Variables } from "./interpolate";
import { nearest, validateDnsLabel } from "./names";
import { Place, problemLine, Problems, type FileProblem } from "./problems";
import { finishService, readService } from "./service";
import { topLevelFields, type FileDraft } from "./top-level";
import { isMapping, readYaml, type Mapping, type Node, type Source } from "./yaml";

export interface ComposeOptions {
  /** Stands in front of every message. */
  readonly fileName: string;
  /** Values for `${NAME}`, and for names in `environment` that have no value. */
  readonly variables: Variables;
  /**
   * The text of a file that `env_file` names, its path relative to the compose file; undefined when
   * absent.
   */
  readonly readFile?: (path: string) => string | undefined;
}

export interface ComposeResult {
  /** Absent when there are problems. */
  readonly application?: Application;
  /** What must be put right. */
  readonly problems: readonly FileProblem[];
  /** What is probably not meant. */
  readonly warnings: readonly FileProblem[];
}

/**
 * Reads a fig file, a compose file of version 2 or 3, or one of the Compose Specification. The
 * order of services and volumes in the file makes no difference.
 *
 * @throws FerryError with every problem, one a line: "fig.yml: services.web.ports[0]: ..."
 */
export function parseCompose(text: string, options: ComposeOptions): Application {
  const { application, problems } = readCompose(text, options);
  if (application !== undefined) return application;
  throw new FerryError(
    problems.map((problem) => problemLine(options.fileName, problem)).join("\n"),
  );
}

/** As `parseCompose`, with problems and warnings as data. Never throws. */
export function readCompose(text: string, options: ComposeOptions): ComposeResult {
  return readSource(readYaml(text), options);
}

/** The same of a text that has been read, whatever the variables are then. */
export function readSource(source: Source, options: ComposeOptions): ComposeResult {
  const { tree, positions } = source;
  if (tree === undefined) return { problems: source.problems, warnings: [] };
  const problems = new Problems(positions);
  const application = readFile(tree, options, problems);
  const { errors, warnings } = problems;
  return {
    ...(application === undefined || errors.length > 0 ? {} : { application }),
    problems: errors,
    warnings,
  };
}

function readFile(
  tree: Node,
  options: ComposeOptions,
  problems: Problems,
): Application | undefined {
  const top = new Place("", problems);
  if (!isMapping(tree)) {
    const what = tree === null ? "the file is empty" : "the file is not a mapping";
    return top.problem(`${what}. Write services with their images.`);
  }
  const filled = fillIn(tree, top, options.variables);
  const file: FileDraft = { volumes: new Map() };
  const format = formatOf(filled);
  if (format === "compose") readFields(topLevelFields, filled, top, file);
  const services = format === "compose" ? file.services : figServices(filled, top);
  const at = format === "compose" ? top.key("services") : top;
  if (services === undefined) {
    if (!filled.has("services")) top.problem("has no `services`. Write them with their images.");
    else if (filled.get("services") === null) at.problem("is empty. Write services with images.");
    return undefined;
  }
  if (services.size === 0) return at.problem("the file has no services. Write one with its image.");
  return readServices(services, at, file, {
    format,
    variables: options.variables,
    readFile: options.readFile ?? (() => undefined),
    services: new Set(services.keys()),
    volumes: new Set(file.volumes.keys()),
  });
}

function readServices(
  services: Mapping,
  at: Place,
  file: FileDraft,
  context: FileContext,
): Application {
  const drafts: ServiceDraft[] = [];
  for (const [name, node] of sorted(services)) {
    const here = at.key(name);
    const wrong = validateDnsLabel(name);
    if (wrong !== undefined) here.problem(`the service's name ${wrong}`);
    drafts.push(readService(name, node, here, context));
  }
  checkDependencies(drafts);
  const volumes = context.format === "fig" ? figVolumes(drafts) : file.volumes;
  if (context.format === "compose") warnOfUnused(file.volumes, drafts, at.top());
  return {
    ...(file.name === undefined ? {} : { name: file.name }),
    services: Object.fromEntries(drafts.map((draft) => [draft.name, finishService(draft)])),
    volumes: Object.fromEntries(sorted(volumes)),
  };
}

/** Sorted by name, so that the order in the file is no difference. */
const sorted = <T>(entries: ReadonlyMap<string, T>): [string, T][] =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

/** Extensions are the user's own: what is in them counts where it is merged in. */
function fillIn(tree: Mapping, top: Place, variables: Variables): Mapping {
  return new Map(
    [...tree].map(([key, value]) => [
      key,
      key.startsWith("x-") ? value : interpolateTree(value, top.key(key), variables),
    ]),
  );
}

/** A fig file has its services at the top, and nothing else. */
function formatOf(tree: Mapping): Format {
  if (tree.has("services") || typeof tree.get("version") === "string") return "compose";
  for (const [key, value] of tree) {
    const looksLikeService = isMapping(value) && (value.has("image") || value.has("build"));
    if (!looksLikeService && nearest(key, ["services"]) !== undefined) return "compose";
  }
  return "fig";
}

function figServices(tree: Mapping, top: Place): Mapping {
  const services = [...tree].filter(([key]) => !key.startsWith("x-"));
  for (const [key, value] of services)
    if (value !== null && !isMapping(value))
      top
        .key(key)
        .problem(
          "is not a service: the file has no `services`, so all that is at its top is one, with an `image`.",
        );
  return new Map(services);
}

function warnOfUnused(
  volumes: ReadonlyMap<string, Volume>,
  drafts: readonly ServiceDraft[],
  top: Place,
): void {
  const used = new Set(
    drafts.flatMap((draft) =>
      draft.mounts.map(({ value }) => (value.type === "volume" ? value.volume : undefined)),
    ),
  );
  for (const key of volumes.keys())
    if (!used.has(key)) top.key("volumes").key(key).warn("no service mounts this volume.");
}
