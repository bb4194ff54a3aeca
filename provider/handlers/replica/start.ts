import { FerryError } from "../../core/errors";
import type { Host } from "../../core/ports";
import type { PlacedReplica } from "../../core/replica/model";
import { sentence } from "./outcome";
import type { ReplicaTools } from "./tools";

const LOOK_EVERY_MS = 150;
/**
 * A container without a healthcheck has shown that it runs when it has not ended after this long.
 */
const SETTLE_MS = 1_000;
const LOG_LINES = 5;

type Startable = Pick<PlacedReplica, "spec" | "healthTimeoutSeconds" | "containerName">;

/**
 * Starts a container through Weave's proxy, so that its address is there before its program runs,
 * and waits until it is healthy. Resolves with the moment of its first answer: the start's own
 * answer, or that of its healthcheck.
 */
export async function startAndWait(
  tools: ReplicaTools,
  host: Host,
  containerId: string,
  replica: Startable,
): Promise<number> {
  await host.docker.start(containerId, { proxied: true });
  return waitUntilHealthy(tools, host, containerId, replica);
}

/**
 * As `startAndWait`, once nothing else on the host answers for the address, such as what ran under
 * it before.
 */
export async function fenceAndStart(
  tools: ReplicaTools,
  host: Host,
  containerId: string,
  replica: Startable,
): Promise<number> {
  await tools.fence.clear(host);
  return startAndWait(tools, host, containerId, replica);
}

/**
 * Its daemon may have started it by itself, and its program then waits for its address: what is to
 * be told as running must have got it.
 */
export async function untilItServes(
  { clock, fence }: ReplicaTools,
  host: Host,
  containerId: string,
  { healthTimeoutSeconds: seconds, containerName }: Startable,
): Promise<void> {
  const started = clock.now();
  for (;;) {
    const { pid = 0 } = (await host.docker.container(containerId)) ?? {};
    if (pid === 0 || !(await fence.awaitsNetwork(host, pid))) return;
    if (clock.now() - started >= seconds * 1000) {
      throw new FerryError({
        kind: "trouble",
        what: `container '${containerName}'`,
        host: host.name,
        reason: `it has had no address from Weave for ${seconds} s, and its program waits for that`,
        advice: "See what `health` of the cluster says of the router there",
      });
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}

async function waitUntilHealthy(
  tools: ReplicaTools,
  host: Host,
  containerId: string,
  replica: Startable,
): Promise<number> {
  const { clock } = tools;
  const started = clock.now();
  const seconds = replica.healthTimeoutSeconds;
  for (;;) {
    const state = await host.docker.container(containerId);
    if (state?.status !== "running") {
      const ended =
        state === undefined
          ? "it is gone"
          : `it ended at once with exit code ${state.exitCode}${state.error === "" ? "" : ` (${state.error})`}`;
      throw await failure(host, containerId, replica, ended);
    }
    if (state.health === "unhealthy") {
      throw await failure(host, containerId, replica, "its healthcheck does not pass");
    }
    const elapsed = clock.now() - started;
    if (state.health === "none") {
      if (elapsed >= SETTLE_MS) return started;
    } else if (state.health === "healthy" || (await passes(host, containerId, replica))) {
      return clock.now();
    }
    if (elapsed > seconds * 1000) {
      throw await failure(host, containerId, replica, `it is not healthy after ${seconds} s`);
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/** Docker waits a whole interval before its first check; asking ourselves, we know at once. */
async function passes(host: Host, containerId: string, { spec }: Startable): Promise<boolean> {
  const [kind, ...words] = spec.healthcheck?.test ?? [];
  const argv = kind === "CMD" ? words : kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...words] : [];
  if (argv.length === 0) return false;
  try {
    const timeoutSeconds = spec.healthcheck?.timeoutSeconds ?? 30;
    return (await host.docker.exec(containerId, argv, timeoutSeconds)).exitCode === 0;
  } catch (error) {
    // A check that overran its time, or a container that has just ended: the next look says which.
    if (error instanceof FerryError) return false;
    throw error;
  }
}

/** What a container wrote before it failed: most often the whole story. */
export async function lastWords(host: Host, containerId: string): Promise<string> {
  const log = await host.docker.logs(containerId, LOG_LINES).catch(() => "");
  const lines = log
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const said =
    lines.length === 0
      ? "It wrote nothing."
      : `It wrote last: ${lines.slice(-LOG_LINES).join(" | ")}`;
  return sentence(new Error(said));
}

async function failure(host: Host, containerId: string, { containerName }: Startable, why: string) {
  const reason = `container '${containerName}' does not run on host '${host.name}': ${why}`;
  const said = await lastWords(host, containerId);
  return new FerryError({ kind: "trouble", host: host.name, reason: `${reason}. ${said}` });
}

/**
 * Stops a container and makes sure that it has: nothing else may be started in its place before.
 */
export async function stopForGood(
  host: Host,
  containerId: string,
  timeoutSeconds: number,
): Promise<void> {
  await host.docker.stop(containerId, timeoutSeconds);
  const state = await host.docker.container(containerId);
  if (state === undefined || ["created", "exited", "dead"].includes(state.status)) return;
  throw new FerryError({
    ...{ kind: "trouble", what: `stopping container '${state.name}'`, host: host.name },
    reason: `it is still ${state.status}`,
  });
}

/** Docker's own default between the stop signal and SIGKILL. */
export function stopTimeout(replica: Pick<PlacedReplica, "spec">): number {
  return replica.spec.stopTimeoutSeconds ?? 10;
}
