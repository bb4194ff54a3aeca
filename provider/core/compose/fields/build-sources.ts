import { DOCKER_IMAGE, isRemote, SERVICE, type Build, type BuildSecret } from "../../build/build";
import type { ServiceDraft } from "../draft";
import { readFields, type SupportedField } from "../fields";
import { didYouMean } from "../name-rules";
import type { Place } from "../problems";
import { name, pairs, pathBeside, record, sequence, text, type Parser } from "../scalars";
import { isMapping, type Node } from "../yaml";
import type { BuildDraft } from "./build";
import { contentOf, mountedFileFields, type MountedFile } from "./files";

/** A folder beside the file, or what the host's builder fetches. */
export const contextOf: Parser<string> = (node, at) => {
  const said = text(node, at);
  if (said === undefined || said === "") return undefined;
  return isRemote(said) ? said : pathBeside(node, at);
};

function furtherContext(node: Node, at: Place, service: ServiceDraft): string | undefined {
  const from = name(node, at);
  if (from === undefined || from.startsWith(DOCKER_IMAGE)) return from;
  if (from.startsWith(SERVICE)) return otherService(from, at, service);
  if (!isRemote(from)) return pathBeside(node, at);
  return at.problem(
    "is no folder: a further context is a folder of this machine, an image or a service. Get the sources beside this file, and name their folder.",
  );
}

function otherService(from: string, at: Place, draft: ServiceDraft): string | undefined {
  const other = from.slice(SERVICE.length);
  const { services } = draft.context;
  if (other === draft.name)
    return at.problem("is the service itself, which cannot be built on itself. Name another one.");
  if (services.has(other)) return from;
  return at.problem(
    `there is no service ${at.show(other)}.${didYouMean(other, services) || " Name one of this file."}`,
  );
}

export const furtherContexts: SupportedField<BuildDraft> = {
  how: "Names for folders beside this file, for images (`docker-image://name`), or for what another service is built as or runs (`service:name`).",
  parse(node, at, draft) {
    const found: Record<string, string> = {};
    for (const [key, value] of Object.entries(record(node, at) ?? {})) {
      const here = at.key(key);
      const from = furtherContext(value, here, draft.service);
      if (!/^[a-z][a-z0-9_.-]*$/.test(key))
        here.problem(
          "is no name of a stage: lower-case letters, digits, '_', '.' and '-'. Rename it.",
        );
      else if (from !== undefined) found[key] = from;
    }
    draft.additionalContexts = found;
  },
};

function secretOf(
  node: Node,
  at: Place,
  service: ServiceDraft,
): readonly [string, BuildSecret] | undefined {
  const entry: MountedFile = {};
  if (isMapping(node)) readFields(mountedFileFields, node, at, entry);
  else {
    const named = name(node, at);
    if (named !== undefined) entry.source = named;
  }
  const { source, target } = entry;
  if (source === undefined)
    return isMapping(node) ? at.problem("has no `source`. Name one.") : undefined;
  for (const key of ["uid", "gid", "mode"] as const)
    if (entry[key] !== undefined)
      at.key(key).note("is passed over, as in Compose: `RUN --mount=type=secret` says it.");
  const where = isMapping(node) ? at.key("source") : at;
  const file = contentOf("secrets", source, where, service);
  if (file === undefined) return undefined;
  const { path, content } = file;
  return [target ?? source, path === undefined ? { content: content ?? "" } : { path }];
}

export const buildSecrets: SupportedField<BuildDraft> = {
  how: "Names of the file's `secrets`, or their long syntax (`target` is the id that the Dockerfile asks for): for `RUN --mount=type=secret` alone, in no layer and in no state.",
  parse(node, at, draft) {
    const secrets: Record<string, BuildSecret> = {};
    sequence(node, at)?.forEach((item, index) => {
      const [id, secret] = secretOf(item, at.index(index), draft.service) ?? [];
      if (id !== undefined && secret !== undefined) secrets[id] = secret;
    });
    draft.secrets = secrets;
  },
};

/** By id, as a list of "id=path", a mapping, or one of them as a text. */
const keys: Parser<NonNullable<Build["ssh"]>> = (node, at) => {
  const read = pairs(typeof node === "string" ? [node] : node, at);
  if (read === undefined) return undefined;
  const found: Record<string, string> = {};
  for (const { name: id, value = "", at: here } of read) {
    if (id !== "default" && value === "")
      here.problem(
        "names no key. Write id=path, seen from this file; `default` alone is this machine's agent.",
      );
    else found[id] = value;
  }
  return found;
};

export const buildKeys: SupportedField<BuildDraft> = {
  how: "`default`, this machine's SSH agent, or id=path of an agent's socket or of a private key: for `RUN --mount=type=ssh` and for a repository that is fetched by SSH. The key itself does not leave this machine.",
  parse(node, at, draft) {
    const value = keys(node, at);
    if (value !== undefined) draft.ssh = value;
  },
};
