import type { ServiceDraft } from "../draft";
import { property } from "../draft";
import { parseEnvFile } from "../env-file";
import { into, readFields, refused, type FieldTable } from "../fields";
import { lookUp } from "../interpolate";
import type { Place } from "../problems";
import { boolean, name, pairs, toRecord, type Pairs, type Parser } from "../scalars";
import { isMapping, isSequence, says, type Node } from "../yaml";

/** Names that Weave's proxy reads: the address is Ferry's to give. */
const RESERVED = /^WEAVE_(CIDR|MTU)$/;

const labels: Parser<Record<string, string>> = (node, at) => {
  const read = pairs(node, at);
  for (const label of read ?? [])
    if (label.name.startsWith("pulumi-ferry."))
      label.at.problem("labels that start with 'pulumi-ferry.' are Ferry's own. Rename it.");
  return read && toRecord(read, () => "");
};

function readEnvironment(read: Pairs, draft: ServiceDraft): Record<string, string> {
  const usable = read.filter(({ name: key, at }) => {
    if (RESERVED.test(key)) at.problem(`${key} is Ferry's to set: it gives addresses. Remove it.`);
    return !RESERVED.test(key);
  });
  return toRecord(usable, (key, at) => {
    const value = lookUp(draft.context.variables, key);
    return (
      value ??
      at.problem(
        `has no value, and the variable ${at.show(key)} is not set. Give it in \`variables\`, or write a value.`,
      )
    );
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
  format: refused("env files are read as Compose reads them by default. Remove it."),
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
  const shown = file.path.at.show(file.path.value);
  const content = draft.context.readFile(file.path.value);
  if (content === undefined) {
    if (file.required !== false)
      at.problem(`env file ${shown} not found. Its path is relative to this file.`);
    return;
  }
  const read = parseEnvFile(content, shown, draft.context.variables, at);
  const reserved = Object.keys(read ?? {}).find((key) => RESERVED.test(key));
  if (reserved !== undefined) at.problem(`${reserved} is Ferry's to set: it gives addresses.`);
  draft.fileEnvironment = { ...draft.fileEnvironment, ...read };
}

export const environmentFields: FieldTable<ServiceDraft> = {
  environment: {
    how: "Mapping, or list of NAME=value. A bare NAME takes the variable of that name, which must be set.",
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
  labels: property("labels", labels, "Mapping, or list of name=value."),
};
