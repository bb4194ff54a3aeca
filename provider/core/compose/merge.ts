import { changed, Tagged, textIn, type Written, type WrittenMapping } from "./written";
import { isMapping, isSequence } from "./yaml";

type Rule = (before: Written, after: Written) => Written;

/** Of what is only for what stands before: nothing is left where that is not there. */
export function untagged<N extends Written>(node: N): N {
  return withoutTags(node) as N;
}

const isReset = (node: Written): boolean => node instanceof Tagged && node.tag === "reset";

function withoutTags(node: Written): Written {
  if (node instanceof Tagged) return withoutTags(node.node);
  if (isMapping(node)) {
    const left = [...node].filter(([, value]) => !isReset(value));
    return new Map(left.map(([key, value]) => [key, withoutTags(value)]));
  }
  return isSequence(node) ? node.filter((item) => !isReset(item)).map(withoutTags) : node;
}

const asItIs: Rule = (_, after) => after;

/**
 * Key by key, each by its own rule. Tags stay: they count once more where the whole is put on top of
 * an earlier file.
 */
function keyByKey(rules: Readonly<Record<string, Rule>> = {}, otherwise = anything): Rule {
  return (before, after) => {
    if (!isMapping(before) || !isMapping(after)) return after ?? before;
    const merged = new Map(before);
    for (const [key, value] of after) {
      const base = merged.get(key) ?? null;
      const rule = Object.hasOwn(rules, key) ? (rules[key] ?? otherwise) : otherwise;
      if (value instanceof Tagged || base === null) merged.set(key, value);
      else if (value !== null || rule === asItIs) merged.set(key, rule(base, value));
    }
    return merged;
  };
}

function anything(before: Written, after: Written): Written {
  if (isMapping(before) && isMapping(after)) return keyByKey()(before, after);
  return isSequence(before) && isSequence(after) ? appended(before, after) : after;
}

/** Of two that are the same, one. */
function appended(before: readonly Written[], after: readonly Written[]): readonly Written[] {
  const there = new Set(before.map(identityOf));
  return [...before, ...after.filter((item) => !there.has(identityOf(item)))];
}

/** The same of two that say the same. */
export function identityOf(node: Written): string {
  if (node instanceof Tagged) return identityOf(node.node);
  if (isSequence(node)) return `[${node.map(identityOf).join()}]`;
  if (!isMapping(node)) return JSON.stringify(textIn(node) ?? null);
  const entries = [...node].map(([key, value]) => `${JSON.stringify(key)}:${identityOf(value)}`);
  return `{${entries.sort().join()}}`;
}

/** "A=1" or A: 1, by its name; what could not be filled in has that of its text. */
type Pair = readonly [name: string, item: Written];

/** What is no text is told where it is read. */
function pairsIn(node: Written): readonly Pair[] | undefined {
  if (isSequence(node))
    return node.map((item) => [(textIn(item) ?? "").split("=", 1)[0] ?? "", item]);
  if (!isMapping(node)) return undefined;
  return [...node].flatMap(([name, value]): Pair[] =>
    (isSequence(value) ? value : [value]).map((each) => [name, joined(name, each)]),
  );
}

function joined(name: string, value: Written): Written {
  if (value instanceof Tagged) return new Tagged(value.tag, joined(name, value.node));
  return value === null ? name : changed(value, (text) => `${name}=${text}`);
}

/** By name; a list where one of them is one, as a name may come out of a variable. */
const pairs: Rule = (before, after) => {
  if (isMapping(before) && isMapping(after)) return keyByKey({}, asItIs)(before, after);
  const [base, over] = [pairsIn(before), pairsIn(after)];
  if (base === undefined || over === undefined) return after;
  const merged = new Map(base);
  for (const [name, item] of over)
    if (isReset(item)) merged.delete(name);
    else merged.set(name, item instanceof Tagged ? item.node : item);
  return [...merged.values()];
};

/** A list of names as a mapping of each to what it says. */
const named =
  (settings: () => Written): Rule =>
  (before, after) => {
    if (isSequence(before) && isSequence(after)) return appended(before, after);
    const asMapping = (node: Written) =>
      isSequence(node)
        ? new Map(node.map((item): [string, Written] => [textIn(item) ?? "", settings()]))
        : node;
    return anything(asMapping(before), asMapping(after));
  };

/** A list that one text may stand for. */
const list: Rule = (before, after) => {
  const asList = (node: Written) => (textIn(node) === undefined ? node : [node]);
  return anything(asList(before), asList(after));
};

/** The last one of a key, where the first one stands. */
const unique =
  (keyOf: (item: Written) => string): Rule =>
  (before, after) => {
    if (!isSequence(before) || !isSequence(after)) return after;
    return [...new Map([...before, ...after].map((item) => [keyOf(item), item])).values()];
  };

const within = (node: WrittenMapping, ...keys: readonly string[]): string =>
  keys.map((key) => textIn(node.get(key) ?? null)).find((text) => text !== undefined) ?? "";

/** Where a mount or a device is in the container. */
function targetOf(item: Written): string {
  if (isMapping(item)) return within(item, "target");
  const [first = "", second] = (textIn(item) ?? "").split(":");
  return (second ?? first).replace(/\/+$/, "");
}

/** By where they are in the container, as far as the file says it. */
const targetOrName = (item: Written): string =>
  isMapping(item) ? within(item, "target", "source") : (textIn(item) ?? "");

/** Options of another logging driver say nothing to this one. */
const logging: Rule = (before, after) => {
  if (!isMapping(before) || !isMapping(after)) return after;
  const [one, other] = [within(before, "driver"), within(after, "driver")];
  return one !== "" && other !== "" && one !== other ? after : anything(before, after);
};

/** A host may have several addresses. */
const hosts: Rule = (before, after) => {
  const [base, over] = [pairsIn(before), pairsIn(after)];
  if (base === undefined || over === undefined) return after;
  return appended(
    base.map(([, item]) => item),
    over.map(([, item]) => item),
  );
};

/** A text is its context. */
const build: Rule = (before, after) => {
  const asMapping = (node: Written) =>
    textIn(node) === undefined ? node : new Map([["context", node]]);
  const rules = {
    ...{ args: pairs, labels: pairs, additional_contexts: pairs },
    extra_hosts: hosts,
  };
  return keyByKey(rules)(asMapping(before), asMapping(after));
};

/** Keys of a service that are not merged as all others are, as in Compose. */
const service = keyByKey({
  ...{ command: asItIs, entrypoint: asItIs },
  ...{ environment: pairs, labels: pairs, annotations: pairs },
  ...{ sysctls: pairs, storage_opt: pairs, extra_hosts: hosts },
  ...{ dns: list, dns_search: list, tmpfs: list, env_file: list, label_file: list },
  ...{ volumes: unique(targetOf), devices: unique(targetOf) },
  ...{ secrets: unique(targetOrName), configs: unique(targetOrName) },
  networks: named(() => null),
  depends_on: named(() => new Map([["condition", "service_started"]])),
  deploy: keyByKey({ labels: pairs }),
  healthcheck: keyByKey({ test: asItIs }),
  ...{ build, logging },
});

const resources = keyByKey({}, keyByKey({ labels: pairs }));

const file = keyByKey({
  ...{ services: keyByKey({}, service), networks: resources, volumes: resources },
  ...{ secrets: resources, configs: resources },
});

/** One service on top of another. */
export const mergeServices = (before: Written, after: Written): Written =>
  service(untagged(before), after);

/** One file on top of another. */
export const mergeFiles = (before: WrittenMapping, after: WrittenMapping): WrittenMapping =>
  file(untagged(before), after) as WrittenMapping;
