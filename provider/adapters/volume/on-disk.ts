import { FerryError } from "../../core/errors";
import type { Host } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

const PUT_ON_DISK = hostProgram("volume/put-on-disk.sh");

/** What a slow disk has not written yet may be gigabytes. */
const PUT_ON_DISK_SECONDS = 24 * 3600;

/**
 * What was written to these folders survives a power cut once this resolves: nobody has the old
 * copy any more after a move. A disk that does not take it is told nowhere else.
 */
export async function putOnDisk(host: Host, paths: readonly string[]): Promise<void> {
  const options = { root: true, timeoutSeconds: PUT_ON_DISK_SECONDS };
  const { exitCode, stderr } = await host.shell.script(PUT_ON_DISK, paths, options);
  if (exitCode === 0) return;
  throw new FerryError({
    kind: "trouble",
    reason: `putting a copy on disk failed on host '${host.name}': ${stderr.trim()}.`,
  });
}
