import { posix } from "path";
import type { Format } from "./draft";
import { parseEnvFile } from "./env-file";
import { definedOnly, filledIn, lookUp, type Variables } from "./interpolate";
import { identityOf, mergeFiles, mergeServices, untagged } from "./merge";
import { didYouMean } from "./name-rules";
import { Place, type FileProblem, type Position, type Problems } from "./problems";
import { rebased, rebasedService } from "./rebase";
import { Filled, isUnset, Tagged, textIn, type Written, type WrittenMapping } from "./written";
import { isMapping, isSequence, readYaml, type Source } from "./yaml";

/** A text that has been read, and what it is called. */
export interface NamedText {
  readonly fileName: string;
  readonly text: string;
}

/** The files that a program gives, each to be put on top of those before it. */
export function readFiles(files: readonly NamedText[]): Source {
  const sources = files.map(({ fileName, text }) =>
    files.length === 1 ? readYaml(text) : inFile(readYaml(text), fileName),
  );
  const problems = sources.flatMap((source) => source.problems);
  const positions = new Map(sources.flatMap((source) => [...source.positions]));
  const trees = problems.length > 0 ? [] : sources.flatMap((source) => source.trees);
  return { trees, problems, positions };
}

function inFile(source: Source, file: string): Source {
  const located = (at: Position): Position => ({ ...at, file });
  const problems = source.problems.map((each): FileProblem =>
    each.at === undefined ? { ...each, path: file } : { ...each, at: located(each.at) },
  );
  const positions = new Map([...source.positions].map(([path, at]) => [path, located(at)]));
  return { ...source, problems, positions };
}

/** Enough for any real file, and no endless calls. */
const MOST_EXTENDED = 200;

interface Unit {
  readonly tree: WrittenMapping;
  /** The folder, seen from the program's file. */
  readonly folder: string;
  readonly variables: Variables;
}

export interface Surroundings {
  readonly readFile: (path: string) => string | undefined;
  /** Whether the `.env` beside an included file gives values to it. */
  readonly envFiles: boolean;
}

/** What `extends` and `include` name is read as it is needed, and once. */
export class Assembly {
  private readonly units = new Map<Variables, Map<string, Unit | undefined>>();
  private readonly extended = new Map<Unit, Map<string, Written>>();
  private readonly top: Place;

  constructor(
    private readonly around: Surroundings,
    problems: Problems,
  ) {
    this.top = new Place("", problems);
  }

  /** The files with all that they include, and with services that extend others as they are then. */
  whole(trees: readonly WrittenMapping[], format: Format, variables: Variables): WrittenMapping {
    const isFig = format === "fig";
    const files = trees.map((given) => {
      const tree = filledIn(isFig ? asServices(given) : given, variables) as WrittenMapping;
      return this.assembled(
        { tree, folder: "", variables },
        isFig ? this.top : this.top.key("services"),
        [],
      );
    });
    const whole = untagged(files.reduce(mergeFiles, new Map()));
    return isFig ? (whole.get("services") as WrittenMapping) : whole;
  }

  /** `at`: its services. */
  private assembled(unit: Unit, at: Place, open: readonly string[]): WrittenMapping {
    const own = new Map(unit.tree);
    own.delete("include");
    const all = this.included(unit, open).reduce<WrittenMapping>(
      (above, each) => mergeFiles(resourcesBelow(each, above), above),
      own,
    );
    const services = all.get("services") ?? null;
    if (!isMapping(services)) return all;
    const whole = { ...unit, tree: all };
    return new Map(all).set(
      "services",
      new Map(
        [...services.keys()].map((name) => [name, this.service(whole, name, at.key(name), [])]),
      ),
    );
  }

  private included(unit: Unit, open: readonly string[]): WrittenMapping[] {
    const at = this.top.key("include");
    const listed = unit.tree.get("include") ?? null;
    if (listed === null) return [];
    if (!isSequence(listed))
      return at.problem<WrittenMapping[]>('must be a list. Write "- other.yml" lines.', []) ?? [];
    return listed.flatMap((item, index) => {
      const said = isMapping(item) ? item : new Map([["path", item]]);
      return this.includedBy(said, unit, at.index(index), open);
    });
  }

