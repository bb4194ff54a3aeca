import type { Application, Volume } from "../application";
import { FerryError } from "../errors";
import type { FileContext, Format, KindOf, ServiceDraft } from "./draft";
import { readFields } from "./fields";
import { figVolumes } from "./fig-volumes";
import { Assembly, readFiles, type NamedText } from "./assemble";
import { checkDependencies } from "./graph";
import { markJobs } from "./jobs";
import { withoutIgnored } from "./ignored";
import { shareMovingFolders } from "./moving-folders";
import { parseEnvFile } from "./env-file";
import { chosenServices } from "./profiles";
import { definedOnly, asTexts, type Variables } from "./interpolate";
import { nearest } from "./name-rules";
import { resolveJoined } from "./namespaces";
import { reachOf } from "./networks";
import { Place, problemLine, Problems, type FileProblem } from "./problems";
import { finishService, readService } from "./service";
import { topLevelFields, type FileDraft } from "./top-level";
import { DEFAULT_DRIVER } from "../volume/driver";
import { shareVolumes } from "./volumes-from";
import { textIn, type Written, type WrittenMapping } from "./written";
import { isMapping, isSequence, type Mapping, type Node, type Source } from "./yaml";

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
  /** What lies at a path relative to the compose file; undefined when nothing does. */
  readonly kindOf?: KindOf;
  /** Profiles that are on; "*" is all. */
  readonly profiles?: readonly string[];
  /** Places that are left out, as messages name them: "services.web.gpus", "services.*.labels". */
  readonly ignore?: readonly string[];
  /** Services of which the program says that their ports answer on every host. */
  readonly everywhere?: readonly string[];
  /** The file's `.env`: values for `${NAME}` that the program does not give. */
  readonly envFile?: { readonly name: string; readonly content: string };
  /** Whether the `.env` beside an included file is one for that file. */
  readonly includedEnvFiles?: boolean;
}

export interface ComposeResult {
  /** Absent when there are problems. */
  readonly application?: Application;
  /** What must be put right. */
  readonly problems: readonly FileProblem[];
  /** What is probably not meant. */
  readonly warnings: readonly FileProblem[];
  /** What is read in another way than its author may think: one line each. */
  readonly notes: readonly FileProblem[];
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
  return readComposeFiles([{ fileName: options.fileName, text }], options);
}

/** As `readCompose`, of several files, each on top of those before it. */
export function readComposeFiles(
  files: readonly NamedText[],
  options: ComposeOptions,
): ComposeResult {
  return readSource(readFiles(files), options);
}

/** The same of texts that have been read, whatever the variables are then. */
export function readSource(sources: Source, options: ComposeOptions): ComposeResult {
  if (sources.problems.length > 0) return { problems: sources.problems, warnings: [], notes: [] };
  const problems = new Problems(sources.positions);
  const application = readTrees(sources.trees, options, problems);
  const { errors, warnings, notes } = problems;
  return {
    ...(application === undefined || errors.length > 0 ? {} : { application }),
    problems: errors,
    warnings,
    notes,
  };
}

function readTrees(
  given: readonly Written[],
  options: ComposeOptions,
  problems: Problems,
): Application | undefined {
  const top = new Place("", problems);
  const trees = given.filter((tree) => isMapping(tree));
  if (trees.length === 0) {
    const what = given.every((tree) => tree === null)
      ? "the file is empty"
      : "the file is not a mapping";
    return top.problem(`${what}. Write services with their images.`);
  }
  const variables = knownVariables(options, top);
  const format = trees.some((tree) => formatOf(tree) === "compose") ? "compose" : "fig";
  const readFile = options.readFile ?? (() => undefined);
  const envFiles = options.includedEnvFiles ?? false;
  const whole = new Assembly({ readFile, envFiles }, problems).whole(trees, format, variables);
  const left = withoutIgnored(whole, options.ignore ?? [], top);
  const chosen = withProfiles(isMapping(left) ? left : whole, options.profiles ?? [], top);
  const filled = texts(chosen, top);
  const file: FileDraft = { volumes: new Map() };
  if (format === "compose") readFields(topLevelFields, filled, top, file);
  const services = format === "compose" ? file.services : figServices(filled, top);
  const at = format === "compose" ? top.key("services") : top;
  if (services === undefined) {
    if (!filled.has("services")) top.problem("has no `services`. Write them with their images.");
    else if (filled.get("services") === null) at.problem("is empty. Write services with images.");
    return undefined;
  }
  if (services.size === 0) return at.problem(noServices(whole));
  return readServices(services, at, file, {
    format,
    variables,
    readFile,
    kindOf: options.kindOf ?? (() => undefined),
    services: new Set(services.keys()),
    off: new Set(
      (format === "fig" ? [] : namesOf(whole.get("services"))).filter(
        (name) => !services.has(name),
      ),
    ),
    volumes: new Set(file.volumes.keys()),
    networks: file.networks ?? new Map(),
    secrets: file.secrets ?? new Map(),
    configs: file.configs ?? new Map(),
    everywhere: new Set(options.everywhere ?? []),
  });
}

