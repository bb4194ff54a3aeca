import type { ContainerState } from "../../core/adapter-ports";
import { FerryError } from "../../core/errors";
import type { InPlaceJob } from "../replica/in-place";
import type { ReplicaTools } from "../replica/replica-tools";

/**
 * Replicas of two deployments have locks of their own, and may both want one container: whoever
 * takes its place holds the container as well, and looks at it once more.
 */
export async function whileNobodyTakes<T>(
  { locks, owner }: Pick<ReplicaTools, "locks" | "owner">,
  job: InPlaceJob,
  containerId: string,
  work: (job: InPlaceJob, container: ContainerState) => Promise<T>,
): Promise<T> {
  const { host, label, replica } = job;
  const what = `taking over what runs as ${label}`;
  const claim = {
    owner: `${owner}, stack ${replica.stack} of ${replica.project}`,
    reason: what,
  };
  const lock = await locks.acquire(host, `adopt-${containerId}`, claim);
  const check = () => {
    job.check();
    if (!lock.lost) return;
    throw new FerryError({
      ...{ kind: "trouble", replica: label, what, ended: "was stopped" },
      reason: `the connection to host '${host.name}' was away for so long that another run may have taken it over`,
      touched: { said: "What was begun is finished or taken back by the next `pulumi up`" },
    });
  };
  try {
    const container = await host.docker.container(containerId);
    if (container !== undefined) return await work({ ...job, check }, container);
    throw new FerryError({
      ...{ kind: "settings", replica: label, what },
      ...{ reason: `its container is gone from host '${host.name}'`, touched: "nothing" },
    });
  } finally {
    await lock.release();
  }
}