  private includedBy(
    said: WrittenMapping,
    unit: Unit,
    at: Place,
    open: readonly string[],
  ): WrittenMapping[] {
    for (const key of said.keys())
      if (!["path", "project_directory", "env_file"].includes(key))
        at.key(key).problem("unknown key. Remove it.");
    const paths = texts(said.get("path") ?? null, at).map((path) => seenFrom(unit.folder, path));
    const [first] = paths;
    if (first === undefined)
      return at.problem<WrittenMapping[]>("names no file. Write its path.", []) ?? [];
    const wanted = textAt(said.get("project_directory") ?? null, at);
    const folder = wanted === undefined ? posix.dirname(first) : seenFrom(unit.folder, wanted);
    const variables = this.variablesOf(said, unit, folder, at);
    const files = paths.flatMap((path) => {
      const found = this.unit(path, variables, at, open);
      if (found === undefined) return [];
      return [this.assembled({ ...found, folder }, this.top.key("services"), [...open, path])];
    });
    const whole = untagged(files.reduce(mergeFiles, new Map()));
    const resolved = variables === unit.variables ? whole : withOwnNames(whole, variables);
    return [rebased(resolved, wayTo(folder, unit.folder))];
  }

  /** An included file's own: of `env_file`, or of the `.env` in its folder; those above it win. */
  private variablesOf(said: WrittenMapping, unit: Unit, folder: string, at: Place): Variables {
    const here = at.key("env_file");
    const named = texts(said.get("env_file") ?? null, here);
    const paths = named.map((name) => seenFrom(unit.folder, name));
    const beside = this.around.envFiles ? [posix.join(folder, ".env")] : [];
    let own: Variables = {};
    for (const path of named.length > 0 ? paths.filter((each) => each !== "/dev/null") : beside) {
      const content = this.around.readFile(path);
      const shown = named.length > 0 ? here.show(path) : at.show(path);
      const scope = { variables: unit.variables, earlier: own };
      if (content !== undefined) own = { ...own, ...parseEnvFile(content, shown, scope, here) };
      else if (named.length > 0)
        here.problem(`${shown} is not there, or is no file. Give its path.`);
    }
    if (Object.keys(own).every((name) => unit.variables[name] !== undefined)) return unit.variables;
    if (named.length === 0)
      at.note(
        "values for its variables are taken from the `.env` in its folder too; `variables` win, and envFile: false reads none.",
      );
    return { ...own, ...definedOnly(unit.variables) };
  }

  private service(unit: Unit, name: string, at: Place, open: readonly string[]): Written {
    const known = this.extended.get(unit) ?? new Map<string, Written>();
    this.extended.set(unit, known);
    const found = known.get(name);
    if (found !== undefined) return found;
    const given = (unit.tree.get("services") as WrittenMapping).get(name) ?? null;
    const service = given instanceof Tagged ? given.node : given;
    const extended = isMapping(service) ? this.onBase(unit, name, service, at, open) : service;
    const result = given instanceof Tagged ? new Tagged(given.tag, extended) : extended;
    known.set(name, result);
    return result;
  }

  private onBase(
    unit: Unit,
    name: string,
    service: WrittenMapping,
    at: Place,
    open: readonly string[],
  ): Written {
    const said = service.get("extends") ?? null;
    if (said === null) return service;
    const own = new Map(service);
    own.delete("extends");
    const base = this.base(unit, name, said, at.key("extends"), open);
    // What follows from a base that is not there is noise.
    return base === undefined
      ? new Map<string, Written>([["image", "unknown"], ...own])
      : mergeServices(base, own);
  }

  private base(
    unit: Unit,
    name: string,
    said: Written,
    at: Place,
    open: readonly string[],
  ): Written | undefined {
    const file = textAt(isMapping(said) ? (said.get("file") ?? null) : null, at);
    const wanted = textAt(isMapping(said) ? (said.get("service") ?? null) : said, at);
    if (wanted === undefined)
      return at.problem("names no service. Write the service that it extends.");
    const other =
      file === undefined ? unit : this.unit(seenFrom(unit.folder, file), unit.variables, at, []);
    if (other === undefined) return undefined;
    const key = `${other.folder}|${file ?? ""}|${wanted}`;
    const services = other.tree.get("services") ?? null;
    const names = isMapping(services) ? [...services.keys()] : [];
    if (!names.includes(wanted))
      return at.problem(
        `extends ${at.show(wanted)}, and there is no such service.${didYouMean(wanted, names) || " Name one that is there."}`,
      );
    if (open.includes(key) || (other === unit && wanted === name))
      return at.problem("goes in a circle. Remove one of them.");
    if (open.length >= MOST_EXTENDED)
      return at.problem(`extends ${MOST_EXTENDED} services, one after the other. Use fewer.`);
    const base = this.service(other, wanted, at, [...open, key]);
    return other === unit ? base : rebasedService(base, wayTo(other.folder, unit.folder));
  }

