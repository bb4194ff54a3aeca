import { DOCKER_IMAGE, isRemote, type Build } from "../../build/build";
import type { Mutable, ServiceDraft } from "../draft";
import {
  into,
  passedOver,
  readFields,
  unlessEmpty,
  withoutEffect,
  type FieldTable,
  type SupportedField,
} from "../fields";
import { lookUp } from "../interpolate";
import type { Place } from "../problems";
import {
  boolean,
  listOf,
  matching,
  name,
  oneOf,
  oneOrMore,
  pairs,
  record,
  sequence,
  size,
} from "../scalars";
import { text, toRecord, type Parser } from "../scalars";
import { isMapping, isSequence, type Node } from "../yaml";
import { buildKeys, buildSecrets, contextOf, furtherContexts } from "./build-sources";
import { extraHosts } from "./network";
import { ulimits } from "./resources";

export interface BuildDraft extends Mutable<Partial<Build>> {
  readonly service: ServiceDraft;
}

/** One that stands there without a value has that of the variable of its name, as in Compose. */
function readArgs(
  node: Node,
  at: Place,
  { service }: BuildDraft,
): Record<string, string> | undefined {
  const read = pairs(node, at);
  return read && toRecord(read, (key) => lookUp(service.context.variables, key));
}

const hosts: Parser<readonly string[]> = (node, at) =>
  extraHosts(node, at)?.map(({ name: host, ip }) => `${host}:${ip}`);

const labels: Parser<Record<string, string>> = (node, at) => {
  const read = record(node, at);
  for (const key of Object.keys(read ?? {}))
    if (key.startsWith("pulumi-ferry."))
      at.key(key).problem("labels that start with 'pulumi-ferry.' are Ferry's own. Rename it.");
  return read;
};

const platform = matching(
  /^linux\/[a-z0-9_]+(\/[a-z0-9_]+)?$/,
  "a platform",
  "Write linux/amd64 or linux/arm64.",
);

/** Any value; what reads it says that it has no effect. */
const OTHER_BUILDERS = "the host's own BuildKit builds it, for this deployment alone.";

export const buildFields: FieldTable<BuildDraft> = {
  context: into(
    "context",
    contextOf,
    "A folder beside this file (`.` is the default), or a URL that the host's builder fetches: `https://host/repo.git#ref:folder`, or an archive.",
  ),
  dockerfile: unlessEmpty(
    into("dockerfile", name, "A path, seen from the context. `Dockerfile` is the default."),
  ),
  dockerfile_inline: unlessEmpty(
    into("dockerfileInline", text, "The Dockerfile's text, in place of a file."),
  ),
  target: unlessEmpty(into("target", name, "The stage that is built; the last one when absent.")),
  args: {
    how: "Mapping or list of name=value; a name without a value takes that of the variable. They are in the image's history: a secret belongs into `secrets`.",
    parse(node, at, draft) {
      const value = readArgs(node, at, draft);
      if (value !== undefined) draft.args = value;
    },
  },
  labels: into("labels", labels, "Mapping, or list of name=value: labels of the image."),
  additional_contexts: furtherContexts,
  platforms: into(
    "platforms",
    listOf(platform),
    "What it may be built for: each host builds for its own kind of processor, and one that is not in the list refuses it.",
  ),
  cache_from: {
    how: "List of images whose layers the build may use, as NAME or `type=registry,ref=NAME`; caches of other kinds are told and passed over.",
    parse(node, at, draft) {
      const images = sequence(node, at)?.flatMap((item, index) => cached(item, at.index(index)));
      if (images !== undefined && images.length > 0) draft.cacheFrom = images;
    },
  },
  network: unlessEmpty({
    how: "host, none or default, for the build's own steps.",
    parse(node, at, draft) {
      const value = oneOf("host", "none", "default")(node, at);
      if (value === "host" || value === "none") draft.network = value;
    },
  }),
  shm_size: into("shmSizeBytes", size, "Size of /dev/shm for the build's steps: 64m, 1g."),
  extra_hosts: into("extraHosts", hosts, "As `extra_hosts` of a service, for the build's steps."),
  no_cache: into("noCache", boolean, "Where it is built, nothing of an earlier build is used."),
  pull: into("pull", boolean, "Where it is built, the images that it builds on are pulled anew."),
  tags: passedOver("on hosts the image has one name, which says what it was built from."),
  cache_to: passedOver(OTHER_BUILDERS),
  provenance: passedOver(OTHER_BUILDERS),
  sbom: passedOver(OTHER_BUILDERS),
  ulimits: into(
    "ulimits",
    ulimits,
    "As `ulimits` of a service, for the build's steps; from Docker 23 on.",
  ),
  secrets: buildSecrets,
  ssh: buildKeys,
  privileged: {
    how: "false: BuildKit has no privileged builds of this kind.",
    parse(node, at) {
      if (boolean(node, at) === true)
        at.problem("BuildKit has no privileged builds of this kind. Remove it.");
    },
  },
  entitlements: {
    how: "`network.host`, which hosts grant by `network: host` anyway; Docker grants no other.",
    parse(node, at) {
      listOf(entitlement)(node, at);
    },
  },
  isolation: unlessEmpty(withoutEffect(oneOf("default"), "`default`, as Ferry's hosts run Linux.")),
};

