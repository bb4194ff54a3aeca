import type { StartBarrier, Host } from "../../core/adapter-ports";
import { BARRIER_VOLUME, barrierIn } from "../../core/move/start-barrier";
import { hostProgram } from "../../on-host/load";

const MAKE_BARRIER = hostProgram("start-barrier/make.sh");
const DROP_BARRIER = hostProgram("start-barrier/drop.sh");

/**
 * Undefined where the host has no means for it, as without Docker's command or a shell that can be
 * copied.
 */
export async function makeStartBarrier(host: Host): Promise<StartBarrier | undefined> {
  const { exitCode, stdout } = await host.shell.script(MAKE_BARRIER, [BARRIER_VOLUME], {
    root: true,
  });
  const [folder, linked] = stdout.trim().split("\n");
  if (exitCode !== 0 || folder === undefined || !/^[0-9a-f]{16}$/.test(folder)) return undefined;
  return barrierIn(folder, linked === "statically" ? "statically" : "dynamically");
}

export async function dropStartBarrier(host: Host): Promise<void> {
  await host.shell.script(DROP_BARRIER, [BARRIER_VOLUME], { root: true });
}
