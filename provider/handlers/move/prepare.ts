import { FerryError } from "../../core/errors";
import { gateName } from "../../core/move/gate";
import type { CopyPath } from "../../core/move/port";
import type { PlacementRecord } from "../../core/move/record";
import { containerRequest, epochOf } from "../../core/replica/request";
import { ensureImage } from "../replica/image";
import { removeContainer } from "../replica/remove";
import { stopForGood, stopTimeout } from "../replica/start";
import type { ReplicaTools } from "../replica/tools";
import { makeVolume } from "../replica/volumes";
import { movedVolumes, type MoveJob } from "./job";
import type { UndoStack } from "./undo";

/** The target, ready but for the data: nothing of it runs. */
export interface Prepared {
  readonly containerId: string;
  readonly imageId: string;
  /** The name of the gate that the container waits behind on its first start, where the host has the means for one. */
  readonly gate?: string;
  /** What has to be copied. */
  readonly paths: readonly CopyPath[];
}

export async function prepare(
  tools: ReplicaTools,
  job: MoveJob,
  undo: UndoStack,
): Promise<Prepared> {
  const { target, replica, source, hosts, label } = job;
  const image = await ensureImage(tools, {
    image: replica.spec.image,
    label,
    host: target,
    others: [source, ...hosts],
    // The image that is to run may be the source's own, or a new one that the program asks for.
    prefer: replica.spec.image === job.container.image ? "stream" : "pull",
  });
  const volumes = Object.values(replica.volumes);
  const record: PlacementRecord = {
    version: 1,
    replica: job.id,
    role: "arriving",
    epoch: job.epoch,
    other: source.name,
    volumes: volumes.map(({ name }) => name),
  };
  undo.add(`putting back what host '${target.name}' knew`, () => restoreRecord(tools, job));
  await tools.records.write(target, record);
  for (const volume of volumes) {
    const existing = await target.docker.volume(volume.name);
    // What an interrupted move has left goes as well; an older copy was there before and stays.
    if (existing === undefined || job.targetRecord?.role !== "retired") {
      undo.add(`removing the copy of volume '${volume.name}' on host '${target.name}'`, () =>
        target.docker.removeVolume(volume.name),
      );
    }
    if (existing === undefined) await makeVolume(replica, volume, target);
  }
  undo.add(`removing container '${replica.containerName}' on host '${target.name}'`, () =>
    removeMade(job),
  );
  const made = await tools.movers.gate?.(target);
  const gate = made && { ...made, name: gateName(job.id, job.epoch), image };
  const request = containerRequest(replica, job.epoch);
  const containerId = await target.docker.create({ ...request, ...(gate ? { gate } : {}) });
  const paths = await pathsToCopy(job, containerId);
  return { containerId, imageId: image.id, paths, ...(gate ? { gate: gate.name } : {}) };
}

async function restoreRecord({ records }: ReplicaTools, { target, targetRecord, id }: MoveJob) {
  if (targetRecord?.role === "retired") await records.write(target, targetRecord);
  else await records.remove(target, id);
}

/** By name: a create whose answer was lost has made one all the same. */
async function removeMade({ target, replica, epoch }: MoveJob): Promise<void> {
  const made = await target.docker.container(replica.containerName);
  if (made === undefined || epochOf(made) !== epoch) return;
  await stopForGood(target, made.id, stopTimeout(replica));
  await removeContainer(target, made);
}

async function pathsToCopy(job: MoveJob, containerId: string): Promise<CopyPath[]> {
  const created = await job.target.docker.container(containerId);
  if (created === undefined) {
    throw new FerryError(`the container made on host '${job.target.name}' is gone.`);
  }
  return movedVolumes(job).flatMap(({ name, source, mountedAt, anonymous }) => {
    const counterpart = created.mounts.find(({ volume, target }) =>
      volume === undefined ? false : anonymous ? target === mountedAt : volume === name,
    );
    return counterpart === undefined ? [] : [{ name, source, target: counterpart.source }];
  });
}
