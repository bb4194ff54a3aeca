import { parse, stringify } from "yaml";

type Node = string | number | boolean | null | Node[] | { [key: string]: Node };
type Path = readonly (string | number)[];

/** Values that people write, or that a reader may take for something else. */
const AWKWARD: readonly Node[] = [
  ...["", " ", "0", "5", " 5 ", "010", "0x10", "1e3", "1.5", ".5", "-1", "+1", "5%"],
  ...["yes", "off", "true", "null", "~", "#x", "a #b", "$$x", "$?", "a$", "${NOT_SET:-x}", "é"],
  ...["a:b", "a:b:c", "a=b", "=", ":", "a,b", "a b", "'a b' c", '"', "\\", "a\nb", "../x", "/"],
  ...["8080", "80/udp", "8080-8081:80-81", "127.0.0.1:1:2", "[::1]:1:2", "80-81", "65536"],
  ...["1g", "1.5gb", "512MiB", "1k", "10s", "1m30s", ".5s", "1h", "500ms", "10", "on-failure:3"],
  ...[0, 1, -1, 1.5, 8080, true, false, null],
  ...[[], {}, [""], ["a", "a"], { a: null }, { a: "" }, { a: 1, b: true }],
];

/** The same numbers in each run: what is found once is found again. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

function* pathsOf(node: Node, at: Path = []): Generator<Path> {
  if (node === null || typeof node !== "object") return;
  for (const key of Array.isArray(node) ? node.keys() : Object.keys(node)) {
    yield [...at, key];
    yield* pathsOf((node as Record<string | number, Node>)[key] as Node, [...at, key]);
  }
}

const inside = (node: Node, path: Path): Record<string | number, Node> =>
  path.reduce(
    (found, key) => (found as Record<string | number, Node>)[key] as Node,
    node,
  ) as Record<string | number, Node>;

/** By key, what stands under it anywhere in the files. */
function harvest(files: readonly Node[]): Map<string, Node[]> {
  const found = new Map<string, Node[]>();
  for (const file of files) {
    for (const path of pathsOf(file)) {
      const key = String(path.at(-1));
      found.set(key, [...(found.get(key) ?? []), inside(file, path)]);
    }
  }
  return found;
}

/**
 * Files that differ from the given ones in one to three places: something is left out, stands twice,
 * is as in another file, or is a value that is awkward there.
 */
export function* mutations(texts: readonly string[], count: number, seed: number) {
  const files = texts.map((text) => parse(text, { merge: true, logLevel: "error" }) as Node);
  const values = harvest(files);
  const roll = dice(seed);
  const pick = <T>(from: readonly T[]) => from[roll(from.length)] as T;
  for (let made = 0; made < count; made++) {
    const file = structuredClone(pick(files));
    for (let changes = 1 + roll(3); changes > 0; changes--) {
      const paths = [...pathsOf(file)];
      if (paths.length === 0) break;
      const path = pick(paths);
      const parent = inside(file, path.slice(0, -1));
      const key = path.at(-1) as string | number;
      const kind = roll(4);
      if (kind === 0 && Array.isArray(parent)) parent.splice(Number(key), 1);
      else if (kind === 0) Reflect.deleteProperty(parent, key);
      else if (kind === 1 && Array.isArray(parent)) parent.push(parent[Number(key)] as Node);
      else if (kind === 2) parent[key] = structuredClone(pick(values.get(String(key)) ?? AWKWARD));
      else parent[key] = structuredClone(pick(AWKWARD));
    }
    yield stringify(file, { aliasDuplicateObjects: false });
  }
}
