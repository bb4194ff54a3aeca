import { posix } from "path";
import { isRemote, SERVICE } from "../build/build";
import type { Format } from "./draft";
import { mergeFiles, mergeServices, type Tags } from "./merge";
import { didYouMean } from "./name-rules";
import { Place, type FileProblem, type Position, type Problems } from "./problems";
import { isMapping, isSequence, readYaml, type Mapping, type Node, type Source } from "./yaml";

/** A text that has been read, and what it is called. */
export interface NamedText {
  readonly fileName: string;
  readonly text: string;
}

/** The files that a program gives, as one: each on top of those before it. */
export function readFiles(files: readonly NamedText[]): Source {
  const [first] = files;
  if (first === undefined) return { problems: [], positions: new Map(), tags: new Map() };
  if (files.length === 1) return readYaml(first.text);
  const sources = files.map(({ fileName, text }) => inFile(readYaml(text), fileName));
  const problems = sources.flatMap((source) => source.problems);
  const positions = new Map(sources.flatMap((source) => [...source.positions]));
  if (problems.length > 0) return { problems, positions, tags: new Map() };
  const top = new Place("");
  let tree: Mapping = new Map();
  for (const source of sources)
    if (isMapping(source.tree ?? null))
      tree = mergeFiles(tree, source.tree as Mapping, top, source.tags);
  return { tree, problems, positions, tags: new Map() };
}

function inFile(source: Source, file: string): Source {
  const located = (at: Position): Position => ({ ...at, file });
  const problems = source.problems.map((each): FileProblem =>
    each.at === undefined ? { ...each, path: file } : { ...each, at: located(each.at) },
  );
  const positions = new Map([...source.positions].map(([path, at]) => [path, located(at)]));
  return { ...source, problems, positions };
}

interface Unit {
  readonly tree: Mapping;
  readonly tags: Tags;
  /** The folder, seen from the program's file. */
  readonly folder: string;
}

/** What `extends` and `include` name is read as it is needed, and once. */
export class Assembly {
  private readonly units = new Map<string, Unit | undefined>();

  constructor(
    private readonly readFile: (path: string) => string | undefined,
    private readonly problems: Problems,
  ) {}

  /** The file with all that it includes, and with services that extend others as they are then. */
  whole(tree: Mapping, tags: Tags, format: Format): Mapping {
    const top = new Place("", this.problems);
    if (format === "fig") {
      const unit = { tree: asServices(tree), tags, folder: "" };
      return new Map(
        [...tree.keys()].map((name) => [name, this.service(unit, name, top.key(name), [])]),
      );
    }
    return this.assembled({ tree, tags, folder: "" }, top, []);
  }

  private assembled(unit: Unit, top: Place, open: readonly string[]): Mapping {
    const services = unit.tree.get("services") ?? null;
    const own = new Map(unit.tree);
    own.delete("include");
    if (isMapping(services)) {
      const at = top.key("services");
      own.set(
        "services",
        new Map(
          [...services.keys()].map((name) => [name, this.service(unit, name, at.key(name), [])]),
        ),
      );
    }
    return this.included(unit, top, open).reduce(
      (all, each) => mergeFiles(each, all, top, new Map()),
      own,
    );
  }

  private included(unit: Unit, top: Place, open: readonly string[]): Mapping[] {
    const at = top.key("include");
    const listed = unit.tree.get("include") ?? null;
    if (listed === null) return [];
    if (!isSequence(listed))
      return at.problem<Mapping[]>('must be a list. Write "- other.yml" lines.', []) ?? [];
    return listed.flatMap((item, index) => {
      const here = at.index(index);
      const path = isMapping(item) ? (item.get("path") ?? null) : item;
      for (const key of isMapping(item) ? item.keys() : [])
        if (key !== "path")
          here.key(key).problem("not supported: files are read beside each other. Remove it.");
      if (path === null || isMapping(path)) here.problem("names no file. Write its path.");
      const paths = (isSequence(path) ? path : [path]).filter((each) => typeof each === "string");
      return paths.flatMap((each): Mapping[] => {
        const found = this.unit(posix.join(unit.folder, each), here, open);
        if (found === undefined) return [];
        return [rebased(this.assembled(found, top, [...open, each]), found.folder)];
      });
    });
  }

  private service(unit: Unit, name: string, at: Place, open: readonly string[]): Node {
    const services = unit.tree.get("services") as Mapping;
    const service = services.get(name) ?? null;
    const said = isMapping(service) ? (service.get("extends") ?? null) : null;
    if (!isMapping(service) || said === null) return withoutReset(service, at, unit.tags);
    const own = new Map(service);
    own.delete("extends");
    const here = at.key("extends");
    const base = this.base(unit, name, said, here, open);
    // What follows from a base that is not there is noise.
    if (base === undefined) return new Map([["image", "unknown"], ...own]);
    return mergeServices(base, own, at, unit.tags);
  }

