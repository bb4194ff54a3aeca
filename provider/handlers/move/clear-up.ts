import { withoutClaim } from "../replica/outcome";
import { whyNot } from "../replica/discover";
import { bringInOrder } from "../replica/bring-in-order";
import { detachAndStart } from "../replica/start";
import type { ReplicaTools } from "../replica/replica-tools";
import type { MoveJob } from "./job";
import { isOurs } from "../../core/volume/owner";

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
  const { replica, connections, locked, target, source } = job;
  try {
    const { discovery, decided } = await bringInOrder(tools, {
      replica,
      connections,
      believed: { host: target.name, epoch: job.epoch },
      rescue: new Set([job.source.name, job.target.name]),
      check: locked.check,
      quiet: true,
    });
    // Its daemon may have ended right after the commit, before there was a restart policy.
    if (decided.kind === "keep" && !decided.home.running && replica.job !== true) {
      await detachAndStart(tools, target, decided.home.containerId, replica);
    }
    const unheard = whyNot(discovery, source.name);
    if (unheard === undefined) await forgetVolumes(tools, job);
    return unheard === undefined ? undefined : withoutClaim(unheard);
  } catch (error) {
    return withoutClaim(error);
  }
}

/** Volumes whose data is not on the source: what it has noted of them is of no more use there. */
async function forgetVolumes(
  { drivers }: Pick<ReplicaTools, "drivers">,
  { replica, source }: MoveJob,
): Promise<void> {
  for (const volume of Object.values(replica.volumes)) {
    const driver = drivers.of(volume);
    if (driver.scope === "host" || volume.external) continue;
    const existing = await driver.find(source, volume.name);
    if (existing === undefined || !isOurs(existing, volume)) continue;
    const users = await source.docker.containers({});
    const isUsed = users.some(({ mounts }) => mounts.some((each) => each.volume === volume.name));
    if (!isUsed) await driver.forget(source, volume.name);
  }
}
