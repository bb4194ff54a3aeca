import type { PullPolicy } from "../../core/application";
import { basesOf, type BuildRecipe } from "../../core/build/build";
import { FerryError } from "../../core/errors";
import { platformProblem } from "../../core/image/platform";
import { registryOf } from "../../core/image/registry";
import { sharedLayers } from "../../core/image/shared-layers";
import { formatBytes } from "../../core/move/format";
import type { Host, ImageState } from "../../core/adapter-ports";
import { isUnreachable, type Built } from "./builds";
import { sentence } from "./outcome";
import type { ReplicaTools } from "./replica-tools";

export interface ImageWish {
  readonly image: string;
  readonly label: string;
  readonly host: Host;
  /** Hosts that may have it, the likeliest first. */
  readonly others: readonly Host[];
  /**
   * A move takes the very image that the source runs; a registry's tag may mean another one by now.
   */
  readonly prefer: "pull" | "stream";
  /** Absent: what is there is taken as it is. */
  readonly pull?: PullPolicy;
}

/**
 * Makes sure that the host has the image: there, built, pulled, or streamed from another host. Who
 * asks for the same at the same time waits for the one that brings it.
 */
export async function ensureImage(tools: ReplicaTools, wish: ImageWish): Promise<ImageState> {
  const { image, host } = wish;
  return tools.builds.oneAtATime(`${image} ${host.name}`, async () => {
    const present = await host.docker.image(image);
    if (present && !isToBePulled(present, wish, tools)) return present;
    const recipe = tools.builds.recipe(image);
    if (recipe !== undefined) return builtImage(tools, wish, recipe);
    return broughtImage(tools, wish, present !== undefined);
  });
}

function isToBePulled(
  { namedAt }: ImageState,
  { image, pull: policy }: ImageWish,
  { builds, date }: Pick<ReplicaTools, "builds" | "date">,
): boolean {
  if (policy === undefined || policy === "never" || builds.recipe(image) !== undefined)
    return false;
  if (policy === "always" || namedAt === undefined) return true;
  return Date.parse(date()) - Date.parse(namedAt) >= policy * 1000;
}

/** Built here, or elsewhere in this run or before it; then it is sent, if it was not built here. */
async function builtImage(
  tools: ReplicaTools,
  { image, host, others, label }: ImageWish,
  recipe: BuildRecipe,
): Promise<ImageState> {
  const { builds, progress, logins } = tools;
  const credentials = (registry: string) => logins.of(registry);
  const tell = (message: string) => progress.info(`${label}: ${message}`);
  const bring = async () => {
    for (const base of basesOf(recipe))
      await ensureImage(tools, { image: base.image, label, host, others, prefer: "pull" });
  };
  const asked = { host, others, tell, credentials, bring };
  let built = await builds.provide(recipe, asked);
  try {
    if (built.host !== host) await bringBuilt(tools, built, { host, label, recipe });
  } catch (error) {
    if (!isUnreachable(error, built.host)) throw error;
    progress.warn(`${label}: ${sentence(error)} The image is looked for elsewhere, or built again`);
    built = await builds.provide(recipe, asked);
    if (built.host !== host) await bringBuilt(tools, built, { host, label, recipe });
  }
  if (built.name !== image) await host.docker.tagImage(built.name, image);
  const arrived = await host.docker.image(image);
  if (arrived) return arrived;
  throw new FerryError({
    kind: "trouble",
    reason: `image '${image}' is not on host '${host.name}', though it was built or sent there. Run \`pulumi up\` again.`,
  });
}

/** By whatever name the host has it already; else from the one that it was built on. */
async function bringBuilt(
  tools: ReplicaTools,
  built: Built,
  {
    host,
    label,
    recipe,
  }: Pick<ImageWish, "host" | "label"> & {
    recipe: BuildRecipe;
  },
): Promise<void> {
  if ((await host.docker.image(built.name)) !== undefined) return;
  const there = await built.host.docker.image(built.name);
  if (there === undefined)
    throw new FerryError({
      kind: "trouble",
      reason: `image '${built.name}' is gone from host '${built.host.name}'. Run \`pulumi up\` again.`,
    });
  const of = { name: built.name, reference: recipe.image, image: there, label };
  await sendImage(tools, of, built.host, host);
}

