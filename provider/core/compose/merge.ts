import type { Place } from "./problems";
import { isMapping, isSequence, type Mapping, type Node } from "./yaml";

/** `!reset` takes away what stands before, `!override` puts itself in its place. By path. */
export type Tags = ReadonlyMap<string, "reset" | "override">;

type Rule = (before: Node, after: Node) => Node;

const asItIs: Rule = (_, after) => after;

/** What is no text is told where it is read. */
const textOf = (node: Node): string => (typeof node === "string" ? node : "");

/** "A=1" as A: 1; `separators` part a name from its value. */
const asPairs =
  (separators: RegExp) =>
  (node: Node): Node => {
    if (!isSequence(node)) return node;
    const pairs = node.map((item): [string, Node] => {
      const [, name = "", value] = separators.exec(typeof item === "string" ? item : "") ?? [];
      return [name, value ?? null];
    });
    return new Map(pairs);
  };

const pairs =
  (separators = /^([^=]*)(?:=(.*))?$/s): Rule =>
  (before, after) => {
    const [base, over] = [asPairs(separators)(before), asPairs(separators)(after)];
    return isMapping(base) && isMapping(over) ? new Map([...base, ...over]) : after;
  };

/** A list of names as a mapping of each to what it says. */
const named =
  (settings: () => Node): ((node: Node) => Node) =>
  (node) =>
    isSequence(node)
      ? new Map(node.map((item): [string, Node] => [textOf(item), settings()]))
      : node;

/** Where a mount or a device is in the container. */
function targetOf(item: Node): string {
  if (isMapping(item)) return textOf(item.get("target") ?? null);
  const [first = "", second] = textOf(item).split(":");
  return (second ?? first).replace(/\/+$/, "");
}

const byTarget: Rule = (before, after) => {
  if (!isSequence(before) || !isSequence(after)) return after;
  const all = [...before, ...after].map((item) => [targetOf(item), item] as const);
  return [...new Map(all).values()];
};

/** By where they are in the container, as far as the file says it. */
const byTargetOrName: Rule = (before, after) => {
  if (!isSequence(before) || !isSequence(after)) return after;
  const keyOf = (item: Node) =>
    isMapping(item) ? textOf(item.get("target") ?? item.get("source") ?? null) : textOf(item);
  return [...new Map([...before, ...after].map((item) => [keyOf(item), item])).values()];
};

/** Options of another logging driver say nothing to this one. */
const logging: Rule = (before, after) => {
  if (!isMapping(before) || !isMapping(after)) return after;
  const [one = null, other = null] = [before.get("driver"), after.get("driver")];
  if (one !== null && other !== null && one !== other) return after;
  return mergeMappings(before, after);
};

/** A text is its context. */
const asBuild = (node: Node): Node =>
  typeof node === "string" ? new Map([["context", node]]) : node;

const PAIRS_OF_BUILD = ["args", "labels", "additional_contexts"];

const build: Rule = (said, saidAfter) => {
  const [before, after] = [asBuild(said), asBuild(saidAfter)];
  if (!isMapping(before) || !isMapping(after)) return after;
  const merged = new Map(mergeMappings(before, after));
  for (const key of PAIRS_OF_BUILD) {
    const [one = null, other = null] = [before.get(key), after.get(key)];
    if (one !== null && other !== null) merged.set(key, pairs()(one, other));
  }
  return merged;
};

/** Keys of a service that are not merged as all others are, as in Compose. */
const RULES: Readonly<Record<string, Rule>> = {
  command: asItIs,
  entrypoint: asItIs,
  environment: pairs(),
  labels: pairs(),
  annotations: pairs(),
  sysctls: pairs(),
  storage_opt: pairs(),
  extra_hosts: pairs(/^([^=:]*)[=:](.*)$/s),
  volumes: byTarget,
  devices: byTarget,
  secrets: byTargetOrName,
  configs: byTargetOrName,
  build,
  logging,
};

const AS_MAPPING: Readonly<Record<string, (node: Node) => Node>> = {
  networks: named(() => null),
  depends_on: named(() => new Map([["condition", "service_started"]])),
};

/** A list that one text may stand for. */
const asList = (node: Node): Node => (typeof node === "string" ? [node] : node);

const LISTS = new Set(["dns", "dns_search", "tmpfs", "env_file", "label_file"]);

function mergeNodes(before: Node, after: Node): Node {
  if (after === null) return before;
  if (isMapping(before) && isMapping(after)) return mergeMappings(before, after);
  return isSequence(before) && isSequence(after) ? [...before, ...after] : after;
}

function mergeMappings(before: Mapping, after: Mapping): Mapping {
  const merged = new Map(before);
  for (const [key, value] of after)
    merged.set(key, merged.has(key) ? mergeNodes(merged.get(key) ?? null, value) : value);
  return merged;
}

function mergeKey(key: string, before: Node, after: Node): Node {
  const rule = RULES[key];
  if (after === null && rule !== asItIs) return before;
  if (rule !== undefined) return rule(before, after);
  if (key === "healthcheck" && isMapping(before) && isMapping(after) && after.has("test"))
    return mergeMappings(new Map([...before].filter(([each]) => each !== "test")), after);
  const form = AS_MAPPING[key] ?? (LISTS.has(key) ? asList : (node: Node) => node);
  return mergeNodes(form(before), form(after));
}

/** One service on top of another. `at` and `tags` are the upper one's. */
export function mergeServices(before: Node, after: Node, at: Place, tags: Tags): Node {
  if (!isMapping(before) || !isMapping(after)) return after ?? before;
  const merged = new Map(before);
  for (const [key, value] of after) {
    const tag = tags.get(at.key(key).path);
    const base = tag === "override" ? null : (merged.get(key) ?? null);
    if (tag === "reset") merged.delete(key);
    else merged.set(key, base === null ? value : mergeKey(key, base, value));
  }
  return merged;
}

/** One file on top of another. */
export function mergeFiles(before: Mapping, after: Mapping, top: Place, tags: Tags): Mapping {
  const merged = new Map(before);
  for (const [key, value] of after) {
    const base = merged.get(key) ?? null;
    const here = top.key(key);
    if (tags.get(here.path) === "reset") merged.delete(key);
    else if (tags.get(here.path) === "override" || !isMapping(base) || !isMapping(value))
      merged.set(key, value ?? base);
    else
      merged.set(
        key,
        key === "services" ? servicesOn(base, value, here, tags) : mergeMappings(base, value),
      );
  }
  return merged;
}

function servicesOn(before: Mapping, after: Mapping, at: Place, tags: Tags): Mapping {
  const merged = new Map(before);
  for (const [name, service] of after) {
    const here = at.key(name);
    const tag = tags.get(here.path);
    const base = tag === "override" ? null : (merged.get(name) ?? null);
    if (tag === "reset") merged.delete(name);
    else merged.set(name, mergeServices(base ?? new Map(), service, here, tags));
  }
  return merged;
}
