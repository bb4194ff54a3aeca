import type { ContainerSpec } from "../../core/container-spec";
import type { Fault } from "../../core/errors";
import { LABELS, replicaId } from "../../core/identity";
import type { JournalEntry } from "../../core/move/journal";
import type { ContainerState, Host, ImageState } from "../../core/adapter-ports";
import { copiedVolumes } from "../../core/replica/following-volumes";
import { lastingPolicy } from "../../core/replica/job";
import { isSamePolicy, isStuckWith } from "../../core/replica/limits";
import type { PlacedReplica } from "../../core/replica/model";
import { joinedBy } from "../../core/replica/own-network";
import { containerRequest, runFrom, standingFor } from "../../core/replica/request";
import { specHash } from "../../core/replica/spec-hash";
import { UndoStack } from "./undo";
import { carryFiles, dropFiles } from "./files";
import { ensureImage } from "./image";
import { ensureOwnImage, type Runnable } from "./own-image";
import { afterStart, beforeStop } from "./lifecycle";
import { applyLimits, madeAs } from "./limits";
import { kindOf, TakenBack, withoutClaim } from "./outcome";
import { removeContainer } from "./remove";
import { startJob } from "./run-job";
import { detachAndStart, stopForGood, stopTimeout } from "./start";
import { tellOfStartInterval } from "./start-interval";
import { requireSubPaths } from "./sub-paths";
import type { ReplicaTools } from "./replica-tools";
import { ensureVolumes } from "./replica-volumes";

/** A container that runs as the program says. */
export interface Running {
  readonly containerId: string;
  readonly imageId: string;
  readonly epoch: number;
  /** What its label says, where it was changed in place since it was made. */
  readonly madeAs?: string;
}

export interface InPlaceJob {
  readonly label: string;
  readonly replica: PlacedReplica;
  readonly host: Host;
  readonly others: readonly Host[];
  /** Names of volumes whose lease its deployment had before this run. */
  readonly held?: ReadonlySet<string>;
  /** The image that it ran on another host, by the same name, and which host that is. */
  readonly ran?: { readonly imageId: string; readonly host: string };
  /** Throws when its host may have been given to another run: what came before may have taken long. */
  readonly check: () => void;
  /** Of the next container to be made. */
  readonly nextEpoch: number;
  /** Of the history of its data, for a first container. */
  readonly origin?: string;
  /** What it depends on has changed: one that may stay is started again. */
  readonly startsAgain?: boolean;
  /** A job that has run elsewhere, with this exit code: its container stands for it, not started. */
  readonly endedWith?: number;
  /** What was said of the container that is there. */
  readonly ranWith?: ContainerSpec;
  /** It came here with a move that was cut off, which may not have run what is run after a start. */
  readonly arrived?: boolean;
  /** What the label of a container says that comes to what is wanted without another start. */
  readonly madeAs?: string;
  /** What its host has noted of a start with empty volumes (`startEmpty`) that has not been yet. */
  readonly beginsEmpty?: JournalEntry;
}

export const NO_RESTART = { name: "no" } as const;

/**
 * Makes the replica's first container, and nothing at all when it does not run. Once it has,
 * clients may have written to it, and nothing takes it back: its restart policy is still to be set.
 */
