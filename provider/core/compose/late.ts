import { isDeepStrictEqual } from "util";
import type { Application, Service } from "../application";
import { FerryError } from "../errors";
import { readFiles, type NamedText } from "./assemble";
import { readSource, type ComposeOptions, type ComposeResult } from "./parse";
import { problemLine, type FileProblem } from "./problems";

type Values = Readonly<Record<string, string>>;

/** A part of the application that follows from variables whose values come later. */
export interface LatePart {
  /** In the application: ["services", "web", "container", "command"]. */
  readonly path: readonly string[];
  readonly variables: readonly string[];
}

/**
 * A file as far as it can be read while values are to come: its shape is final, and so is all that
 * is in no part.
 */
export interface LateResult extends ComposeResult {
  readonly parts: readonly LatePart[];
  /** The part's value, for the values of its variables. @throws FerryError when they do not fit */
  readonly valueOf: (part: LatePart, values: Values) => unknown;
}

/**
 * What a value may look like until it is there, in two spellings each: the field that it stands in
 * must take it, and what differs between the two follows from it.
 */
const STAND_INS: readonly ((n: number) => readonly [string, string])[] = [
  (n) => [`ferry-late-${n}a`, `ferry-late-${n}b`],
  (n) => [String(20_001 + 2 * n), String(20_002 + 2 * n)],
  (n) => [`${2 * n + 1}s`, `${2 * n + 2}s`],
  () => ["true", "false"],
];

/**
 * `late` names variables whose values are not there while the program runs: secrets, or outputs of
 * other resources.
 */
export function readComposeLate(
  text: string | readonly NamedText[],
  options: ComposeOptions,
  late: readonly string[],
): LateResult {
  const source = readFiles(
    typeof text === "string" ? [{ fileName: options.fileName, text }] : text,
  );
  const read = (values: Values) =>
    readSource(source, { ...options, variables: { ...options.variables, ...values } });
  const standIns = fittingStandIns(read, late);
  const first = firstsOf(standIns);
  const base = read(first);
  const valueOf = (part: LatePart, values: Values): unknown => {
    const { application, problems } = read({ ...first, ...values });
    if (application === undefined || base.application === undefined)
      throw new FerryError(problems.map((each) => problemLine(options.fileName, each)).join("\n"));
    if (shapesDiffer(application, base.application))
      throw new FerryError(`${options.fileName}: ${shapeProblem(part.variables)}`);
    return valueAt(application, part.path);
  };
  if (base.application === undefined) {
    const problems = late.length === 0 ? base.problems : [...base.problems, unfit(late)];
    return { ...base, problems, parts: [], valueOf };
  }
  const found = partsOf(base.application, standIns, (name, value) =>
    read({ ...first, [name]: value }),
  );
  if (found.shaping.length === 0) return { ...base, parts: found.parts, valueOf };
  const problem: FileProblem = { path: "", reason: shapeProblem(found.shaping) };
  const { warnings, notes } = base;
  return { problems: [problem], warnings, notes, parts: [], valueOf };
}

type StandIns = ReadonlyMap<string, readonly [string, string]>;

const firstsOf = (standIns: StandIns): Record<string, string> =>
  Object.fromEntries([...standIns].map(([name, [value]]) => [name, value]));

/** For each variable the first look that leaves the fewest problems. */
function fittingStandIns(
  read: (values: Values) => ComposeResult,
  late: readonly string[],
): StandIns {
  const lookOf = (style: number, n: number) => (STAND_INS[style] as (typeof STAND_INS)[number])(n);
  const chosen = new Map(late.map((name, n) => [name, lookOf(0, n)]));
  const problems = () => read(firstsOf(chosen)).problems.length;
  let left = problems();
  for (const [n, name] of late.entries()) {
    for (let style = 1; left > 0 && style < STAND_INS.length; style++) {
      const before = chosen.get(name) as readonly [string, string];
      chosen.set(name, lookOf(style, n));
      const now = problems();
      if (now < left) left = now;
      else chosen.set(name, before);
    }
  }
  return chosen;
}

function partsOf(
  base: Application,
  standIns: StandIns,
  readWith: (name: string, value: string) => ComposeResult,
): { parts: LatePart[]; shaping: string[] } {
  const variables = new Map<string, Set<string>>();
  const shaping = new Set<string>();
  for (const [name, [, second]] of standIns) {
    // An empty value as well: `${NAME:+other}` looks at no more than whether there is one.
    for (const value of [second, ""]) {
      const { application } = readWith(name, value);
      if (application === undefined) continue;
      if (shapesDiffer(application, base)) shaping.add(name);
      for (const path of differences(application, base)) {
        const key = JSON.stringify(path);
        variables.set(key, (variables.get(key) ?? new Set()).add(name));
      }
    }
  }
  const parts = [...variables].map(([key, names]) => ({
    path: JSON.parse(key) as string[],
    variables: [...names],
  }));
  return { parts, shaping: [...shaping] };
}

/** Where two applications of one shape differ. */
function differences(one: Application, other: Application): string[][] {
  const services = Object.keys(other.services).flatMap((name) =>
    (["container", "environment", "files", "build"] as const).flatMap((half) =>
      differingKeys(one.services[name]?.[half] ?? {}, other.services[name]?.[half] ?? {}).map(
        (key) => ["services", name, half, key],
      ),
    ),
  );
  const volumes = Object.keys(other.volumes).flatMap((name) =>
    differingKeys(one.volumes[name] ?? {}, other.volumes[name] ?? {}).map((key) => [
      "volumes",
      name,
      key,
    ]),
  );
  return [...services, ...volumes];
}

function differingKeys(one: object, other: object): string[] {
  const [a, b] = [one as Record<string, unknown>, other as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (key) => !isDeepStrictEqual(a[key], b[key]),
  );
}

/** What the program must know to declare its resources. */
function shapesDiffer(one: Application, other: Application): boolean {
  return !isDeepStrictEqual(shapeOf(one), shapeOf(other));
}

function shapeOf({ name, services, volumes }: Application) {
  const mounted = ({ container }: Service) =>
    (container.mounts ?? []).map((mount) => (mount.type === "volume" ? mount.volume : mount.type));
  return {
    name,
    services: Object.values(services).map((service) => ({
      name: service.name,
      names: service.names,
      ipv4Address: service.ipv4Address,
      links: service.links,
      dependsOn: service.dependsOn,
      job: service.job,
      changes: service.changes,
      scale: service.scale,
      pull: service.pull,
      build: service.build !== undefined,
      variables: Object.keys(service.environment),
      mounts: mounted(service),
      files: Object.entries(service.files ?? {}).map(([key, { path }]) => [key, path]),
    })),
    volumes: Object.values(volumes).map(({ key, external, from }) => ({ key, external, from })),
  };
}

function valueAt(application: Application, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], application);
}

const shapeProblem = (names: readonly string[]) =>
  `services, replicas, volumes and what depends on what follow from the variable ${names.join(", ")}, whose value is an output: ` +
  "Ferry has to know them while the program runs. Give it as a plain text there, or write them into the file.";

const unfit = (late: readonly string[]): FileProblem => ({
  path: "",
  reason:
    `the file was read without the values of ${late.join(", ")}, which are outputs. Where one stands in a field that takes ` +
    "only certain words, give it as a plain text.",
});
