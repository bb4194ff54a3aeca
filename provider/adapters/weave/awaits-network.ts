import type { Host } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

const SCRIPT = hostProgram("weave/awaits-network.sh");

/**
 * Whether a container that Docker calls running has not begun its program, as Weave has not given
 * it its address yet: so after a restart by Docker itself, for as long as the router is away.
 */
export async function awaitsNetwork(host: Host, pid: number): Promise<boolean> {
  const { stdout } = await host.shell.script(SCRIPT, [String(pid)], { root: true });
  return stdout.trim() === "waits";
}
