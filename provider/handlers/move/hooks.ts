import { FerryError } from "../../core/errors";
import { formatDuration } from "../../core/move/format";
import type { Host } from "../../core/adapter-ports";
import type { Hook } from "../../core/replica/move-settings";
import { isRunning } from "../replica/discover";
import { afterStart } from "../replica/lifecycle";
import { sentence } from "../replica/outcome";
import type { ReplicaTools } from "../replica/replica-tools";
import type { MoveJob } from "./job";

type Hooked = Pick<MoveJob, "label" | "replica" | "source" | "container">;

/**
 * The program's own word to its container that it is about to be stopped, such as to flush. To be
 * called as late as can be: the replica serves until the stop, but in whatever state this has put
 * it. A failure takes the move back.
 */
export async function quiesce(tools: ReplicaTools, job: Hooked): Promise<void> {
  const { label, replica, source, container } = job;
  if (replica.quiesce === undefined || !isRunning(container)) return;
  const begun = tools.clock.now();
  await runHook(source, container.id, replica.quiesce, "quiesce");
  const took = formatDuration(tools.clock.now() - begun);
  tools.progress.info(`${label}: quiesce ran on ${source.name} in ${took}`);
}

/**
 * After the start on the target, or on the source when a move that had quiesced it was taken back.
 * Clients are served either way, so that a failure is a warning.
 */
export async function resume(
  tools: ReplicaTools,
  { label, replica }: Pick<Hooked, "label" | "replica">,
  host: Host,
  containerId: string,
): Promise<void> {
  if (replica.resume === undefined) return;
  try {
    await runHook(host, containerId, replica.resume, "resume");
    tools.progress.info(`${label}: resume ran on ${host.name}`);
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    tools.progress.warn(`${label} runs on host '${host.name}', but ${sentence(error)}`);
  }
}

/**
 * After a move that was taken back: only a container that runs can be told, and only one that was
 * quiesced has to be.
 */
export async function resumeSource(tools: ReplicaTools, job: Hooked): Promise<void> {
  const { replica, source, container } = job;
  if (replica.quiesce === undefined || replica.resume === undefined) return;
  let running: boolean;
  try {
    const state = await source.docker.container(container.id);
    running = state !== undefined && isRunning(state);
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    // What kept it from being taken back is told by whoever took it back.
    return;
  }
  if (running) await resume(tools, job, source, container.id);
}

/**
 * Whether its host has started the source again by itself, as one that takes back a cutover does: it
 * knows of no command of the program's that is run after a start.
 */
export async function wasStartedByHost({ source, container }: Hooked): Promise<boolean> {
  try {
    const now = await source.docker.container(container.id);
    return now !== undefined && isRunning(now) && now.startedAt !== container.startedAt;
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    return false;
  }
}

/** Runs these commands then. Clients are served by now, so that a failure is a warning. */
export async function postStartOnSource(
  { progress }: Pick<ReplicaTools, "progress">,
  { label, source, container, replica }: Hooked,
): Promise<void> {
  try {
    await afterStart(source, container.id, replica);
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    progress.warn(`${label} runs on host '${source.name}', but ${sentence(error)}`);
  }
}

async function runHook(
  host: Host,
  containerId: string,
  { argv, seconds }: Hook,
  name: "quiesce" | "resume",
): Promise<void> {
  const { exitCode, stdout, stderr } = await host.docker
    .exec(containerId, argv, seconds)
    .catch((error: unknown) => {
      if (!(error instanceof FerryError)) throw error;
      // The command may be a secret, and the adapter's message has it.
      throw new FerryError(
        {
          kind: "trouble",
          reason: `its ${name} command did not end on host '${host.name}' within ${seconds} s, or could not be run there.`,
        },
        { cause: error },
      );
    });
  if (exitCode === 0) return;
  const said = lastLine(stderr) ?? lastLine(stdout);
  throw new FerryError({
    kind: "trouble",
    reason:
      `its ${name} command failed on host '${host.name}' with exit code ${exitCode}` +
      (said === undefined ? "." : `: ${said}`),
  });
}

function lastLine(output: string): string | undefined {
  const lines = output.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").at(-1);
}