async function broughtImage(
  tools: ReplicaTools,
  wish: ImageWish,
  isThere: boolean,
): Promise<ImageState> {
  const { image, host } = wish;
  const streams = isThere ? [] : [() => stream(tools, wish)];
  const pulls = wish.pull === "never" ? [] : [() => pull(tools, wish)];
  const ways = wish.prefer === "pull" ? [...pulls, ...streams] : [...streams, ...pulls];
  const problems: string[] = [];
  for (const way of ways) {
    const problem = await way();
    if (problem === undefined) {
      const arrived = await host.docker.image(image);
      if (arrived) return arrived;
    } else if (problem !== "") problems.push(problem);
  }
  throw missing(wish, isThere, problems);
}

function missing(
  { image, host, pull: policy }: ImageWish,
  isThere: boolean,
  problems: readonly string[],
): FerryError {
  const why = problems.join(" ");
  if (isThere)
    return new FerryError({
      kind: "trouble",
      reason: `image '${image}' is to be pulled anew on host '${host.name}', and could not be: ${why} Leave out \`pull_policy\` to go on with the one that is there.`,
    });
  const could =
    policy === "never"
      ? `is not to be pulled on host '${host.name}' (\`pull_policy: never\`). ${why}`
      : `could not be pulled on host '${host.name}': ${why}`;
  return new FerryError({
    kind: "trouble",
    reason:
      `image '${image}' is on none of the hosts that answer, and ${could}`.trim() +
      " Build or load it on one of the hosts, or make it available in a registry.",
  });
}

/** undefined when it is there now; else why not, "" when there was nobody to ask. */
async function pull(
  tools: ReplicaTools,
  { image, host, label }: ImageWish,
): Promise<string | undefined> {
  tools.progress.info(`${label}: pulling ${image} on ${host.name}`);
  try {
    await host.docker.pull(image, await tools.logins.of(registryOf(image)));
    return undefined;
  } catch (error) {
    if (error instanceof FerryError) return sentence(error);
    throw error;
  }
}

async function stream(tools: ReplicaTools, wish: ImageWish): Promise<string | undefined> {
  const { image, host, label } = wish;
  const problems: string[] = [];
  for (const other of wish.others) {
    if (other.name === host.name) continue;
    try {
      const there = await other.docker.image(image);
      if (there === undefined) continue;
      await sendImage(tools, { name: image, reference: image, image: there, label }, other, host);
      return undefined;
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      problems.push(sentence(error));
    }
  }
  return problems.join(" ");
}

/**
 * By `name`; messages say what the program calls it. Resolves with what the receiver calls that
 * which came.
 */
export async function sendImage(
  { progress }: Pick<ReplicaTools, "progress">,
  of: { name: string; reference: string; image: ImageState; label: string },
  from: Host,
  to: Host,
): Promise<readonly string[]> {
  const { name, reference, image, label } = of;
  const { architecture } = await to.docker.info();
  const [has, gets] = [
    { host: from.name, architecture: image.architecture },
    { host: to.name, architecture },
  ];
  const problem = platformProblem(reference, has, gets);
  if (problem !== undefined) throw new FerryError({ kind: "settings", reason: `${problem}.` });
  const without = await layersThere(image, to);
  const size = formatBytes(image.sizeBytes);
  const rest = without.length === 0 ? "" : `, without ${inWords(without, image)}`;
  progress.info(`${label}: sending ${reference} (${size}) from ${from.name} to ${to.name}${rest}`);
  try {
    return await to.docker.loadImage(await from.docker.saveImage(name, without));
  } catch (error) {
    // It may have lost them since, or want all of them nevertheless.
    if (without.length === 0 || isUnreachable(error, from) || isUnreachable(error, to)) throw error;
    progress.info(`${label}: sending all layers of ${reference} to ${to.name}`);
    return to.docker.loadImage(await from.docker.saveImage(name));
  }
}

/**
 * Those that the receiver surely has and takes as its own. containerd's store knows layers by how
 * they came, compressed or not, which Docker does not tell: it gets all.
 */
async function layersThere({ content }: ImageState, to: Host): Promise<readonly string[]> {
  const { engine, imageStore } = await to.docker.info();
  if (content === undefined || engine !== "docker" || imageStore !== "docker") return [];
  return sharedLayers(content.layers, await to.docker.imageLayers());
}

const inWords = (without: readonly string[], { content }: ImageState): string =>
  `${without.length} of its ${content?.layers.length ?? 0} layers, which are there`;
