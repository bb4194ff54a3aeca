import * as yaml from "js-yaml";
import type { Problems } from "./problems";

/**
 * A file as a tree in which every scalar is the text that the user wrote: `1.10` stays "1.10" and
 * `0755` stays "0755". Whoever needs a number, a boolean or a size makes it from the text, with an
 * error that can name the accepted forms.
 */
export type Content = string | readonly Node[] | Mapping;
export type Node = Content | null;
export type Mapping = ReadonlyMap<string, Node>;

export const isMapping = (node: Node): node is Mapping => node instanceof Map;
export const isSequence = (node: Node): node is readonly Node[] => Array.isArray(node);

/** Whether a mapping says anything under this key. */
export const says = (node: Node, key: string): boolean =>
  isMapping(node) && (node.get(key) ?? null) !== null;

const asText = (kind: string) =>
  new yaml.Type(`tag:yaml.org,2002:${kind}`, { kind: "scalar", construct: (data: string) => data });

const schema = yaml.FAILSAFE_SCHEMA.extend({
  implicit: [
    new yaml.Type("tag:yaml.org,2002:null", {
      kind: "scalar",
      resolve: (data: string | null) => data === null || /^(~|null|Null|NULL|)$/.test(data),
      construct: () => null,
    }),
    new yaml.Type("tag:yaml.org,2002:merge", {
      kind: "scalar",
      resolve: (data: unknown) => data === "<<" || data === null,
    }),
  ],
  explicit: ["int", "float", "bool", "timestamp"].map(asText),
});

/** Enough for any real file; a few lines of aliases to aliases would otherwise become gigabytes. */
const MAX_NODES = 100_000;

/** undefined when the text is not YAML, which is then in `problems` with its line and column. */
export function readYaml(text: string, problems: Problems): Node | undefined {
  let raw: unknown;
  try {
    raw = yaml.load(text, { schema });
  } catch (error) {
    reportYamlError(error, text, problems);
    return undefined;
  }
  const tree = new TreeBuilder().build(raw ?? null);
  if (tree === undefined)
    problems.add(
      "",
      `the file's aliases unfold to more than ${MAX_NODES} values or contain themselves. Use fewer aliases.`,
    );
  return tree;
}

function reportYamlError(error: unknown, text: string, problems: Problems): void {
  if (!(error instanceof yaml.YAMLException)) {
    problems.add("", "not YAML: it cannot be read as text with keys and values.");
    return;
  }
  // js-yaml's own typings say that the mark is always there; some of its errors come without.
  const mark = error.mark as yaml.Mark | undefined;
  const path = mark === undefined ? "" : `line ${mark.line + 1}, column ${mark.column + 1}`;
  const reason = error.reason.split("\n")[0] ?? "";
  if (reason !== "duplicated mapping key") {
    problems.add(path, `not YAML: ${reason}.`);
    return;
  }
  const line = text.split(/\r\n|\r|\n/)[mark?.line ?? -1]?.slice(mark?.column) ?? "";
  const key = /^["']?([^"':,{}]+)/.exec(line)?.[1]?.trim();
  const what = key === undefined ? "a key is" : `key '${key.slice(0, 60)}' is`;
  problems.add(path, `${what} there twice in one mapping. Keep one of them.`);
}

class TreeBuilder {
  private nodes = 0;
  private readonly open = new Set<object>();

  build(raw: unknown): Node | undefined {
    if (++this.nodes > MAX_NODES) return undefined;
    if (typeof raw === "string") return raw;
    // The schema makes nothing but texts, nulls, lists and mappings.
    if (typeof raw !== "object" || raw === null) return null;
    if (this.open.has(raw)) return undefined;
    this.open.add(raw);
    const node = Array.isArray(raw) ? this.sequence(raw) : this.mapping(raw);
    this.open.delete(raw);
    return node;
  }

  private sequence(raw: readonly unknown[]): Node | undefined {
    const items: Node[] = [];
    for (const item of raw) {
      const node = this.build(item);
      if (node === undefined) return undefined;
      items.push(node);
    }
    return items;
  }

  private mapping(raw: object): Node | undefined {
    const entries = new Map<string, Node>();
    for (const [key, value] of Object.entries(raw)) {
      const node = this.build(value);
      if (node === undefined) return undefined;
      entries.set(key, node);
    }
    return entries;
  }
}
