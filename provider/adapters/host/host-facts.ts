import { FerryError } from "../../core/errors";
import type { HostFacts } from "../../core/move/move-ports";
import { parseListeningPorts, parseTies } from "../../core/move/preflight";
import type { Host } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";
import { disksOf } from "./disks";

const CHANGED_SINCE = hostProgram("volume/changed-since.sh");
const SOCKETS = hostProgram("host/listening.sh");
const TIES = hostProgram("volume/ties.sh");

/** Looking through a volume of millions of files takes a while on a busy disk. */
const LOOK_SECONDS = 1800;

/** What the kernel and the file system of a host say. */
export const hostFacts: HostFacts = {
  disks: disksOf,

  async listeningPorts(host: Host) {
    const { stdout } = await host.shell.script(SOCKETS, []);
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
