import { FerryError } from "../../core/errors";
import { gateName } from "../../core/move/gate";
import type { CopyPath } from "../../core/move/port";
import { isInOtherForm, targetEntry } from "../../core/move/journal";
import { containerRequest, runFrom } from "../../core/replica/request";
import type { ReplicaTools } from "../replica/tools";
import { makeVolume } from "../replica/volumes";
import { prepareMates } from "./groups";
import { imageOnTarget } from "./image";
import { movedVolumes, type MoveJob } from "./job";
import type { Mate } from "./mates";

/** The target, ready but for the data: nothing of it runs. */
export interface Prepared {
  readonly containerId: string;
  readonly imageId: string;
  /**
   * The name of the gate that the container waits behind on its first start, where the host has the
   * means for one.
   */
  readonly gate?: string;
  /** What has to be copied. */
  readonly paths: readonly CopyPath[];
}

/** May be cut off anywhere: what it leaves is known by the journal that comes first. */
export async function prepare(
  tools: ReplicaTools,
  job: MoveJob,
  mates: readonly Mate[],
): Promise<Prepared> {
  const { target, replica, facts, sourceEntry } = job;
  const { image, from } = await imageOnTarget(tools, job);
  job.held.check();
  if (sourceEntry !== undefined && isInOtherForm(sourceEntry)) {
    await tools.journals.writeUnlessCommitted(job.source, sourceEntry);
  }
  await tools.journals.write(target, targetEntry(facts, "preparing"));
  for (const volume of Object.values(replica.volumes)) {
    const driver = tools.drivers.of(volume);
    const existing = await driver.find(target, volume.name);
    if (existing === undefined) await makeVolume(replica, volume, target, driver);
  }
  const made = await tools.movers.gate(target);
  const gate = made && { ...made, name: gateName(job.id, job.epoch), image };
  const request = runFrom(containerRequest(replica, job.epoch, facts.origin), from);
  const containerId = await target.docker.create({ ...request, ...(gate ? { gate } : {}) });
  const paths = [
    ...(await pathsToCopy(job, containerId)),
    ...(await prepareMates(tools, job, mates)),
  ];
  await tools.journals.write(target, targetEntry(facts, "copying"));
  return { containerId, imageId: image.id, paths, ...(gate ? { gate: gate.name } : {}) };
}

async function pathsToCopy(job: MoveJob, containerId: string): Promise<CopyPath[]> {
  const created = await job.target.docker.container(containerId);
  if (created === undefined) {
    throw new FerryError({
      kind: "trouble",
      reason: `the container made on host '${job.target.name}' is gone.`,
    });
  }
  return movedVolumes(job).flatMap(({ name, source, mountedAt, anonymous }) => {
    const named = created.mounts.find(({ volume }) => volume === name);
    const unnamed = created.mounts.find((mount) => mount.anonymous && mount.target === mountedAt);
    const counterpart = named ?? (anonymous ? unnamed : undefined);
    return counterpart === undefined ? [] : [{ name, source, target: counterpart.source }];
  });
}
