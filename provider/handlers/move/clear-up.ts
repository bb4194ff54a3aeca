import { sentence } from "../replica/outcome";
import { settle } from "../replica/settle";
import type { ReplicaTools } from "../replica/tools";
import type { MoveJob } from "./job";

/**
 * After commit: the source's container goes; its volumes stay as a retired copy, which makes a move back the shorter.
 * What cannot be done now is found and done by the next run: the source has let go of the replica.
 */
export async function clearUpSource(tools: ReplicaTools, job: MoveJob): Promise<void> {
  const { replica, connections, held, target, source, label } = job;
  try {
    await settle(tools, {
      replica,
      connections,
      believed: { host: target.name, epoch: job.epoch },
      brisk: "all",
      check: held.check,
      quiet: true,
    });
  } catch (error) {
    tools.progress.warn(
      `${label}: runs on host '${target.name}', but clearing up on host '${source.name}' is not finished: ${sentence(error)}`,
    );
  }
}
