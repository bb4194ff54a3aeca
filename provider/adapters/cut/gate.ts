import type { Gate, Host } from "../../core/ports";
import { GATE_VOLUME, gateIn } from "../../core/move/gate";
import { hostProgram } from "../../on-host/load";

const MAKE_GATE = hostProgram("gate/make.sh");
const DROP_GATE = hostProgram("gate/drop.sh");

/**
 * Undefined where the host has no means for it, as without Docker's command or a shell that can be
 * copied.
 */
export async function makeGate(host: Host): Promise<Gate | undefined> {
  const { exitCode, stdout } = await host.shell.script(MAKE_GATE, [GATE_VOLUME], { root: true });
  const [folder, linked] = stdout.trim().split("\n");
  if (exitCode !== 0 || folder === undefined || !/^[0-9a-f]{16}$/.test(folder)) return undefined;
  return gateIn(folder, linked === "statically" ? "statically" : "dynamically");
}

export async function dropGate(host: Host): Promise<void> {
  await host.shell.script(DROP_GATE, [GATE_VOLUME], { root: true });
}
