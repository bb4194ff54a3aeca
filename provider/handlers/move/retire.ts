import { labelled } from "../replica/volume-owner";
import { sentence } from "../replica/outcome";
import { removeContainer } from "../replica/remove";
import type { ReplicaTools } from "../replica/tools";
import type { MoveJob } from "./job";

/**
 * After commit: the source's container goes; its volumes stay as a retired copy, which makes a move back the shorter.
 * What cannot be done now is found and done later: a stopped container of a lower epoch never counts again.
 */
export async function retire(tools: ReplicaTools, job: MoveJob): Promise<void> {
  const { source, container, label } = job;
  try {
    await removeContainer(source, container);
    await keepAsRetired(tools, job);
  } catch (error) {
    tools.progress.warn(
      `${label}: runs on host '${job.target.name}', but clearing up on host '${source.name}' is not finished: ${sentence(error)}`,
    );
  }
}

async function keepAsRetired(tools: ReplicaTools, job: MoveJob): Promise<void> {
  const { source, id, replica, sourceEpoch, target } = job;
  const volumes: string[] = [];
  for (const volume of Object.values(replica.volumes)) {
    const existing = await source.docker.volume(volume.name);
    if (existing !== undefined && labelled(existing, volume)) volumes.push(volume.name);
  }
  if (volumes.length === 0) {
    await tools.records.remove(source, id);
    return;
  }
  await tools.records.write(source, {
    version: 1,
    replica: id,
    role: "retired",
    epoch: sourceEpoch,
    other: target.name,
    volumes,
  });
}
