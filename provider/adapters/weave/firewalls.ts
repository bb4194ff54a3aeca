import { parseFirewalls, type Firewall } from "../../core/weave/firewall";
import type { Host } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

export const FIREWALLS = hostProgram("weave/firewalls.sh");

/**
 * What is at work on the host to keep packets of another peer out; undefined where it does not say.
 */
export async function firewallsOf(
  host: Pick<Host, "shell">,
  other: string,
): Promise<Firewall[] | undefined> {
  const { exitCode, stdout } = await host.shell.script(FIREWALLS, [other], { root: true });
  return exitCode === 0 ? parseFirewalls(stdout) : undefined;
}