  private unit(
    path: string,
    variables: Variables,
    at: Place,
    open: readonly string[],
  ): Unit | undefined {
    if (open.includes(path)) return at.problem("goes in a circle. Remove one of them.");
    const known = this.units.get(variables) ?? new Map<string, Unit | undefined>();
    this.units.set(variables, known);
    if (!known.has(path)) known.set(path, this.read(path, variables, at));
    return known.get(path);
  }

  private read(path: string, variables: Variables, at: Place): Unit | undefined {
    const text = this.around.readFile(path);
    if (text === undefined)
      return at.problem(
        `${at.show(path)} is not there, or is no file. Its path is relative to this file.`,
      );
    const { trees, problems } = readYaml(text);
    const [wrong] = problems;
    if (wrong !== undefined) return at.problem(`${at.show(path)}: ${wrong.reason}`);
    const files = trees.filter((tree) => isMapping(tree));
    if (files.length === 0)
      return at.problem(
        `${at.show(path)} is not a compose file. Write services with their images.`,
      );
    const filled = files.map((file) => {
      const whole = file.has("services") || file.has("include") ? file : asServices(file);
      return filledIn(whole, variables) as WrittenMapping;
    });
    const tree = filled.reduce((below, above) => mergeFiles(below, above));
    return { tree, folder: posix.dirname(path), variables };
  }
}

/** One text or several. Messages of this place then show what is written there. */
const texts = (node: Written, at: Place): string[] =>
  (isSequence(node) ? node : [node]).flatMap((each) => textAt(each, at) ?? []);

function textAt(node: Written, at: Place): string | undefined {
  if (node instanceof Filled) at.markFilledIn(node.written);
  if (isUnset(node)) return at.problem(node.result.problem);
  return textIn(node);
}

const seenFrom = (folder: string, path: string): string =>
  path.startsWith("/") ? path : posix.join(folder, path);

const wayTo = (folder: string, from: string): string =>
  folder.startsWith("/") ? folder : posix.relative(from, folder);

/** A fig file has its services at the top. */
const asServices = (tree: WrittenMapping): WrittenMapping => new Map([["services", tree]]);

const RESOURCES = ["services", "volumes", "networks", "secrets", "configs"];

/** What a file brings to one that includes it: nothing that this one has in the same words. */
function resourcesBelow(file: WrittenMapping, above: WrittenMapping): WrittenMapping {
  const kinds = RESOURCES.flatMap((kind): [string, Written][] => {
    const [brought, there] = [file.get(kind) ?? null, above.get(kind) ?? null];
    if (!isMapping(brought) || !isMapping(there)) return brought === null ? [] : [[kind, brought]];
    const isNew = ([name, node]: [string, Written]) => {
      const other = there.get(name);
      return other === undefined || identityOf(other) !== identityOf(node);
    };
    return [[kind, new Map([...brought].filter(isNew))]];
  });
  return new Map(kinds);
}

/** Names without a value in a list take that of the file's own variable. */
function withOwnNames(tree: WrittenMapping, variables: Variables): WrittenMapping {
  const named = (item: Written): Written => {
    const value = typeof item === "string" ? lookUp(variables, item) : undefined;
    return value === undefined
      ? item
      : new Filled(item as string, { text: `${item as string}=${value}` });
  };
  return withServices(tree, (service) => {
    const environment = service.get("environment") ?? null;
    return isSequence(environment)
      ? new Map(service).set("environment", environment.map(named))
      : service;
  });
}

function withServices(
  tree: WrittenMapping,
  change: (service: WrittenMapping) => Written,
): WrittenMapping {
  const services = tree.get("services") ?? null;
  if (!isMapping(services)) return tree;
  const each = [...services].map(([name, node]): [string, Written] => [
    name,
    isMapping(node) ? change(node) : node,
  ]);
  return new Map(tree).set("services", new Map(each));
}
