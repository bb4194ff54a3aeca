import { LABELS } from "../../core/identity";
import type { ContainerState } from "../../core/adapter-ports";
import { besideName, isPutBeside, nameBefore } from "../../core/replica/beside";
import { exitCodeOf, NOT_RUN_AS_WANTED, lastingPolicy } from "../../core/replica/job";
import { epochOf } from "../../core/replica/request";
import { keepingUnnamedVolumes, unnamedVolumes } from "../../core/replica/unnamed-volumes";
import { FerryError } from "../../core/errors";
import type { PlacedReplica } from "../../core/replica/model";
import {
  allowRestarts,
  bringFiles,
  createAndStart,
  faultOf,
  imageFor,
  isAsWanted,
  NO_RESTART,
  takeOver,
  type InPlaceJob,
  type Running,
} from "./in-place";
import { missingFiles } from "./files";
import { afterStart, beforeStop } from "./lifecycle";
import { applyLimits, hasRoom, madeAs } from "./limits";
import { PutBack, TakenBack } from "./outcome";
import { removeContainer } from "./remove";
import { ensureVolumes } from "./replica-volumes";
import type { ReplicaTools } from "./replica-tools";
import { untilJobEnds } from "./run-job";
import { snapshotBefore } from "./snapshot-before";
import { detachAndStart, staysUp, stopForGood, stopTimeout, waitUntilHealthy } from "./start";
import { UndoStack } from "./undo";

/**
 * A change on the replica's own host: the old container is put beside, stopped and under another
 * name, until the new one has shown that it runs. That name is the journal of it: whoever finds it
 * after a run that was killed goes on with the change or takes it back.
 */

/** Brings what is there to what the program says; nothing is done to what is so already. */
export async function inPlace(
  tools: ReplicaTools,
  job: InPlaceJob,
  found: ContainerState,
  beside: ContainerState | undefined,
): Promise<Running> {
  const { replica, host } = job;
  if (beside === undefined) {
    return replica.job === true ? seeToJob(tools, job, found) : seeToService(tools, job, found);
  }
  const tried = isAsWanted(found, replica, job.madeAs) && hasBegun(found, replica.job === true);
  if (tried) return goOn(tools, job, found, beside);
  tools.progress.info(`${job.label}: taking back a change on ${host.name} that was cut off`);
  job.check();
  await stopForGood(host, found.id, stopTimeout(replica));
  job.check();
  await removeContainer(tools, host, found, keptBy(beside));
  return inPlace(tools, job, beside, undefined);
}

/** A job that failed, or that nobody has started, is run anew rather than waited for. */
function hasBegun(container: ContainerState, isJob: boolean): boolean {
  if (!isJob) return true;
  const exitCode = exitCodeOf(container);
  return exitCode === undefined ? container.status !== "created" : exitCode === 0;
}

async function seeToService(
  tools: ReplicaTools,
  job: InPlaceJob,
  found: ContainerState,
): Promise<Running> {
  const { replica, label, host, startsAgain } = job;
  const isWanted =
    isAsWanted(found, replica, job.madeAs) &&
    (await missingFiles(tools, replica, host)).length === 0 &&
    (await hasRoom(tools, job, found));
  const stays = () => takeOver(tools, job, found, epochOf(found));
  if (isWanted && startsAgain !== true) return stays();
  return tools.changeSlots.take(
    replica,
    label,
    isWanted ? stays : () => replace(tools, job, found),
  );
}

/**
 * Sees to it that a job has run as the program says: one that a run which was interrupted has
 * started is waited for, one that failed or is another one now runs anew.
 */
async function seeToJob(
  tools: ReplicaTools,
  job: InPlaceJob,
  found: ContainerState,
): Promise<Running> {
  const { replica, host } = job;
  const exitCode = isAsWanted(found, replica) ? exitCodeOf(found) : NOT_RUN_AS_WANTED;
  const goesOn = exitCode === undefined && found.status !== "created";
  if (exitCode !== 0 && !goesOn) return replace(tools, job, found);
  if (found.name !== replica.containerName) {
    await host.docker.rename(found.id, replica.containerName);
  }
  if (goesOn) await untilJobEnds(tools, host, found.id, replica);
  return { containerId: found.id, imageId: found.imageId, epoch: epochOf(found) };
}

/** Puts a changed container in the place of the old one, with the same address and volumes. */
async function replace(
  tools: ReplicaTools,
  job: InPlaceJob,
  old: ContainerState,
): Promise<Running> {
  const image = await imageFor(tools, job);
  await ensureVolumes(tools, job);
  const unnamed = unnamedVolumes(old);
  await snapshotBefore(tools, job.replica, job.label, job.host);
  job.check();
  return orBack(tools, job, old, async (undo) => {
    await bringFiles(tools, job, undo);
    await putBeside(job, old);
    const origin = old.labels[LABELS.origin];
    const of = { ...job, ...(origin === undefined ? {} : { origin }) };
    const running = await createAndStart(tools, of, image, undo, (request) =>
      keepingUnnamedVolumes(request, unnamed),
    );
    return prove(tools, job, running);
  });
}