const entitlement: Parser<string> = (node, at) => {
  const value = text(node, at);
  if (value === undefined || value === "network.host") return value;
  return at.problem(`${at.show(value)} is none that Docker grants to a build. Remove it.`);
};

function cached(node: Node, at: Place): string[] {
  const said = text(node, at);
  if (said === undefined || said === "") return [];
  const words = new Map(said.split(",").map((word) => word.split("=", 2) as [string, string]));
  const [type, ref] = [words.get("type"), words.get("ref")];
  if (type === undefined) return [said];
  if (type === "registry" && ref !== undefined) return [ref];
  at.note(`is passed over: ${OTHER_BUILDERS}`);
  return [];
}

/** A folder, or a mapping. */
export const buildField: SupportedField<ServiceDraft> = {
  how: "A folder, or the long syntax below: built on a host and given to the others, without a registry. With `image` beside it that is its name.",
  parse(node, at, draft) {
    const build: BuildDraft = { service: draft };
    if (isMapping(node)) {
      if (!readFields(buildFields, node, at, build)) return;
    } else {
      if (isSequence(node))
        return void at.problem('must be a folder or a mapping. Write "build: .".');
      const context = contextOf(node, at);
      if (context !== undefined) build.context = context;
    }
    const { service: _service, context = ".", ...rest } = build;
    if (rest.dockerfile !== undefined && rest.dockerfileInline !== undefined)
      at.problem("has `dockerfile` and `dockerfile_inline`. Keep one of them.");
    if (isRemote(context)) checkRemote(rest, at);
    if (rest.pull === true && Object.values(rest.additionalContexts ?? {}).some(isLocal))
      passOverPull(rest, at);
    draft.build = { context, ...rest };
  },
};

/** The host fetches it, and its Dockerfile with it: nothing here has seen that. */
function checkRemote({ dockerfileInline, additionalContexts }: Partial<Build>, at: Place): void {
  const way = "Get the sources beside this file, and name their folder as `context`.";
  if (dockerfileInline !== undefined)
    at.key("dockerfile_inline").problem(`goes with a folder, and \`context\` is a URL. ${way}`);
  if (additionalContexts !== undefined)
    at.key("additional_contexts").problem(`go with a folder, and \`context\` is a URL. ${way}`);
}

const isLocal = (from: string): boolean => !from.startsWith(DOCKER_IMAGE);

function passOverPull(build: Mutable<Partial<Build>>, at: Place): void {
  delete build.pull;
  at.key("pull").note(
    "is passed over: BuildKit would ask a registry for the `additional_contexts` as well.",
  );
}

/** fig's, beside its `build`. */
export const figDockerfile: SupportedField<ServiceDraft> = {
  how: "A path, seen from `build`'s folder.",
  parse(node, at, draft) {
    const value = oneOrMore(name)(node, at)?.[0];
    if (value !== undefined) draft.figDockerfile = value;
  },
};
