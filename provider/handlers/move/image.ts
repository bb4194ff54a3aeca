import { NO_IMAGE, roomFor, type ImageRoom } from "../../core/image/room";
import type { ContainerState, Host } from "../../core/adapter-ports";
import { imageAskedFor } from "../../core/replica/request";
import { ensureImage } from "../replica/image";
import { ensureOwnImage, findOwnImage, type Runnable } from "../replica/own-image";
import type { ReplicaTools } from "../replica/replica-tools";
import type { MoveJob } from "./job";

/**
 * What runs on the target: the new image where the program changes it together with the host; else
 * the very one that the source's container runs, whatever its name means on the target or in a
 * registry by now.
 */
export function imageOnTarget(tools: ReplicaTools, job: MoveJob): Promise<Runnable> {
  const { replica, container, label, source, target, hosts } = job;
  const reference = replica.spec.image;
  const others = [...new Set([source, ...hosts])];
  if (imageAskedFor(container) === reference) {
    return bringOwn(tools, { reference, container, label, source, target, others });
  }
  const { pull } = replica;
  const policy = pull === undefined ? {} : { pull };
  return byName(tools, {
    image: reference,
    label,
    host: target,
    others,
    prefer: "pull",
    ...policy,
  });
}

/** What the image that the target lacks takes there; nothing where the source has it neither. */
export async function missingImageRoom({
  source,
  target,
  container,
  replica,
}: Pick<MoveJob, "source" | "target" | "container" | "replica">): Promise<ImageRoom> {
  const reference = replica.spec.image;
  const moves = imageAskedFor(container) === reference;
  const own = moves ? await source.docker.image(container.imageId) : undefined;
  const missing =
    own === undefined
      ? (await target.docker.image(reference)) === undefined
      : (await findOwnImage(target, { reference, own })) === undefined;
  const image = missing ? (own ?? (await source.docker.image(reference))) : undefined;
  if (image === undefined) return NO_IMAGE;
  const [from, to] = await Promise.all([source.docker.info(), target.docker.info()]);
  return roomFor(image, from.imageStore, to.imageStore);
}

interface OwnWish {
  readonly reference: string;
  /** The source's, which says what image it runs. */
  readonly container: Pick<ContainerState, "imageId">;
  readonly label: string;
  readonly source: Host;
  readonly target: Host;
  readonly others: readonly Host[];
}

export async function bringOwn(tools: ReplicaTools, wish: OwnWish): Promise<Runnable> {
  const { reference, container, label, source, target: host, others } = wish;
  const senders = [...new Set([source, ...others])];
  const own = await source.docker.image(container.imageId);
  if (own !== undefined) {
    return ensureOwnImage(tools, { reference, own, label, host, others: senders });
  }
  tools.progress.warn(
    `${label}: the image that it runs was removed from host '${source.name}', so what '${reference}' means now is taken`,
  );
  return byName(tools, {
    image: reference,
    label,
    host,
    others: senders,
    prefer: "stream",
  });
}

async function byName(
  tools: ReplicaTools,
  wish: Parameters<typeof ensureImage>[1],
): Promise<Runnable> {
  return { image: await ensureImage(tools, wish), from: wish.image };
}
