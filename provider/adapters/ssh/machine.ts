import { machineFrom, type Machine } from "../../core/machine";
import type { Docker, Shell } from "../../core/ports";

/**
 * Where systems keep the id of the machine, the usual place first: a system without systemd may
 * have D-Bus's own.
 */
const READ_MACHINE = `
for file in /etc/machine-id /var/lib/dbus/machine-id; do
  IFS= read -r id <"$file" || [ -n "$id" ] || continue
  printf 'id=%s\\n' "$id"
done 2>/dev/null
IFS= read -r boot </proc/sys/kernel/random/boot_id && printf 'boot=%s\\n' "$boot"
`;

/** Which machine it is that answers. */
export async function readMachine(shell: Shell, docker: Docker): Promise<Machine> {
  const [{ stdout }, { id }] = await Promise.all([shell.script(READ_MACHINE, []), docker.info()]);
  return machineFrom(stdout, id);
}
