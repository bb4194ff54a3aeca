import { posix } from "path";
import type { ServiceFile } from "../../application";
import type { Mutable, ServiceDraft } from "../draft";
import {
  into,
  passedOver,
  readFields,
  refuse,
  type FieldTable,
  type SupportedField,
} from "../fields";
import { lookUp, type Variables } from "../interpolate";
import { didYouMean } from "../name-rules";
import type { Place } from "../problems";
import { boolean, mapping, mode, name, pathBeside, sequence, text, type Parser } from "../scalars";
import { isMapping, type Mapping, type Node } from "../yaml";

/** A secret or a config at the top of the file. */
export interface NamedFile {
  file?: string;
  environment?: string;
  content?: string;
  external?: boolean;
}

/** `secrets.<name>` and `configs.<name>`. */
export const namedFileFields: FieldTable<NamedFile> = {
  file: {
    how: "Path, relative to the compose file.",
    parse(node, at, draft) {
      // One that is wrong has been told of, and is not missing.
      draft.file = pathBeside(node, at) ?? "";
    },
  },
  environment: into(
    "environment",
    name,
    "A variable, given in `variables` or the `.env` file, whose value it has.",
  ),
  content: into("content", text, "Its content itself, with variables filled in."),
  name: passedOver("hosts have it for the replica alone, by a name of Ferry's."),
  labels: passedOver("it is a file on the host, and has none."),
  external: {
    how: "false. What Swarm keeps is not to be had: give `file`, `environment` or `content`.",
    parse(node, at, draft) {
      const external = isMapping(node) ? true : boolean(node, at);
      if (external !== undefined) draft.external = external;
    },
  },
  driver: refuse("it is Swarm's. Give `file`, `environment` or `content`."),
  driver_opts: refuse("it is Swarm's. Give `file`, `environment` or `content`."),
  template_driver: refuse("it is Swarm's. Give `content`, which has variables filled in."),
};

export function readNamedFiles(node: Node, at: Place): Map<string, NamedFile> {
  const files = new Map<string, NamedFile>();
  for (const [key, value] of mapping(node, at) ?? []) {
    const here = at.key(key);
    const draft: NamedFile = {};
    if (value !== null) readFields(namedFileFields, value, here, draft);
    files.set(key, draft);
  }
  return files;
}

export interface MountedFile {
  source?: string;
  target?: string;
  uid?: number;
  gid?: number;
  mode?: number;
}

/** A user or a group, by number: hosts know no names of containers. */
const id: Parser<number> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  return at.problem(`${at.show(value)} is not a number. Write the user's or group's number.`);
};

/** The long syntax of an entry of `secrets` and `configs`. */
export const mountedFileFields: FieldTable<MountedFile> = {
  source: into("source", name, "Its name at the top of the file."),
  target: into(
    "target",
    name,
    "A path in the container; a secret's is seen from /run/secrets. Its name when absent.",
  ),
  uid: into("uid", id, "The number of the user who owns it; root's when absent."),
  gid: into("gid", id, "The number of its group; root's when absent."),
  mode: into(
    "mode",
    mode,
    "Permission bits, always read as octal; 0444 when absent, and what a `file` has beside that.",
  ),
};

type Kind = "secrets" | "configs";

const FOLDERS: Readonly<Record<Kind, string>> = { secrets: "/run/secrets", configs: "/" };

function readEntry(kind: Kind, node: Node, at: Place, draft: ServiceDraft): void {
  const entry: MountedFile = {};
  if (isMapping(node)) readFields(mountedFileFields, node, at, entry);
  else {
    const source = name(node, at);
    if (source === undefined) return;
    entry.source = source;
  }
  const { source } = entry;
  if (source === undefined) {
    if (!isMapping(node) || !says(node, "source")) at.problem("has no `source`. Name one.");
    return;
  }
  const where = isMapping(node) ? at.key("source") : at;
  const file = contentOf(kind, source, where, draft);
  if (file === undefined) return;
  const target = posix.resolve(FOLDERS[kind], entry.target ?? source);
  if (target === "/") return void at.problem("mounts over the container's root. Give a file name.");
  const { uid, gid, mode: bits } = entry;
  const whole: ServiceFile = {
    ...file,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...(bits === undefined ? {} : { mode: bits }),
    ...(kind === "secrets" ? { secret: true } : {}),
  };
  const value = draft.context.travelling.add(`${kind}/${source}`, whole, target);
  draft.mounts.push({ value, at, key: kind });
}

const says = (node: Mapping, key: string) => (node.get(key) ?? null) !== null;

export function contentOf(
  kind: Kind,
  source: string,
  at: Place,
  { context }: ServiceDraft,
): Mutable<ServiceFile> | undefined {
  const all = context[kind];
  const named = all.get(source);
  if (named === undefined)
    return at.problem(
      `there is no ${at.show(source)} among the file's ${kind}.${didYouMean(source, all.keys()) || ` Declare it under the top-level \`${kind}\`.`}`,
    );
  if (named.external === true)
    return at.problem(
      `${at.show(source)} is external, and what Swarm keeps is not to be had. Give it \`file\`, \`environment\` or \`content\`.`,
    );
  const { file, environment, content } = named;
  const said = [file, environment, content].filter((each) => each !== undefined);
  if (said.length !== 1)
    return at.problem(
      `${at.show(source)} has ${said.length === 0 ? "none" : "more than one"} of \`file\`, \`environment\` and \`content\`. Give it one.`,
    );
  if (file !== undefined) return { path: posix.normalize(file), readable: true };
  if (content !== undefined) return { content };
  return fromVariable(environment ?? "", at, context.variables);
}

function fromVariable(variable: string, at: Place, variables: Variables) {
  const content = lookUp(variables, variable);
  if (content !== undefined) return { content };
  return at.problem<Mutable<ServiceFile>>(
    `has no value, and the variable ${at.show(variable)} is not set. Give it in \`variables\`.`,
  );
}

const listOfFiles = (kind: Kind, how: string): SupportedField<ServiceDraft> => ({
  how,
  parse(node, at, draft) {
    sequence(node, at)?.forEach((item, index) => {
      readEntry(kind, item, at.index(index), draft);
    });
  },
});

export const fileFields: FieldTable<ServiceDraft> = {
  configs: listOfFiles(
    "configs",
    "Names, or the long syntax below: files that are mounted read-only, at /NAME unless said otherwise.",
  ),
  secrets: listOfFiles(
    "secrets",
    "Names, or the long syntax below: files that are mounted read-only, at /run/secrets/NAME unless said otherwise; encrypted in state, and on a host for as long as its replica is.",
  ),
  "x-ferry": {
    how: "Ferry's own words; see below.",
    // They say how the mounts are read, and have been read before them.
    parse: () => undefined,
  },
};
