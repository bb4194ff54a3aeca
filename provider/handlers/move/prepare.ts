import { FerryError } from "../../core/errors";
import { barrierName } from "../../core/move/start-barrier";
import type { CopyPath } from "../../core/move/move-ports";
import { isInOtherForm, targetEntry } from "../../core/move/journal";
import type { ContainerRequest } from "../../core/adapter-ports";
import { exitCodeOf, NOT_RUN_AS_WANTED } from "../../core/replica/job";
import { hasOwnNetwork } from "../../core/replica/own-network";
import { containerRequest, runFrom, standingFor } from "../../core/replica/request";
import { isAsWanted, seeToFollowers } from "../replica/in-place";
import { tellOfStartInterval } from "../replica/start-interval";
import { carryFiles } from "../replica/files";
import type { ReplicaTools } from "../replica/replica-tools";
import { makeVolume } from "../replica/replica-volumes";
import { makeAlike } from "./attached";
import { atItsData, requirePlaceFor } from "./data-places";
import { prepareMembers } from "./group-steps";
import { imageOnTarget } from "./image";
import { handsOver, movedVolumes, type MoveJob } from "./job";
import type { GroupMember } from "./group";

/**
 * The target's container: its id, or how it is made where that has to wait until the source has let
 * go of a volume.
 */
export type TargetContainer = string | (() => Promise<string>);

/** The target, ready but for the data: nothing of it runs. */
export interface Prepared {
  readonly container: TargetContainer;
  readonly imageId: string;
  /**
   * The name of the start barrier that the container waits behind on its first start, where the
   * host has the means for one.
   */
  readonly startBarrier?: string;
  /** What has to be copied. */
  readonly paths: readonly CopyPath[];
}

/** May be interrupted anywhere: what it leaves is known by the journal that comes first. */
export async function prepare(
  tools: ReplicaTools,
  job: MoveJob,
  members: readonly GroupMember[],
): Promise<Prepared> {
  const { target, replica, facts, sourceEntry } = job;
  const { image, from } = await imageOnTarget(tools, job);
  job.locked.check();
  if (sourceEntry !== undefined && isInOtherForm(sourceEntry)) {
    await tools.journals.writeUnlessCommitted(job.source, sourceEntry);
  }
  await tools.journals.write(target, targetEntry(facts, "preparing"));
  await carryFiles(tools, replica, target);
  for (const [key, volume] of Object.entries(replica.volumes)) {
    const driver = tools.drivers.of(volume);
    if (driver.scope === "attach") continue;
    if (driver.scope === "shared") {
      await makeAlike(tools, job, volume, await driver.find(job.source, volume.name));
      continue;
    }
    const existing = await driver.find(target, volume.name);
    if (existing !== undefined) continue;
    const called = `volume '${key}'`;
    await requirePlaceFor(driver, target, { called, options: volume.driverOptions, bytes: 0 });
    await makeVolume(replica, volume, target, driver);
  }
  await tellOfStartInterval(tools, target, replica);
  // What waits behind a barrier has its volumes already; and where it has no network of its own there
  // is no inbound block that would go with it.
  const mayWait = hasOwnNetwork(replica.spec) && !handsOver(job);
  const made = mayWait ? await tools.movers.startBarrier(target) : undefined;
  const startBarrier = made && { ...made, name: barrierName(job.id, job.epoch), image };
  const wanted = runFrom(containerRequest(replica, job.epoch, facts.origin), from);
  const request = replica.job === true ? standingFor(wanted, endOf(job)) : wanted;
  const make = async () => {
    const containerId = await target.docker.create({
      ...withoutCopying(request, job),
      ...(startBarrier ? { startBarrier } : {}),
    });
    await seeToFollowers(tools, target, replica);
    return containerId;
  };
  const container = handsOver(job) ? make : await make();
  const paths = [
    ...(await pathsToCopy(job, container)),
    ...(await prepareMembers(tools, job, members)),
  ];
  await tools.journals.write(target, targetEntry(facts, "copying"));
  return {
    container,
    imageId: image.id,
    paths,
    ...(startBarrier ? { startBarrier: startBarrier.name } : {}),
  };
}

/** How the job has ended that moves; whether it has to run anew is seen once it is there. */
function endOf({ container, replica }: MoveJob): number {
  const exitCode = isAsWanted(container, replica) ? exitCodeOf(container) : undefined;
  return exitCode ?? NOT_RUN_AS_WANTED;
}

/** What the image has at the place is in the volume since long, and copying mounts it. */
function withoutCopying(request: ContainerRequest, { attached }: MoveJob): ContainerRequest {
  const { mounts } = request.spec;
  if (attached.size === 0 || mounts === undefined) return request;
  const isAttached = (volume = "") => attached.has(request.volumeNames[volume] ?? "");
  const changed = mounts.map((mount) =>
    mount.type === "volume" && isAttached(mount.volume)
      ? { ...mount, noCopy: true as const }
      : mount,
  );
  return { ...request, spec: { ...request.spec, mounts: changed } };
}

async function pathsToCopy(job: MoveJob, container: TargetContainer): Promise<CopyPath[]> {
  if (typeof container !== "string") return namedPaths(job);
  const made = await job.target.docker.container(container);
  if (made === undefined) {
    throw new FerryError({
      kind: "trouble",
      reason: `the container made on host '${job.target.name}' is gone.`,
    });
  }
  const created = await atItsData(job.target, made);
  return movedVolumes(job).flatMap(({ name, source, mountedAt, anonymous }) => {
    const named = created.mounts.find(({ volume }) => volume === name);
    const unnamed = created.mounts.find((mount) => mount.anonymous && mount.target === mountedAt);
    const counterpart = named ?? (anonymous ? unnamed : undefined);
    return counterpart === undefined ? [] : [{ name, source, target: counterpart.source }];
  });
}

/** Before there is a container: all are named. */
async function namedPaths(job: MoveJob): Promise<CopyPath[]> {
  const paths: CopyPath[] = [];
  for (const { name, source } of movedVolumes(job)) {
    const there = await job.target.docker.volume(name);
    if (there !== undefined) paths.push({ name, source, target: there.mountpoint });
  }
  return paths;
}
