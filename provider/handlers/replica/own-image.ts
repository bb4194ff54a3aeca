import { FerryError } from "../../core/errors";
import { registryOf } from "../../core/image/registry";
import { compareImages, shortId } from "../../core/image/same-image";
import type { Host, ImageState } from "../../core/adapter-ports";
import { sendImage } from "./image";
import { sentence } from "./outcome";
import type { ReplicaTools } from "./replica-tools";

/** An image on a host, and what a container has to be made from so that it is this one. */
export interface Runnable {
  readonly image: ImageState;
  /** The program's name for it, or its id where that name means another image. */
  readonly from: string;
}

export interface OwnImageWish {
  /** What the program calls it. */
  readonly reference: string;
  /** The image that the replica runs. */
  readonly own: ImageState;
  readonly label: string;
  readonly host: Host;
  /** Hosts that may have it, the likeliest first. */
  readonly others: readonly Host[];
}

/** The very image, where the host has it by whatever name. */
export async function findOwnImage(
  host: Host,
  { reference, own }: Pick<OwnImageWish, "reference" | "own">,
): Promise<Runnable | undefined> {
  const named = await host.docker.image(reference);
  if (named !== undefined && isSame(own, named)) return { image: named, from: reference };
  for (const name of [own.id, ...(own.digests ?? [])]) {
    const found = await host.docker.image(name);
    if (found !== undefined && isSame(own, found)) return { image: found, from: found.id };
  }
  return undefined;
}

/**
 * Makes sure that the host has the very image that the replica runs elsewhere. A name of the host's
 * own is never given another meaning: where it means another image already, the replica's comes
 * without a name.
 */
export async function ensureOwnImage(tools: ReplicaTools, wish: OwnImageWish): Promise<Runnable> {
  const { host, reference, own, label } = wish;
  const named = await host.docker.image(reference);
  const other = otherMeaning(wish, named);
  if (other !== undefined) tools.progress.warn(`${label}: ${other}`);
  const there = await findOwnImage(host, wish);
  if (there !== undefined) return there;
  const problems: string[] = [];
  for (const sender of wish.others) {
    if (sender.name === host.name) continue;
    const came = await receive(tools, wish, sender, named === undefined).catch(
      problemInto(problems),
    );
    if (came !== undefined) return came;
  }
  // By its digest alone a registry surely has the same one; its name is asked for where that takes
  // nothing from anybody.
  for (const name of [...(own.digests ?? []), ...(named === undefined ? [reference] : [])]) {
    tools.progress.info(`${label}: pulling ${name} on ${host.name}`);
    await pull(tools, host, name).catch(problemInto(problems));
    const pulled = await findOwnImage(host, wish);
    if (pulled !== undefined) return pulled;
  }
  throw new FerryError({
    kind: "trouble",
    what: `bringing the image that ${label} runs ('${reference}', ${shortId(own)})`,
    host: host.name,
    reason: problems.length === 0 ? "no host that answers has it" : problems.join(" "),
    advice: "Load it there, or make it available in a registry",
  });
}

/** For a preview as well: the name means another image over there. */
export function otherMeaning(
  { host, reference, own }: Pick<OwnImageWish, "host" | "reference" | "own">,
  named: ImageState | undefined,
): string | undefined {
  if (named === undefined || isSame(own, named)) return undefined;
  return (
    `'${reference}' means another image on host '${host.name}' (${shortId(named)}) than the one that it runs ` +
    `(${shortId(own)}). It keeps its own there, by its id; a later change of the replica takes what the name means there`
  );
}

function isSame(own: ImageState, other: ImageState): boolean {
  return compareImages(own, other) === "same";
}

/** With its name only where the host has no other use for that. */
async function receive(
  tools: ReplicaTools,
  { reference, own, host, label }: OwnImageWish,
  sender: Host,
  nameIsFree: boolean,
): Promise<Runnable | undefined> {
  const there = await findOwnImage(sender, { reference, own });
  if (there === undefined) return undefined;
  const name = nameIsFree ? there.from : there.image.id;
  const loaded = await sendImage(
    tools,
    { name, reference, image: there.image, label },
    sender,
    host,
  );
  for (const came of [name, own.id, ...loaded]) {
    const image = await host.docker.image(came);
    // One that tells nothing of itself is the one that was sent, whatever it is called now.
    const sent = image !== undefined && compareImages(own, image) !== "different";
    if (sent) return { image, from: came === reference ? reference : image.id };
  }
  return undefined;
}

async function pull({ logins }: ReplicaTools, host: Host, name: string): Promise<void> {
  await host.docker.pull(name, await logins.of(registryOf(name)));
}

function problemInto(problems: string[]): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof FerryError)) throw error;
    problems.push(sentence(error));
    return undefined;
  };
}
