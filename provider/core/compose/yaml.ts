import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Alias,
  type Document,
  type ParsedNode,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { Place, quoted, type FileProblem, type Position } from "./problems";
import { Tagged, type Written, type WrittenMapping } from "./written";

/**
 * A file as a tree in which every scalar is the text that the user wrote: `1.10` stays "1.10" and
 * `0755` stays "0755". Whoever needs a number, a boolean or a size makes it from the text, with an
 * error that can name the accepted forms.
 */
export type Content = string | readonly Node[] | Mapping;
export type Node = Content | null;
export type Mapping = ReadonlyMap<string, Node>;

export const isMapping = <N>(node: N): node is Extract<N, ReadonlyMap<string, unknown>> =>
  node instanceof Map;
export const isSequence = <N>(node: N): node is Extract<N, readonly unknown[]> =>
  Array.isArray(node);

/** Whether a mapping says anything under this key. */
export const says = (node: Node, key: string): boolean =>
  isMapping(node) && (node.get(key) ?? null) !== null;

/** Enough for any real file; a few lines of aliases to aliases would otherwise become gigabytes. */
const MAX_NODES = 100_000;

const MERGE = "tag:yaml.org,2002:merge";

/** Tags of YAML's own that say what a text is: it stays the text that it is. */
const customTags = ["int", "float", "bool", "timestamp", "null", "merge"].map((kind) => ({
  tag: `tag:yaml.org,2002:${kind}`,
  resolve: (text: string) => text,
}));

/** A text as it was read; no trees where it is not YAML, and then what is wrong with it. */
export interface Source {
  /** Of its documents, each to be put on top of those before it. */
  readonly trees: readonly Written[];
  readonly problems: readonly FileProblem[];
  /** Where each place of the tree stands in the text, by path. */
  readonly positions: ReadonlyMap<string, Position>;
}

export function readYaml(text: string): Source {
  const lineCounter = new LineCounter();
  const positions = new Map<string, Position>();
  const at = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
  try {
    const read = parseAllDocuments<ParsedNode, false>(text, {
      // The parser compares each key with each, and knows tags beside its schema's.
      ...{
        lineCounter,
        schema: "failsafe",
        customTags,
        uniqueKeys: false,
        resolveKnownTags: false,
      },
      ...{ prettyErrors: false, logLevel: "error" },
    });
    const documents = (Array.isArray(read) ? read : []) as Document.Parsed<ParsedNode, false>[];
    const [error] = documents.flatMap(({ errors, warnings }) => [
      ...errors,
      ...warnings.filter((each) => !isTagOfCompose(each, text)),
    ]);
    if (error !== undefined) throw asUnusable(error);
    const locate = (path: string, offset: number) => positions.set(path, at(offset));
    const trees = documents.map((document) => new TreeBuilder(document, locate).tree());
    return { trees, problems: [], positions };
  } catch (stopped) {
    const { reason, offset } = unusable(stopped);
    const problem = { path: "", reason, ...(offset === undefined ? {} : { at: at(offset) }) };
    return { trees: [], problems: [problem], positions };
  }
}

const isTagOfCompose = ({ code, pos }: YAMLError, text: string): boolean =>
  code === "TAG_RESOLVE_FAILED" && ["!reset", "!override"].includes(text.slice(...pos));

const asUnusable = ({ message, pos: [at] }: YAMLError): Unusable =>
  new Unusable(`not YAML: ${uncapitalised(message)}.`, at);

