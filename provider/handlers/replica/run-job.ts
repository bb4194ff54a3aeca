import { FerryError } from "../../core/errors";
import type { Host } from "../../core/adapter-ports";
import { formatDuration } from "../../core/move/format";
import { exitCodeOf, policyWhileJobRuns } from "../../core/replica/job";
import type { PlacedReplica } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/replica-names";
import { lastWords } from "./start";
import type { ReplicaTools } from "./replica-tools";

const FIRST_LOOK_MS = 150;
const LONGEST_LOOK_MS = 2_000;
const TELL_EVERY_MS = 30_000;

/** What a job that failed wrote last is most of what its user needs to know. */
const LOG_LINES = 15;

/** Starts a job's container, and resolves once it has ended with exit code 0. */
export async function startJob(
  tools: ReplicaTools,
  host: Host,
  containerId: string,
  replica: PlacedReplica,
): Promise<void> {
  await tools.overlay.detachEnded(host);
  const policy = policyWhileJobRuns(replica);
  if (policy.name !== "no") await host.docker.setRestartPolicy(containerId, policy);
  tools.progress.info(`${replicaLabel(replica)}: runs on ${host.name} to its end`);
  await host.docker.start(containerId, { proxied: true });
  await untilJobEnds(tools, host, containerId, replica);
}

/** However long it takes: nobody but the user knows how long that may be. */
export async function untilJobEnds(
  tools: ReplicaTools,
  host: Host,
  containerId: string,
  replica: PlacedReplica,
): Promise<void> {
  const { clock, progress } = tools;
  const label = replicaLabel(replica);
  const started = clock.now();
  let saidAt = started;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(2 * pause, LONGEST_LOOK_MS)) {
    const state = await host.docker.container(containerId);
    if (state === undefined) throw failure(host, replica, "is gone before it has ended");
    const exitCode = exitCodeOf(state);
    if (exitCode !== undefined) {
      await keepEnded(tools, host, state.restart.name, containerId);
      if (exitCode === 0) return;
      const why = state.error === "" ? "" : ` (${state.error})`;
      const said = await lastWords(host, containerId, LOG_LINES);
      throw failure(host, replica, `ended with exit code ${exitCode}${why}. ${said}`);
    }
    if (state.status === "paused") {
      throw failure(host, replica, "is paused. Unpause it, and run `pulumi up` again");
    }
    if (clock.now() - saidAt >= TELL_EVERY_MS) {
      saidAt = clock.now();
      progress.info(`${label}: has run for ${formatDuration(saidAt - started)} so far`);
    }
    await clock.sleep(pause);
  }
}

/** No daemon runs it again, and nothing of it is left on the network. */
async function keepEnded(
  { overlay }: ReplicaTools,
  host: Host,
  policy: string,
  containerId: string,
): Promise<void> {
  if (policy !== "no") await host.docker.setRestartPolicy(containerId, { name: "no" });
  await overlay.detachEnded(host);
}

function failure(host: Host, { containerName }: PlacedReplica, what: string): FerryError {
  return new FerryError({
    kind: "trouble",
    host: host.name,
    reason: `the job in container '${containerName}' ${what}`,
  });
}
