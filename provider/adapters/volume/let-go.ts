import { FerryError } from "../../core/errors";
import type { Host } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

export const LET_GO = hostProgram("volume/let-go.sh");

/** Docker has asked the driver already, as the last container ended; clouds take their time. */
const PATIENCE_SECONDS = 120;
const STILL_MOUNTED = 46;

/** Waits until nothing is mounted where a volume was. */
export async function letGo(
  host: Host,
  { name, mountpoint }: { readonly name: string; readonly mountpoint: string },
): Promise<void> {
  if (mountpoint === "") return;
  const { exitCode, stderr } = await host.shell.script(
    LET_GO,
    [mountpoint, String(PATIENCE_SECONDS)],
    { root: true, timeoutSeconds: PATIENCE_SECONDS + 60 },
  );
  if (exitCode === 0) return;
  const still = `its driver has it mounted at '${mountpoint}' after ${PATIENCE_SECONDS} s still, though nothing runs with it`;
  throw new FerryError({
    kind: "trouble",
    what: `letting go of volume '${name}'`,
    host: host.name,
    reason: exitCode === STILL_MOUNTED ? still : stderr.trim(),
    advice: "See what the driver says in its log, and in Docker's",
  });
}
