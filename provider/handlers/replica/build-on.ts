import { createHash } from "crypto";
import { resolve } from "path";
import {
  BASES_LABEL,
  basesOf,
  BUILD_LABEL,
  isRemote,
  withStages,
  type BuildRecipe,
} from "../../core/build/build";
import type { BuildRequest } from "../../core/build/build-request";
import type { Host, RegistryCredentials } from "../../core/adapter-ports";
import { FerryError } from "../../core/errors";
import { compareVersions } from "../../core/host/facts";
import { redactText } from "../../core/redact";
import { readBuild, readSecret, type BuildContent } from "../../local/build-context";

/** How it is built, beside what the recipe says. */
export interface How {
  readonly tell: (message: string) => void;
  readonly credentials: (registry: string) => Promise<RegistryCredentials | undefined>;
}

/** Builds it there, and leaves nothing but it. */
export async function buildOn(
  host: Host,
  recipe: BuildRecipe,
  architecture: string,
  how: How,
): Promise<void> {
  const { platforms } = recipe.build;
  const fits = platforms?.some((platform) => platform.split("/")[1] === architecture) ?? true;
  if (!fits)
    throw new FerryError({
      kind: "settings",
      what: `building image '${recipe.image}'`,
      host: host.name,
      reason: `the host is ${architecture}, and \`build.platforms\` has ${(platforms ?? []).join(", ")} alone`,
      touched: "nothing",
    });
  const content = requireUnchanged(recipe);
  const hidden = hiddenIn(recipe);
  const report = (step: string) => how.tell(redactText(`${host.name}: ${step}`, hidden));
  how.tell(`building ${recipe.image} on ${host.name}`);
  await tellOfLimits(recipe, host, how);
  const stages = stagesOf(recipe, content);
  try {
    await buildContexts(recipe, content, stages, host);
    await host.docker.build(requestOf(recipe, content, { stages, ...how }), report);
  } finally {
    await removeImages(host, new Set(Object.values(stages)));
  }
}

/** What a run of this program that was killed amid a build has left there. */
export async function removeLeftContexts(host: Host, { program = "" }: BuildRecipe): Promise<void> {
  await removeImages(host, await host.docker.imageNames({ [CONTEXT_LABEL]: program }));
}

/** As far as that goes: it says nothing of how the build went, and the next one tries again. */
async function removeImages(host: Host, names: Iterable<string>): Promise<void> {
  for (const name of names) await host.docker.removeImage(name).catch(() => false);
}

const KNOWS_LIMITS = "23.0.0";

async function tellOfLimits({ build: settings }: BuildRecipe, host: Host, how: How): Promise<void> {
  if (settings.ulimits === undefined) return;
  const { version } = await host.docker.info();
  if (compareVersions(version, KNOWS_LIMITS) < 0)
    how.tell(
      `${host.name}: Docker ${version} builds without \`ulimits\`, which those from 23 on know`,
    );
}

/** What preview has shown is built, or nothing. */
function requireUnchanged({ image, hash, folder, build: settings }: BuildRecipe): BuildContent {
  const content = readBuild(folder, settings);
  if (content.hash === hash) return content;
  throw new FerryError({
    kind: "settings",
    what: `building image '${image}'`,
    reason: "what it is built from was changed while this run went on",
    advice: "Run `pulumi up` again",
    touched: "nothing",
  });
}

/** On images that are a further folder of a build: whose program's build that is. */
const CONTEXT_LABEL = "pulumi-ferry.build-context";

/**
 * Docker's API takes one folder for a build; each further one becomes an image to copy from, which
 * is this build's own: another one with the same folder, of this program or another, may end
 * earlier.
 */
function stagesOf({ hash: build, program = "" }: BuildRecipe, { contexts }: BuildContent) {
  const stages: Record<string, string> = {};
  const whose = createHash("sha256").update(program).digest("hex").slice(0, 16);
  for (const [name, { hash }] of Object.entries(contexts))
    stages[name] = `ferry-build-context:${build}-${hash}-${whose}`;
  return stages;
}

async function buildContexts(
  { program = "" }: BuildRecipe,
  { contexts }: BuildContent,
  stages: Readonly<Record<string, string>>,
  host: Host,
): Promise<void> {
  for (const [name, tag] of Object.entries(stages)) {
    const context = contexts[name]?.entries ?? [];
    const dockerfile = "FROM scratch\nCOPY . /\n";
    const nothing = {
      args: {},
      secrets: {},
      redact: [],
      credentials: () => Promise.resolve(undefined),
    };
    const labels = { [CONTEXT_LABEL]: program };
    await host.docker.build({ tag, dockerfile, context, labels, ...nothing }, () => undefined);
  }
}

function requestOf(
  recipe: BuildRecipe,
  { dockerfile, context }: BuildContent,
  { stages, credentials }: { stages: Readonly<Record<string, string>> } & How,
): BuildRequest {
  const { image, hash, folder, build: settings } = recipe;
  const { args = {}, labels = {}, secrets = {}, additionalContexts = {} } = settings;
  const { target, cacheFrom, network, shmSizeBytes, extraHosts, noCache, pull } = settings;
  const { context: from, dockerfile: file, ulimits, ssh } = settings;
  const images = Object.entries(additionalContexts).map(([name, from]) => [
    name,
    stages[name] ?? from.replace("docker-image://", ""),
  ]);
  return {
    tag: image,
    dockerfile: withStages(dockerfile, Object.fromEntries(images) as Record<string, string>),
    context,
    args,
    labels: { ...labels, [BUILD_LABEL]: hash, ...basesLabel(recipe) },
    secrets: Object.fromEntries(
      Object.entries(secrets).map(([id, secret]) => [id, readSecret(folder, secret)]),
    ),
    credentials,
    redact: hiddenIn(recipe),
    ...(isRemote(from) ? { remote: { url: from, ...(file && { dockerfile: file }) } } : {}),
    ...(ssh === undefined ? {} : { agents: agentsOf(folder, ssh) }),
    ...(ulimits === undefined ? {} : { ulimits }),
    ...(target === undefined ? {} : { target }),
    ...(cacheFrom === undefined ? {} : { cacheFrom }),
    ...(network === undefined ? {} : { network }),
    ...(shmSizeBytes === undefined ? {} : { shmSizeBytes }),
    ...(extraHosts === undefined ? {} : { extraHosts }),
    ...(noCache === undefined ? {} : { noCache }),
    ...(pull === undefined ? {} : { pull }),
  };
}

function basesLabel(recipe: BuildRecipe): Record<string, string> {
  const bases = basesOf(recipe).map(({ hash }) => hash);
  return bases.length === 0 ? {} : { [BASES_LABEL]: bases.join(" ") };
}

const hiddenIn = ({ hidesArgs, build: settings }: BuildRecipe): string[] => [
  ...(hidesArgs ? Object.values(settings.args ?? {}) : []),
  ...passwordsIn(settings.context),
];

/** What stands before the "@" of a URL. */
function passwordsIn(url: string): string[] {
  const [, said] = /^[a-z][a-z0-9+.-]*:\/\/([^/@]+)@/i.exec(url) ?? [];
  return said === undefined ? [] : [said, ...said.split(":").slice(1)];
}

/** Where agents and keys are on this machine, by the ids that the build knows them by. */
const agentsOf = (folder: string, ssh: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(ssh).map(([id, path]) => [id, path === "" ? "" : resolve(folder, path)]),
  );
