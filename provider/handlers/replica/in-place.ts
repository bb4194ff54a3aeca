import { LABELS, replicaId } from "../../core/identity";
import type { JournalEntry } from "../../core/move/journal";
import type { ContainerState, Host, ImageState } from "../../core/ports";
import { carriedVolumes } from "../../core/replica/following-volumes";
import type { PlacedReplica } from "../../core/replica/model";
import { containerRequest, runFrom } from "../../core/replica/request";
import { specHash } from "../../core/replica/spec-hash";
import { keepingUnnamedVolumes, unnamedVolumes } from "../../core/replica/unnamed-volumes";
import { UndoStack } from "./undo";
import { ensureImage } from "./image";
import { ensureOwnImage, type Runnable } from "./own-image";
import { kindOf, TakenBack, withoutClaim } from "./outcome";
import { removeContainer } from "./remove";
import { fenceAndStart, stopForGood, stopTimeout } from "./start";
import type { ReplicaTools } from "./tools";
import { ensureVolumes } from "./volumes";

/** A container that runs as the program says. */
export interface Running {
  readonly containerId: string;
  readonly imageId: string;
  readonly epoch: number;
}

export interface InPlaceJob {
  readonly label: string;
  readonly replica: PlacedReplica;
  readonly host: Host;
  readonly others: readonly Host[];
  /** The image that it ran on another host, by the same name, and which host that is. */
  readonly ran?: { readonly imageId: string; readonly host: string };
  /** Of the next container to be made. */
  readonly nextEpoch: number;
  /** Of the history of its data, for a first container. */
  readonly origin?: string;
  /** What its host has noted of a start with empty volumes (`startEmpty`) that has not been yet. */
  readonly beginsEmpty?: JournalEntry;
}

const NO_RESTART = { name: "no" } as const;

/**
 * Makes the replica's first container, and nothing at all when it does not run. Once it has, clients
 * may have written to it, and nothing takes it back: its restart policy is still to be set.
 */
export async function createFresh(tools: ReplicaTools, job: InPlaceJob): Promise<Running> {
  const { replica, host } = job;
  const image = await imageFor(tools, job);
  const undo = new UndoStack();
  try {
    await ensureVolumes(replica, host, job.others, tools.drivers, (name) => {
      undo.add(`removing volume '${name}' on host '${host.name}'`, () =>
        host.docker.removeVolume(name),
      );
    });
    await noteVolumes(tools, job, undo);
    return await createAndStart(tools, job, image, undo, (request) => request);
  } catch (error) {
    const left = await undo.run();
    const outcome =
      left.length === 0
        ? "What had been made for it there was removed."
        : `Clearing up after it was not finished: ${left.join(" ")}`;
    throw takenBack(`creating ${job.label}`, job, error, outcome);
  }
}

/**
 * From its first start on the data in these volumes is its own: were they gone later, it would be
 * missed. Before that there is nothing to miss.
 */
async function noteVolumes(
  { journals }: ReplicaTools,
  { replica, host, beginsEmpty: entry }: InPlaceJob,
  undo: UndoStack,
): Promise<void> {
  if (entry === undefined) return;
  undo.add(`noting on host '${host.name}' that it has no data yet`, () =>
    journals.write(host, entry),
  );
  await journals.write(host, { ...entry, volumes: carriedVolumes(replica) });
}

function takenBack(
  what: string,
  { label, host }: InPlaceJob,
  cause: unknown,
  said: string,
): TakenBack {
  const fault = { kind: kindOf(cause), what, host: host.name, replica: label };
  return new TakenBack({ ...fault, reason: withoutClaim(cause), touched: { said } }, { cause });
}

/**
 * Takes over a container that is as the program says: starts it when it does not run, sets its
 * restart policy.
 */
export async function takeOver(
  tools: ReplicaTools,
  { replica, host }: InPlaceJob,
  container: ContainerState,
  epoch: number,
): Promise<Running> {
  if (container.name !== replica.containerName) {
    await host.docker.rename(container.id, replica.containerName);
  }
  if (container.status !== "running") {
    await fenceAndStart(tools, host, container.id, replica);
  }
  const policy = replica.spec.restart ?? NO_RESTART;
  if (container.restart.name !== policy.name) {
    await host.docker.setRestartPolicy(container.id, policy);
  }
  return { containerId: container.id, imageId: container.imageId, epoch };
}

/**
 * Puts a changed container in the place of the old one, on the same host with the same volumes. The
 * old one is kept until the new one runs, and comes back when it does not.
 */
