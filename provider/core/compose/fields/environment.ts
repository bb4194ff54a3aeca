import { network } from "../../network";
import type { EnvFileEntry, ServiceDraft } from "../draft";
import { parseEnvFile } from "../env-file";
import { into, readFields, refuse, type FieldTable } from "../fields";
import { definedOnly, lookUp } from "../interpolate";
import type { Place } from "../problems";
import { boolean, name, oneOrMore, pairs, toRecord, type Pairs, type Parser } from "../scalars";
import { isMapping, isSequence, says, type Node } from "../yaml";

/** Names that the network reads: the address is Ferry's to give. */
const isReserved = (key: string) => network.reserved.includes(key);

const labels: Parser<Record<string, string>> = (node, at) => {
  const read = pairs(node, at);
  for (const label of read ?? [])
    if (label.name.startsWith("pulumi-ferry."))
      label.at.problem("labels that start with 'pulumi-ferry.' are Ferry's own. Rename it.");
  return read && toRecord(read, () => "");
};

const NOT_SET =
  "is left out, as Compose does: it has no value, and there is no variable of that name. Give one in `variables`, or write a value.";

function readEnvironment(read: Pairs, draft: ServiceDraft): Record<string, string> {
  const usable = read.filter(({ name: key, at }) => {
    if (isReserved(key)) at.problem(`${key} is Ferry's to set: it gives addresses. Remove it.`);
    return !isReserved(key);
  });
  return toRecord(usable, (key, at) => {
    const value = lookUp(draft.context.variables, key);
    if (value === undefined) {
      draft.unset.add(key);
      at.note(NOT_SET);
    }
    return value;
  });
}

interface EnvFileDraft {
  path?: { readonly value: string; readonly at: Place };
  required?: boolean;
}

/** The long syntax of one entry of `env_file`. */
export const envFileFields: FieldTable<EnvFileDraft> = {
  path: { how: "Path, relative to the compose file.", parse: readPath },
  required: into("required", boolean, "false: the file may be absent. true is the default."),
  format: refuse("env files are read as Compose reads them by default. Remove it."),
};

function readPath(node: Node, at: Place, draft: EnvFileDraft): void {
  const value = name(node, at);
  if (value !== undefined) draft.path = { value, at };
}

function readEnvFile(node: Node, at: Place, draft: ServiceDraft): void {
  const file: EnvFileDraft = {};
  if (isMapping(node)) readFields(envFileFields, node, at, file);
  else readPath(node, at, file);
  if (file.path === undefined) {
    if (isMapping(node) && !says(node, "path")) at.problem("has no `path`.");
    return;
  }
  const entry = { value: { path: file.path, required: file.required ?? true }, at };
  const { value: path } = file.path;
  const former = draft.envFiles.findIndex((each) => each.value.path.value === path);
  // One that stands twice is read where it stands first, as Compose has it.
  if (former === -1) draft.envFiles.push(entry);
  else draft.envFiles[former] = entry;
}

/** What its containers are given. A name that `environment` leaves open is not taken from a file. */
export function environmentOf({ fileEnvironment, environment, unset }: ServiceDraft) {
  const ofFiles = Object.entries(fileEnvironment).filter(([key]) => !unset.has(key));
  return { ...Object.fromEntries(ofFiles), ...environment };
}

/** Once all keys of the service have been read: an env file may use what `environment` says. */
export function readEnvFiles(draft: ServiceDraft): void {
  for (const { value, at } of draft.envFiles) readEnvFileAt(value, at, draft);
}

/** Labels of files, and the service's own before them. */
export function resolveLabels({ container, labels: own, labelFiles, context }: ServiceDraft): void {
  if (own === undefined && labelFiles.length === 0) return;
  let all: Record<string, string> = {};
  for (const { value, at } of labelFiles) {
    const content = context.readFile(value);
    if (content === undefined)
      at.problem(`label file ${at.show(value)} not found. Its path is relative to this file.`);
    else {
      const scope = { variables: context.variables, earlier: all };
      all = { ...all, ...parseEnvFile(content, at.show(value), scope, at) };
    }
    if (Object.keys(all).some((key) => key.startsWith("pulumi-ferry.")))
      at.problem("labels that start with 'pulumi-ferry.' are Ferry's own. Rename it.");
  }
  container.labels = { ...all, ...own };
}

function readEnvFileAt({ path, required }: EnvFileEntry, at: Place, draft: ServiceDraft): void {
  const shown = path.at.show(path.value);
  const content = draft.context.readFile(path.value);
  if (content === undefined) {
    if (required) at.problem(`env file ${shown} not found. Its path is relative to this file.`);
    return;
  }
  const scope = {
    variables: { ...draft.environment, ...definedOnly(draft.context.variables) },
    earlier: draft.fileEnvironment,
  };
  const read = parseEnvFile(content, shown, scope, at);
  const reserved = Object.keys(read ?? {}).find(isReserved);
  if (reserved !== undefined) at.problem(`${reserved} is Ferry's to set: it gives addresses.`);
  draft.fileEnvironment = { ...draft.fileEnvironment, ...read };
}

export const environmentFields: FieldTable<ServiceDraft> = {
  environment: {
    how: "Mapping, or list of NAME=value. A bare NAME takes the variable of that name, and is left out where there is none, told in a line.",
    parse(node, at, draft) {
      const read = pairs(node, at);
      if (read !== undefined) draft.environment = readEnvironment(read, draft);
    },
  },
  env_file: {
    how: "Path, list of paths, or list of the long syntax below; a later file wins, `environment` wins over all.",
    parse(node, at, draft) {
      if (isSequence(node))
        node.forEach((item, index) => readEnvFile(item, at.index(index), draft));
      else readEnvFile(node, at, draft);
    },
  },
  labels: {
    how: "Mapping, or list of name=value.",
    parse(node, at, draft) {
      const read = labels(node, at);
      if (read !== undefined) draft.labels = read;
    },
  },
  label_file: {
    how: "Path, or list of paths, of files as `env_file` has them; `labels` wins over all.",
    parse(node, at, draft) {
      const single = typeof node === "string";
      oneOrMore(name)(node, at)?.forEach((value, index) =>
        draft.labelFiles.push({ value, at: single ? at : at.index(index) }),
      );
    },
  },
};