  private base(
    unit: Unit,
    name: string,
    said: Node,
    at: Place,
    open: readonly string[],
  ): Node | undefined {
    const wanted = isMapping(said) ? (said.get("service") ?? null) : said;
    const file = isMapping(said) ? (said.get("file") ?? null) : null;
    if (typeof wanted !== "string")
      return at.problem("names no service. Write the service that it extends.");
    const other =
      typeof file === "string" ? this.unit(posix.join(unit.folder, file), at, []) : unit;
    if (other === undefined) return undefined;
    const key = `${other.folder}|${typeof file === "string" ? file : ""}|${wanted}`;
    const services = other.tree.get("services") ?? null;
    const names = isMapping(services) ? [...services.keys()] : [];
    if (!names.includes(wanted))
      return at.problem(
        `extends ${at.show(wanted)}, and there is no such service.${didYouMean(wanted, names) || " Name one that is there."}`,
      );
    if (open.includes(key) || (other === unit && wanted === name))
      return at.problem("goes in a circle. Remove one of them.");
    const base = this.service(other, wanted, at, [...open, key]);
    return other === unit ? base : rebasedService(base, posix.relative(unit.folder, other.folder));
  }

  private unit(path: string, at: Place, open: readonly string[]): Unit | undefined {
    if (open.includes(path)) return at.problem("goes in a circle. Remove one of them.");
    if (this.units.has(path)) return this.units.get(path);
    const unit = this.read(path, at);
    this.units.set(path, unit);
    return unit;
  }

  private read(path: string, at: Place): Unit | undefined {
    const text = this.readFile(path);
    if (text === undefined)
      return at.problem(
        `${at.show(path)} is not there, or is no file. Its path is relative to this file.`,
      );
    const { tree = null, tags, problems } = readYaml(text);
    const [wrong] = problems;
    if (wrong !== undefined) return at.problem(`${at.show(path)}: ${wrong.reason}`);
    if (isMapping(tree))
      return {
        tree: tree.has("services") ? tree : asServices(tree),
        tags,
        folder: posix.dirname(path),
      };
    return at.problem(`${at.show(path)} is not a compose file. Write services with their images.`);
  }
}

/** A fig file has its services at the top. */
const asServices = (tree: Mapping): Mapping => new Map([["services", tree]]);

function withoutReset(service: Node, at: Place, tags: Tags): Node {
  if (tags.size === 0 || !isMapping(service)) return service;
  return new Map([...service].filter(([key]) => tags.get(at.key(key).path) !== "reset"));
}

/** Paths of another folder, seen from this one. */
function rebased(tree: Mapping, folder: string): Mapping {
  const whole = new Map(tree);
  for (const kind of ["secrets", "configs"]) {
    const named = tree.get(kind) ?? null;
    if (isMapping(named)) whole.set(kind, rebasedFiles(named, folder));
  }
  return rebasedServices(whole, folder);
}

function rebasedFiles(named: Mapping, folder: string): Mapping {
  return new Map(
    [...named].map(([name, node]): [string, Node] => {
      const path = isMapping(node) ? node.get("file") : undefined;
      if (typeof path !== "string" || path.startsWith("/")) return [name, node];
      return [name, new Map(node as Mapping).set("file", posix.join(folder, path))];
    }),
  );
}

function rebasedServices(tree: Mapping, folder: string): Mapping {
  const services = tree.get("services") ?? null;
  if (!isMapping(services)) return tree;
  const moved = [...services].map(([name, node]): [string, Node] => [
    name,
    rebasedService(node, folder),
  ]);
  return new Map(tree).set("services", new Map(moved));
}

function rebasedService(service: Node, folder: string): Node {
  if (folder === "" || folder === "." || !isMapping(service)) return service;
  const moved = (path: string) => (path.startsWith("/") ? path : posix.join(folder, path));
  const file = (node: Node): Node => {
    if (typeof node === "string") return moved(node);
    if (isSequence(node)) return node.map(file);
    const path = isMapping(node) ? node.get("path") : undefined;
    return typeof path === "string" ? new Map(node as Mapping).set("path", moved(path)) : node;
  };
  const local = (path: string) =>
    /^\.\.?(\/|:|$)/.test(path) ? `./${moved(path)}`.replace(/^\.\/\.\.\//, "../") : path;
  const mounted = (node: Node): Node => {
    if (typeof node === "string") return local(node);
    const source = isMapping(node) ? node.get("source") : undefined;
    return typeof source === "string"
      ? new Map(node as Mapping).set("source", local(source))
      : node;
  };
  return new Map(
    [...service].map(([key, value]): [string, Node] => {
      if (key === "env_file" || key === "label_file") return [key, file(value)];
      if (key === "build") return [key, rebasedBuild(value, folder)];
      return [key, key === "volumes" && isSequence(value) ? value.map(mounted) : value];
    }),
  );
}

/** A context that is not said is the folder of its own file. */
function rebasedBuild(build: Node, folder: string): Node {
  const moved = (path: string) =>
    path.startsWith("/") || path.startsWith(SERVICE) || isRemote(path)
      ? path
      : posix.join(folder, path);
  if (typeof build === "string") return moved(build);
  if (!isMapping(build)) return build;
  const context = build.get("context") ?? ".";
  const further = build.get("additional_contexts") ?? null;
  const result = new Map(build);
  if (typeof context === "string") result.set("context", moved(context));
  if (isMapping(further))
    result.set(
      "additional_contexts",
      new Map(
        [...further].map(([key, path]) => [key, typeof path === "string" ? moved(path) : path]),
      ),
    );
  return result;
}
