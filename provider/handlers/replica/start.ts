import { FerryError } from "../../core/errors";
import { network } from "../../core/network";
import type { Host } from "../../core/adapter-ports";
import { hasOwnNetwork } from "../../core/replica/own-network";
import type { PlacedReplica } from "../../core/replica/model";
import { askAll } from "../ask";
import { openHost } from "./discover";
import { afterStart } from "./lifecycle";
import { sentence } from "./outcome";
import type { ReplicaTools } from "./replica-tools";

const LOOK_EVERY_MS = 150;
/**
 * A container without a healthcheck has shown that it runs when it has not ended after this long.
 */
const STAYS_UP_MS = 1_000;
const LOG_LINES = 5;
/** Clouds have been seen to take minutes to detach a disk and to attach it elsewhere. */
const MOUNT_MINUTES = 15;

type Startable = Pick<
  PlacedReplica,
  "spec" | "healthTimeoutSeconds" | "containerName" | "volumes" | "connections"
>;

/**
 * Starts a container through the network's proxy, so that its address is there before its program
 * runs, runs what is to be run in it then, and waits until it is healthy. Resolves with the moment
 * of its first answer: the start's own answer, or that of its healthcheck.
 */
export async function startAndWait(
  tools: ReplicaTools,
  host: Host,
  containerId: string,
  replica: Startable,
): Promise<number> {
  await takeVolumes(tools, host, replica);
  await startOnceMounted(tools, host, containerId, hasOwnNetwork(replica.spec));
  await afterStartOrEnd(tools, host, containerId, replica);
  return waitUntilHealthy(tools, host, containerId, replica);
}

/** Of a move that is taken back, they may be on the other host by now. */
async function takeVolumes(
  tools: ReplicaTools,
  host: Host,
  { volumes, connections }: Startable,
): Promise<void> {
  const others = async () => {
    const names = Object.keys(connections).filter((name) => name !== host.name);
    const { answers } = await askAll(names, (name) =>
      openHost(tools, name, connections, "failFast"),
    );
    return [...answers.values()];
  };
  for (const volume of Object.values(volumes)) {
    const { name, driverOptions: options } = volume;
    await tools.drivers.of(volume).take(host, { name, options }, others);
  }
}

/** Nothing runs in a container that has ended, and its own last words say more. */
async function afterStartOrEnd(
  tools: ReplicaTools,
  host: Host,
  containerId: string,
  replica: Startable,
): Promise<void> {
  try {
    await afterStart(host, containerId, replica);
  } catch (error) {
    const state = await host.docker.container(containerId);
    if (state?.status !== "running") await waitUntilHealthy(tools, host, containerId, replica);
    throw error;
  }
}

/**
 * Docker gives a volume driver two minutes, and then tells it nothing: the driver goes on, and what
 * it mounts in the end is nobody's. So it is asked again until it has it.
 */
async function startOnceMounted(
  { clock, progress }: ReplicaTools,
  host: Host,
  containerId: string,
  proxied: boolean,
): Promise<void> {
  const end = clock.now() + MOUNT_MINUTES * 60_000;
  for (;;) {
    try {
      await host.docker.start(containerId, { proxied });
      return;
    } catch (error) {
      if (!isSlowMount(error) || clock.now() >= end) throw error;
      progress.info(`on ${host.name} a volume driver is slow to mount: it is asked again`);
    }
  }
}

function isSlowMount(error: unknown): boolean {
  const text = error instanceof Error ? error.message : "";
  return (
    /VolumeDriver\.Mount/.test(text) && /deadline exceeded|Client\.Timeout|canceled/.test(text)
  );
}

/**
 * As `startAndWait`, once nothing else on the host answers for the address, such as what ran under
 * it before.
 */
export async function detachAndStart(
  tools: ReplicaTools,
  host: Host,
  containerId: string,
  replica: Startable,
): Promise<number> {
  await tools.overlay.detachEnded(host);
  return startAndWait(tools, host, containerId, replica);
}

/**
 * Its daemon may have started it by itself, and its program then waits for its address: what is to
 * be told as running must have got it.
 */
export async function untilItServes(
  { clock, overlay }: ReplicaTools,
  host: Host,
  containerId: string,
  { healthTimeoutSeconds: seconds, containerName }: Startable,
): Promise<void> {
  const started = clock.now();
  for (;;) {
    const { pid = 0 } = (await host.docker.container(containerId)) ?? {};
    if (pid === 0 || !(await overlay.awaitsNetwork(host, pid))) return;
    if (clock.now() - started >= seconds * 1000) {
      throw new FerryError({
        kind: "trouble",
        what: `container '${containerName}'`,
        host: host.name,
        reason: `it has had no address from ${network.name} for ${seconds} s, and its program waits for that`,
        advice: "See what `health` of the cluster says of the router there",
      });
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/** Watches a container that has shown that it runs: it may still end, or grow ill. */
export async function staysUp(
  { clock }: ReplicaTools,
  host: Host,
  containerId: string,
  replica: Startable,
  seconds: number,
): Promise<void> {
  const end = clock.now() + seconds * 1000;
  for (;;) {
    const state = await host.docker.container(containerId);
    if (state?.status !== "running") {
      const exit = state === undefined ? "is gone" : `ended with exit code ${state.exitCode}`;
      throw await failure(host, containerId, replica, `it ${exit} within ${seconds} s`);
    }
    if (state.health === "unhealthy") {
      const why = `its healthcheck did not pass any more within ${seconds} s`;
      throw await failure(host, containerId, replica, why);
    }
    if (clock.now() >= end) return;
    await clock.sleep(Math.min(500, Math.max(1, end - clock.now())));
  }
}

export async function waitUntilHealthy(
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
      if (elapsed >= STAYS_UP_MS) return started;
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
export async function lastWords(
  host: Host,
  containerId: string,
  count = LOG_LINES,
): Promise<string> {
  const log = await host.docker.logs(containerId, count).catch(() => "");
  const lines = log
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const said =
    lines.length === 0 ? "It wrote nothing." : `It wrote last: ${lines.slice(-count).join(" | ")}`;
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