const namesOf = (services: Written = null): string[] =>
  isMapping(services) ? [...services.keys()] : [];

function noServices(tree: WrittenMapping): string {
  const written = tree.get("services") ?? null;
  if (!isMapping(written) || written.size === 0)
    return "the file has no services. Write one with its image.";
  return "every service of the file has a profile that is off. Give the deployment `profiles`.";
}

function readServices(
  services: Mapping,
  at: Place,
  file: FileDraft,
  context: Omit<FileContext, "travelling">,
): Application {
  const drafts: ServiceDraft[] = [];
  for (const [name, node] of sorted(services)) {
    const here = at.key(name);
    drafts.push(readService(name, node, here, context));
  }
  shareVolumes(drafts);
  const moving = shareMovingFolders(drafts);
  markJobs(drafts);
  resolveJoined(drafts);
  checkDependencies(drafts);
  const volumes = context.format === "fig" ? figVolumes(drafts) : file.volumes;
  if (context.format === "compose") warnOfUnused(file.volumes, drafts, at.top());
  const all = new Map([...volumes, ...folderVolumes(drafts, file.volumes), ...moving]);
  const reach = reachOf(drafts);
  return {
    ...(file.name === undefined ? {} : { name: file.name }),
    services: Object.fromEntries(
      drafts.map((draft) => [draft.name, finishService(draft, reach?.get(draft.name))]),
    ),
    volumes: Object.fromEntries(sorted(all)),
  };
}

/** The program's win over those of the file's `.env`. */
function knownVariables({ envFile, variables }: ComposeOptions, top: Place): Variables {
  if (envFile === undefined) return variables;
  const read = parseEnvFile(envFile.content, envFile.name, { variables, earlier: {} }, top);
  return { ...read, ...definedOnly(variables) };
}

/** Services whose profile is off are not looked at: their variables need not be there. */
function withProfiles(tree: WrittenMapping, profiles: readonly string[], top: Place) {
  const services = tree.get("services") ?? null;
  if (!isMapping(services)) return tree;
  return new Map(tree).set("services", chosenServices(services, profiles, top));
}

/** Sorted by name, so that the order in the file is no difference. */
const sorted = <T>(entries: ReadonlyMap<string, T>): [string, T][] =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

/** Extensions are the user's own: what is in them counts where it is merged in. */
function texts(tree: WrittenMapping, top: Place): Mapping {
  return new Map(
    [...tree].map(([key, value]): [string, Node] => [
      key,
      key.startsWith("x-") ? null : asTexts(value, top.key(key)),
    ]),
  );
}

/** A fig file has its services at the top, and nothing else. */
function formatOf(tree: WrittenMapping): Format {
  if (tree.has("services") || isSequence(tree.get("include") ?? null)) return "compose";
  if (textIn(tree.get("version") ?? null) !== undefined) return "compose";
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

/** Volumes that are filled from folders beside the file. */
function folderVolumes(
  drafts: readonly ServiceDraft[],
  declared: ReadonlyMap<string, Volume>,
): Map<string, Volume> {
  const volumes = new Map<string, Volume>();
  for (const { context } of drafts)
    for (const [key, { path: from, at }] of context.travelling.folders) {
      if (declared.has(key)) at.problem(`is kept in volume ${at.show(key)}. Rename that one.`);
      const common = { driverOptions: {}, labels: {}, external: false };
      volumes.set(key, { key, driver: DEFAULT_DRIVER, ...common, from });
    }
  return volumes;
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