export async function recreate(
  tools: ReplicaTools,
  job: InPlaceJob,
  old: ContainerState,
): Promise<Running> {
  const { label, replica, host } = job;
  const image = await imageFor(tools, job);
  await ensureVolumes(replica, host, job.others, tools.drivers);
  const unnamed = unnamedVolumes(old);
  const undo = new UndoStack();
  try {
    await setAside(tools, job, old, undo);
    const origin = old.labels[LABELS.origin];
    const of = { ...job, ...(origin === undefined ? {} : { origin }) };
    const running = await createAndStart(tools, of, image, undo, (request) =>
      keepingUnnamedVolumes(request, unnamed),
    );
    await allowRestarts(host, replica, running.containerId);
    await removeContainer(tools, host, old, new Set(unnamed.map(({ name }) => name)));
    return running;
  } catch (error) {
    const left = await undo.run();
    const outcome =
      left.length === 0
        ? "The container that was there before is back."
        : `Putting back the container that was there before did not go all the way: ${left.join(" ")}`;
    throw takenBack(`changing ${label}`, job, error, outcome);
  }
}

/** Stops the old container and frees its name and address. */
async function setAside(
  tools: ReplicaTools,
  { replica, host }: InPlaceJob,
  old: ContainerState,
  undo: UndoStack,
): Promise<void> {
  undo.add("starting it again", async () => {
    if (old.status === "running") await fenceAndStart(tools, host, old.id, replica);
  });
  if (old.restart.name !== "no") {
    undo.add("restoring its restart policy", () =>
      host.docker.setRestartPolicy(old.id, old.restart),
    );
    await host.docker.setRestartPolicy(old.id, NO_RESTART);
  }
  await stopForGood(host, old.id, stopTimeout(replica));
  undo.add("renaming it back", () => host.docker.rename(old.id, old.name));
  await host.docker.rename(old.id, `${old.name}-before-${old.id.slice(0, 12)}`);
}

async function createAndStart(
  tools: ReplicaTools,
  { replica, host, nextEpoch, origin }: InPlaceJob,
  { image, from }: Runnable,
  undo: UndoStack,
  adjust: (request: ReturnType<typeof containerRequest>) => ReturnType<typeof containerRequest>,
): Promise<Running> {
  const request = adjust(runFrom(containerRequest(replica, nextEpoch, origin), from));
  const kept = new Set(Object.values(request.volumeNames));
  undo.add(
    `removing container '${request.name}' on host '${host.name}'`,
    async () => {
      const made = await host.docker.container(request.name);
      if (made?.labels[LABELS.epoch] !== String(nextEpoch)) return;
      if (made.labels[LABELS.replica] !== request.labels[LABELS.replica]) return;
      await removeContainer(tools, host, made, kept);
    },
    true,
  );
  const containerId = await host.docker.create(request);
  await fenceAndStart(tools, host, containerId, replica);
  return { containerId, imageId: image.id, epoch: nextEpoch };
}

/** Docker starts it again by itself only from here on. */
export async function allowRestarts(
  host: Host,
  { spec }: Pick<PlacedReplica, "spec">,
  containerId: string,
): Promise<void> {
  const policy = spec.restart ?? NO_RESTART;
  if (policy.name !== "no") await host.docker.setRestartPolicy(containerId, policy);
}

/**
 * Comes with its data from another host, and so with the image that it ran there; else by its name.
 */
async function imageFor(
  tools: ReplicaTools,
  { replica, label, host, others, ran }: InPlaceJob,
): Promise<Runnable> {
  const reference = replica.spec.image;
  const own = ran && (await imageThatRan(ran, [host, ...others]));
  if (own !== undefined) return ensureOwnImage(tools, { reference, own, label, host, others });
  const wish = { image: reference, label, host, others, prefer: "pull" as const };
  return { image: await ensureImage(tools, wish), from: reference };
}

async function imageThatRan(
  { imageId, host }: NonNullable<InPlaceJob["ran"]>,
  hosts: readonly Host[],
): Promise<ImageState | undefined> {
  const there = hosts.find(({ name }) => name === host);
  const found = await there?.docker.image(imageId);
  return found ?? hosts[0]?.docker.image(imageId);
}

/**
 * Whether the container is what the program wants, so that it may stay. A label of an earlier name
 * cannot be changed.
 */
export function isAsWanted(container: ContainerState, replica: PlacedReplica): boolean {
  const { labels } = container;
  return labels[LABELS.spec] === specHash(replica) && labels[LABELS.replica] === replicaId(replica);
}
