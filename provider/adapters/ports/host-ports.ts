import { FerryError } from "../../core/errors";
import type { Host } from "../../core/adapter-ports";
import { network } from "../../core/network";
import type { HostPorts, PortsOnHost } from "../../core/ports/ports-port";
import { hostProgram } from "../../on-host/load";

const PUT = hostProgram("ports/put.sh");
const STATE = hostProgram("ports/state.sh");
const REMOVE = hostProgram("ports/remove.sh");

/** An image may have to be pulled. */
const PUT_SECONDS = 600;

const madeOf = ({ image, address, publish }: PortsOnHost) => [image, address, ...publish];

/** By HAProxy in a container that is on the overlay, and whose ports Docker publishes. */
export const hostPorts: HostPorts = {
  async put(host, id, wanted) {
    const length = String(Buffer.byteLength(wanted.config));
    const args = [id, length, network.socket, network.variable, ...madeOf(wanted)];
    await mustRun(host, PUT, args, wanted.config, PUT_SECONDS);
  },
  async fault(host, id, wanted) {
    const said = await mustRun(host, STATE, [id, ...madeOf(wanted)], wanted.config);
    return said === "there" ? undefined : said;
  },
  async remove(host, id) {
    await mustRun(host, REMOVE, [id], "");
  },
};

async function mustRun(
  { name, shell }: Host,
  script: string,
  args: readonly string[],
  stdin: string,
  timeoutSeconds = 60,
): Promise<string> {
  const { exitCode, stdout, stderr } = await shell.run({
    argv: ["sh", "-c", script, "sh", ...args],
    ...{ stdin, timeoutSeconds, root: true },
  });
  if (exitCode === 0) return stdout.trim();
  throw new FerryError({
    ...{ kind: "trouble", what: "ports that answer on every host", host: name },
    reason: stderr.trim() || `exit code ${exitCode}`,
    touched: { said: "Its replicas run; their ports may not answer there" },
  });
}