/** A parser's sentence within one of ours: its first one, on one line. */
function uncapitalised(words: string): string {
  const [first = ""] = words.split(/[.;]? *\n|; /);
  const sentence = first
    // It may quote the file.
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .slice(0, 160)
    .replace(/[.:]?\s*$/, "");
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** YAML that no compose file may be made of. */
class Unusable extends Error {
  constructor(
    readonly reason: string,
    readonly offset?: number,
  ) {
    super(reason);
  }
}

function unusable(error: unknown): Unusable {
  if (error instanceof Unusable) return error;
  // The parser goes down into what it reads by calling itself.
  if (error instanceof RangeError) return new Unusable("the file is nested too deeply.");
  throw error;
}

const unfolds = () =>
  new Unusable(
    `the file's aliases unfold to more than ${MAX_NODES} values or contain themselves. Use fewer aliases.`,
  );

interface KeyValue {
  readonly key: Scalar.Parsed;
  readonly value: ParsedNode | null;
}

class TreeBuilder {
  private nodes = 0;
  private readonly open = new Set<ParsedNode>();
  private readonly targets: ReadonlyMap<ParsedNode, ParsedNode>;

  constructor(
    private readonly document: Document.Parsed<ParsedNode, false>,
    private readonly locate: (path: string, offset: number) => void,
  ) {
    this.targets = targetsOf(document);
  }

  tree(): Written {
    return this.build(this.document.contents, new Place(""));
  }

  private build(parsed: ParsedNode | null, place: Place): Written {
    this.count();
    if (parsed === null) return null;
    const node = this.target(parsed);
    const built = this.content(node, place);
    if (node.tag === "!reset") return new Tagged("reset", built);
    return node.tag === "!override" ? new Tagged("override", built) : built;
  }

  private content(node: Exclude<ParsedNode, Alias.Parsed>, place: Place): Written {
    if (isScalar(node)) return textOf(node);
    return this.within(node, () =>
      isMap(node)
        ? this.mapping(node, place)
        : node.items.map((item, index) => {
            const here = place.index(index);
            this.locate(here.path, item.range[0]);
            return this.build(item, here);
          }),
    );
  }

  private mapping(node: YAMLMap.Parsed, place: Place): WrittenMapping {
    return new Map(
      [...this.entries(node)].map(([name, { key, value }]) => {
        const here = place.key(name);
        this.locate(here.path, key.range[0]);
        return [name, this.build(value, here)];
      }),
    );
  }

  /** With what is merged in: a mapping's own keys win, then the earlier ones. */
  private entries(node: YAMLMap.Parsed): Map<string, KeyValue> {
    const entries = new Map<string, KeyValue>();
    const own = new Set<string>();
    for (const { key, value } of node.items as { key: ParsedNode; value: ParsedNode | null }[]) {
      this.count();
      const name = this.target(key);
      if (!isScalar(name))
        throw new Unusable("a key is a list or a mapping. Write a text.", key.range[0]);
      if (isMergeKey(name)) {
        for (const [merged, entry] of this.merged(value, name))
          if (!entries.has(merged)) entries.set(merged, entry);
        continue;
      }
      const text = textOf(name) ?? name.source;
      if (own.has(text))
        throw new Unusable(
          `key ${quoted(text)} is there twice in one mapping. Keep one of them.`,
          key.range[0],
        );
      own.add(text);
      entries.set(text, { key: name, value });
    }
    return entries;
  }

  private merged(value: ParsedNode | null, at: Scalar.Parsed): [string, KeyValue][] {
    const given = value === null ? value : this.target(value);
    if (isMap(given)) return this.within(given, () => [...this.entries(given)]);
    if (isSeq(given))
      return this.within(given, () => given.items.flatMap((item) => this.merged(item, at)));
    throw new Unusable(
      "`<<` merges mappings, and this is none. Give it an alias of one.",
      at.range[0],
    );
  }

  private target(node: ParsedNode): Exclude<ParsedNode, Alias.Parsed> {
    if (!isAlias(node)) return node;
    const found = this.targets.get(node);
    if (found !== undefined && !isAlias(found)) return found;
    throw new Unusable(`not YAML: unidentified alias "${node.source}".`, node.range[0]);
  }

  private within<T>(node: ParsedNode, build: () => T): T {
    if (this.open.has(node)) throw unfolds();
    this.open.add(node);
    const built = build();
    this.open.delete(node);
    return built;
  }

  private count(): void {
    if (++this.nodes > MAX_NODES) throw unfolds();
  }
}

/** What each alias stands for: the last node before it that has its name. */
function targetsOf(document: Document.Parsed<ParsedNode, false>): Map<ParsedNode, ParsedNode> {
  const anchors = new Map<string, ParsedNode>();
  const targets = new Map<ParsedNode, ParsedNode>();
  visit(document.contents, {
    Alias(_, alias) {
      const target = anchors.get(alias.source);
      if (target !== undefined) targets.set(alias as Alias.Parsed, target);
    },
    Value(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node as ParsedNode);
    },
  });
  return targets;
}

function isMergeKey(key: ParsedNode): boolean {
  if (!isScalar(key) || key.type !== "PLAIN" || key.source !== "<<") return false;
  return key.tag === undefined || key.tag === MERGE;
}

function textOf({ type, value, source, tag }: Scalar.Parsed): string | null {
  const text = typeof value === "string" ? value : source;
  if (tag === "tag:yaml.org,2002:null") return null;
  return type === "PLAIN" && tag === undefined && /^(~|null|Null|NULL|)$/.test(text) ? null : text;
}
