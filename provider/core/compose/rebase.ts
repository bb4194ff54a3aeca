import { posix } from "path";
import { isRemote, SERVICE } from "../build/build";
import { changed, textIn, type Written, type WrittenMapping } from "./written";
import { isMapping, isSequence } from "./yaml";

/** Paths of services and files of another folder, seen from this one. */
export function rebased(tree: WrittenMapping, folder: string): WrittenMapping {
  const whole = new Map(tree);
  for (const kind of ["secrets", "configs"]) {
    const named = tree.get(kind) ?? null;
    if (isMapping(named))
      whole.set(
        kind,
        mapped(named, (node) => inKey(node, "file", path(folder))),
      );
  }
  const services = tree.get("services") ?? null;
  if (isMapping(services))
    whole.set(
      "services",
      mapped(services, (node) => rebasedService(node, folder)),
    );
  return whole;
}

const mapped = (named: WrittenMapping, change: (node: Written) => Written): WrittenMapping =>
  new Map([...named].map(([name, node]): [string, Written] => [name, change(node)]));

type Move = (path: string) => string;

const path =
  (folder: string): Move =>
  (given) =>
    /^[/~]/.test(given) ? given : posix.join(folder, given);

/** What does not begin with a dot is the name of a volume. */
const mounted =
  (folder: string): Move =>
  (given) => {
    if (!/^\.\.?(\/|:|$)/.test(given)) return given;
    const moved = posix.join(folder, given);
    return /^(\/|\.\.(\/|:|$))/.test(moved) ? moved : `./${moved}`;
  };

/** A text, or what a mapping has under a key. */
function inKey(node: Written, key: string, move: Move): Written {
  if (!isMapping(node)) return node;
  const said = node.get(key);
  return said === undefined ? node : new Map(node).set(key, changed(said, move));
}

const textOr = (node: Written, key: string, move: Move): Written =>
  isMapping(node) ? inKey(node, key, move) : changed(node, move);

const each = (node: Written, change: (item: Written) => Written): Written =>
  isSequence(node) ? node.map(change) : change(node);

/** One service's. */
export function rebasedService(service: Written, folder: string): Written {
  if (folder === "" || folder === "." || !isMapping(service)) return service;
  const move = path(folder);
  return new Map(
    [...service].map(([key, value]): [string, Written] => {
      if (key === "env_file" || key === "label_file")
        return [key, each(value, (item) => textOr(item, "path", move))];
      if (key === "build") return [key, rebasedBuild(value, folder)];
      if (key !== "volumes" || !isSequence(value)) return [key, value];
      return [key, value.map((item) => textOr(item, "source", mounted(folder)))];
    }),
  );
}

/** A context that is not said is the folder of its own file. */
function rebasedBuild(build: Written, folder: string): Written {
  const move: Move = (given) =>
    given.startsWith(SERVICE) || isRemote(given) ? given : path(folder)(given);
  if (textIn(build) !== undefined) return changed(build, move);
  if (!isMapping(build)) return build;
  const result = new Map(build).set("context", changed(build.get("context") ?? ".", move));
  const further = build.get("additional_contexts") ?? null;
  if (isMapping(further))
    result.set(
      "additional_contexts",
      mapped(further, (node) => changed(node, move)),
    );
  return result;
}