/** A run that was interrupted has come as far as starting the new container. */
function goOn(
  tools: ReplicaTools,
  job: InPlaceJob,
  made: ContainerState,
  old: ContainerState,
): Promise<Running> {
  const { replica, host, label } = job;
  tools.progress.info(`${label}: going on with a change on ${host.name} that was cut off`);
  const of = { containerId: made.id, imageId: made.imageId, epoch: epochOf(made) };
  const running = { ...of, ...madeAs(made, job) };
  return orBack(tools, job, old, async (undo) => {
    undo.add(
      `removing container '${made.name}' on host '${host.name}'`,
      async () => {
        await stopForGood(host, made.id, stopTimeout(replica));
        job.check();
        await removeContainer(tools, host, made, keptBy(old));
      },
      true,
    );
    await applyLimits(job, made);
    if (replica.job === true) {
      if (exitCodeOf(made) === undefined) await untilJobEnds(tools, host, made.id, replica);
    } else if (made.status === "running") {
      await afterStart(host, made.id, replica);
      await waitUntilHealthy(tools, host, made.id, replica);
    } else {
      await detachAndStart(tools, host, made.id, replica);
    }
    return prove(tools, job, running);
  });
}

/** For as long as the program says, it has to stay up. */
async function prove(tools: ReplicaTools, job: InPlaceJob, running: Running) {
  const { replica, host } = job;
  const seconds = tools.changeSlots.monitorSeconds(replica);
  if (replica.job !== true && seconds > 0) {
    await staysUp(tools, host, running.containerId, replica, seconds);
  }
  job.check();
  await allowRestarts(host, replica, running.containerId);
  return running;
}

/**
 * Does it, and then the old container goes; it comes back when it cannot be done. Where another run
 * may have the replica by now, nothing of either is touched: the names of both say how far it came.
 */
async function orBack(
  tools: ReplicaTools,
  job: InPlaceJob,
  old: ContainerState,
  work: (undo: UndoStack) => Promise<Running>,
): Promise<Running> {
  const { label, replica, host } = job;
  const undo = new UndoStack();
  try {
    // In this order back, so that its name is the last to say that it is not where it was.
    undo.add("renaming it back", async () => {
      const now = await host.docker.container(old.id);
      // Docker takes no name for the same name.
      if (now !== undefined && now.name === nameBefore(old)) return;
      await host.docker.rename(old.id, nameBefore(old));
    });
    undo.add("restoring its restart policy", async () => {
      const policy = isPutBeside(old) ? lastingPolicy(replica) : old.restart;
      if (policy.name !== "no") await host.docker.setRestartPolicy(old.id, policy);
    });
    undo.add("starting it again", async () => {
      const ran = replica.job !== true && (old.status === "running" || isPutBeside(old));
      if (ran) await detachAndStart(tools, host, old.id, asBefore(job));
    });
    const running = await work(undo);
    undo.add("finding it", () => requireThere(job, old), true);
    job.check();
    await removeContainer(tools, host, old, keptBy(old));
    return running;
  } catch (error) {
    const left = await undo.run(job.check);
    const what = `changing ${label}`;
    if (left.length === 0) {
      const said = "The container that was there before is back.";
      throw new PutBack(faultOf(what, job, error, said), { cause: error });
    }
    const said = `Putting back the container that was there before did not go all the way: ${left.join(" ")}`;
    throw new TakenBack(faultOf(what, job, error, said), { cause: error });
  }
}

/** What was run in the old container after its start is run again. */
function asBefore({ replica, ranWith }: InPlaceJob): PlacedReplica {
  const { postStart: _other, ...spec } = replica.spec;
  const { postStart } = ranWith ?? {};
  return { ...replica, spec: postStart === undefined ? spec : { ...spec, postStart } };
}

/** Nothing may be taken away for a container that is gone. */
async function requireThere({ host }: InPlaceJob, { id, name }: ContainerState): Promise<void> {
  if ((await host.docker.container(id)) !== undefined) return;
  const reason = `container '${name}' is gone from host '${host.name}'`;
  throw new FerryError({ kind: "trouble", host: host.name, reason });
}

/** Its name comes first, as that says what has become of it. Frees its address. */
async function putBeside(job: InPlaceJob, old: ContainerState): Promise<void> {
  const { replica, host, check } = job;
  if (!isPutBeside(old)) await beforeStop(host, old, replica);
  check();
  if (!isPutBeside(old)) {
    await host.docker.rename(old.id, besideName(replica.containerName, old.id));
  }
  check();
  if (old.restart.name !== "no") await host.docker.setRestartPolicy(old.id, NO_RESTART);
  check();
  await stopForGood(host, old.id, stopTimeout(replica));
}

const keptBy = (container: ContainerState) =>
  new Set(unnamedVolumes(container).map(({ name }) => name));
