import { machineFrom, type Machine } from "../../core/machine";
import type { Docker, Shell } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

const READ_MACHINE = hostProgram("host/machine.sh");

/** Which machine it is that answers. */
export async function readMachine(shell: Shell, docker: Docker): Promise<Machine> {
  const [{ stdout }, { id }] = await Promise.all([shell.script(READ_MACHINE, []), docker.info()]);
  return machineFrom(stdout, id);
}
