import { FerryError } from "../../core/errors";
import type { HostFacts } from "../../core/move/port";
import { parseListeningPorts, parseTies } from "../../core/move/preflight";
import type { Host } from "../../core/ports";
import { CHANGED_SINCE, TIES } from "../volume/copy-scripts";
import { disksOf } from "./disks";

/** Looking through a volume of millions of files takes a while on a busy disk. */
const LOOK_SECONDS = 1800;

/** What the kernel and the file system of a host say. */
export const hostFacts: HostFacts = {
  disks: disksOf,

  async listeningPorts(host: Host) {
    const script =
      'for of in tcp tcp6 udp udp6; do echo "$of"; cat "/proc/net/$of" 2>/dev/null; done; exit 0';
    const { stdout } = await host.shell.script(script, []);
    return parseListeningPorts(stdout);
  },

  async ties(host: Host, path: string) {
    const options = { root: true, timeoutSeconds: LOOK_SECONDS };
    const { exitCode, stdout, stderr } = await host.shell.script(TIES, [path], options);
    if (exitCode === 0) return parseTies(stdout);
    throw new FerryError({
      kind: "trouble",
      reason: `looking through '${path}' failed on host '${host.name}': ${stderr.trim()}.`,
    });
  },

  async changedSince(host: Host, path: string, file: string) {
    const options = { root: true, timeoutSeconds: LOOK_SECONDS };
    const { exitCode, stdout, stderr } = await host.shell.script(
      CHANGED_SINCE,
      [path, file],
      options,
    );
    if (exitCode === 0) return stdout.trim() === "" ? undefined : stdout.trim();
    throw new FerryError({
      kind: "trouble",
      what: `looking for changes in '${path}'`,
      host: host.name,
      reason: stderr.trim().split("\n").at(-1) ?? "",
    });
  },
};