export async function createFresh(tools: ReplicaTools, job: InPlaceJob): Promise<Running> {
  const { replica, host } = job;
  const image = await imageFor(tools, job);
  const undo = new UndoStack();
  try {
    await bringFiles(tools, job, undo);
    await ensureVolumes(tools, job, (made) => {
      // What a job that failed has written may be wanted, and the next run goes on from it.
      if (replica.job === true) return;
      undo.add(`removing volume '${made.name}' on host '${host.name}'`, () =>
        tools.drivers.ofFound(made).remove(host, made),
      );
    });
    await noteVolumes(tools, job, undo);
    return await createAndStart(tools, job, image, undo, (request) => request);
  } catch (error) {
    const left = await undo.run(job.check);
    const outcome =
      left.length === 0
        ? replica.job === true
          ? "Its container was removed, its volumes stay as they are, and the next `pulumi up` runs it again."
          : "What had been made for it there was removed."
        : `Clearing up after it was not finished: ${left.join(" ")}`;
    throw new TakenBack(faultOf(`creating ${job.label}`, job, error, outcome), { cause: error });
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
  await journals.write(host, { ...entry, volumes: copiedVolumes(replica) });
}

/** What could not be made, and what is left where it was to be. */
export function faultOf(
  what: string,
  { label, host }: InPlaceJob,
  cause: unknown,
  said: string,
): Fault {
  const fault = { kind: kindOf(cause), what, host: host.name, replica: label };
  return { ...fault, reason: withoutClaim(cause), touched: { said } };
}

/**
 * Takes over a container that is as the program says: starts it when it does not run, sets its
 * restart policy.
 */
export async function takeOver(
  tools: ReplicaTools,
  job: InPlaceJob,
  container: ContainerState,
  epoch: number,
): Promise<Running> {
  const { replica, host, startsAgain = false, check } = job;
  if (container.name !== replica.containerName) {
    await host.docker.rename(container.id, replica.containerName);
  }
  await applyLimits(job, container);
  await seeToFollowers(tools, host, replica);
  if (startsAgain) {
    await beforeStop(host, container, replica);
    check();
    await stopForGood(host, container.id, stopTimeout(replica));
  }
  if (startsAgain || container.status !== "running") {
    check();
    await detachAndStart(tools, host, container.id, replica);
  } else if (job.arrived === true) {
    await afterStart(host, container.id, replica);
  }
  const policy = lastingPolicy(replica);
  if (!isSamePolicy(container.restart, policy)) {
    check();
    await host.docker.setRestartPolicy(container.id, policy);
  }
  return {
    containerId: container.id,
    imageId: container.imageId,
    epoch,
    ...madeAs(container, job),
  };
}

export async function bringFiles(
  tools: ReplicaTools,
  { replica, host }: InPlaceJob,
  undo: UndoStack,
): Promise<void> {
  if (replica.files === undefined) return;
  undo.add(`removing the files that came with it to host '${host.name}'`, () =>
    dropFiles(tools, host, replicaId(replica)),
  );
  await carryFiles(tools, replica, host);
}

export async function createAndStart(
  tools: ReplicaTools,
  { replica, host, nextEpoch, origin, endedWith, check }: InPlaceJob,
  { image, from }: Runnable,
  undo: UndoStack,
  adjust: (request: ReturnType<typeof containerRequest>) => ReturnType<typeof containerRequest>,
): Promise<Running> {
  await requireSubPaths(host, replica);
  await tellOfStartInterval(tools, host, replica);
  const request = adjust(runFrom(containerRequest(replica, nextEpoch, origin), from));
  const kept = new Set(Object.values(request.volumeNames));
  check();
  undo.add(
    `removing container '${request.name}' on host '${host.name}'`,
    async () => {
      const made = await host.docker.container(request.name);
      if (made?.labels[LABELS.epoch] !== String(nextEpoch)) return;
      if (made.labels[LABELS.replica] !== request.labels[LABELS.replica]) return;
      // It may have answered: what it keeps in memory until it ends is to be in its volumes.
      await stopForGood(host, made.id, stopTimeout(replica));
      check();
      await removeContainer(tools, host, made, kept);
    },
    true,
  );
  if (endedWith !== undefined) {
    const stands = await host.docker.create(standingFor(request, endedWith));
    return { containerId: stands, imageId: image.id, epoch: nextEpoch };
  }
  const containerId = await host.docker.create(request);
  await seeToFollowers(tools, host, replica);
  check();
  await (replica.job === true
    ? startJob(tools, host, containerId, replica)
    : detachAndStart(tools, host, containerId, replica));
  return { containerId, imageId: image.id, epoch: nextEpoch };
}

/** Has its host keep it with those whose namespaces it is in, where there are such. */
export async function seeToFollowers(
  tools: Pick<ReplicaTools, "seeToFollowers">,
  host: Host,
  { spec }: Pick<PlacedReplica, "spec">,
): Promise<void> {
  if (joinedBy(spec, "container").length > 0) await tools.seeToFollowers(host);
}

/** Docker starts it again by itself only from here on. */
export async function allowRestarts(
  host: Host,
  replica: Pick<PlacedReplica, "spec" | "job">,
  containerId: string,
): Promise<void> {
  const policy = lastingPolicy(replica);
  if (policy.name !== "no") await host.docker.setRestartPolicy(containerId, policy);
}

/**
 * Comes with its data from another host, and so with the image that it ran there; else by its name.
 */
export async function imageFor(
  tools: ReplicaTools,
  { replica, label, host, others, ran }: InPlaceJob,
): Promise<Runnable> {
  const reference = replica.spec.image;
  const own = ran && (await imageThatRan(ran, [host, ...others]));
  if (own !== undefined) return ensureOwnImage(tools, { reference, own, label, host, others });
  const wish = {
    image: reference,
    label,
    host,
    others,
    prefer: "pull" as const,
    ...pullOf(replica),
  };
  return { image: await ensureImage(tools, wish), from: reference };
}

const pullOf = ({ pull }: PlacedReplica) => (pull === undefined ? {} : { pull });

async function imageThatRan(
  { imageId, host }: NonNullable<InPlaceJob["ran"]>,
  hosts: readonly Host[],
): Promise<ImageState | undefined> {
  const there = hosts.find(({ name }) => name === host);
  const found = await there?.docker.image(imageId);
  return found ?? hosts[0]?.docker.image(imageId);
}

/**
 * Whether the container is what the program wants, or comes to it without another start, so that
 * it may stay. A label of an earlier name cannot be changed.
 */
export function isAsWanted(
  { labels, limits = {} }: ContainerState,
  replica: PlacedReplica,
  madeAs?: string,
): boolean {
  const { [LABELS.spec]: spec, [LABELS.replica]: id } = labels;
  if (id !== replicaId(replica) || isStuckWith(limits, replica.spec)) return false;
  return spec === specHash(replica) || (spec !== undefined && spec === madeAs);
}
