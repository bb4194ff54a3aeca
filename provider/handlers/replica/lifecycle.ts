import type { ContainerState, Host } from "../../core/adapter-ports";
import type { ContainerCommand } from "../../core/container-spec";
import { FerryError } from "../../core/errors";
import type { PlacedReplica } from "../../core/replica/model";

/** Compose's `post_start` and `pre_stop`: what is run in a container after its start, before its stop. */

/** Compose waits for ever; a run that nobody watches must not. */
const MOST_SECONDS = 600;

type Of = Pick<PlacedReplica, "spec">;

export async function afterStart(host: Host, containerId: string, { spec }: Of): Promise<void> {
  for (const command of spec.postStart ?? []) await run(host, containerId, command, "post_start");
}

/** What does not run is asked nothing. */
export async function beforeStop(
  host: Host,
  { id, status }: Pick<ContainerState, "id" | "status">,
  { spec }: Of,
): Promise<void> {
  if (status !== "running") return;
  for (const command of spec.preStop ?? []) await run(host, id, command, "pre_stop");
}

/** The command may be a secret: messages say what it wrote, and not what it is. */
async function run(
  host: Host,
  containerId: string,
  { argv, ...as }: ContainerCommand,
  what: "post_start" | "pre_stop",
): Promise<void> {
  const { exitCode, stdout, stderr } = await host.docker
    .exec(containerId, argv, MOST_SECONDS, as)
    .catch((error: unknown) => {
      if (!(error instanceof FerryError)) throw error;
      const reason = `its ${what} command did not end on host '${host.name}' within ${MOST_SECONDS} s, or could not be run there`;
      throw new FerryError({ kind: "trouble", host: host.name, reason }, { cause: error });
    });
  if (exitCode === 0) return;
  const said = [...lines(stdout), ...lines(stderr)].at(-1);
  throw new FerryError({
    ...{ kind: "trouble", host: host.name },
    reason: `its ${what} command failed on host '${host.name}' with exit code ${exitCode}${said === undefined ? "" : `: ${said}`}`,
  });
}

function lines(output: string): string[] {
  return output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
