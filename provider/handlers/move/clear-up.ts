import { withoutClaim } from "../replica/outcome";
import { whyNot } from "../replica/discover";
import { settle } from "../replica/settle";
import { fenceAndStart } from "../replica/start";
import type { ReplicaTools } from "../replica/tools";
import type { MoveJob } from "./job";

/**
 * After commit: the source's container goes; its volumes stay as a retired copy, which makes a move
 * back the shorter. Looks as well whether the target runs, and starts it if not. Resolves to why
 * any of it could not be done now, if so; the next run does it, as the source has let go of the
 * replica.
 */
export async function clearUpSource(
  tools: ReplicaTools,
  job: MoveJob,
): Promise<string | undefined> {
  const { replica, connections, held, target, source } = job;
  try {
    const { discovery, settled } = await settle(tools, {
      replica,
      connections,
      believed: { host: target.name, epoch: job.epoch },
      rescue: new Set([job.source.name, job.target.name]),
      check: held.check,
      quiet: true,
    });
    // Its daemon may have ended right after the commit, before there was a restart policy.
    if (settled.kind === "keep" && !settled.home.running) {
      await fenceAndStart(tools, target, settled.home.containerId, replica);
    }
    const unheard = whyNot(discovery, source.name);
    return unheard === undefined ? undefined : withoutClaim(unheard);
  } catch (error) {
    return withoutClaim(error);
  }
}
