import { FerryError } from "../../core/errors";
import { platformProblem } from "../../core/image/platform";
import { formatBytes } from "../../core/move/format";
import type { Host, ImageState } from "../../core/ports";
import { sentence } from "./outcome";
import type { ReplicaTools } from "./tools";

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
}

/** Makes sure that the host has the image: there, pulled, or streamed from another host. */
export async function ensureImage(tools: ReplicaTools, wish: ImageWish): Promise<ImageState> {
  const { image, host } = wish;
  const present = await host.docker.image(image);
  if (present) return present;
  const ways =
    wish.prefer === "pull"
      ? [() => pull(tools, wish), () => stream(tools, wish)]
      : [() => stream(tools, wish), () => pull(tools, wish)];
  const problems: string[] = [];
  for (const way of ways) {
    const problem = await way();
    if (problem === undefined) {
      const arrived = await host.docker.image(image);
      if (arrived) return arrived;
    } else if (problem !== "") problems.push(problem);
  }
  throw new FerryError({
    kind: "trouble",
    reason:
      `image '${image}' is on none of the hosts that answer, and could not be pulled on host '${host.name}': ` +
      `${problems.join(" ")} Build or load it on one of the hosts, or make it available in a registry.`,
  });
}

/** undefined when it is there now; else why not, "" when there was nobody to ask. */
async function pull(
  tools: ReplicaTools,
  { image, host, label }: ImageWish,
): Promise<string | undefined> {
  tools.progress.info(`${label}: pulling ${image} on ${host.name}`);
  try {
    await host.docker.pull(image);
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
  const size = formatBytes(image.sizeBytes);
  progress.info(`${label}: sending ${reference} (${size}) from ${from.name} to ${to.name}`);
  return to.docker.loadImage(await from.docker.saveImage(name));
}
