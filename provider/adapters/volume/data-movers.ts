import { FerryError } from "../../core/errors";
import type { CopyRoute, DataMover, DataMovers } from "../../core/move/move-ports";
import { atLeast, capabilitiesOf, type Capabilities } from "./capabilities";
import { cutoverStatus, endCutover } from "../cutover/arm";
import { dropStartBarrier, makeStartBarrier } from "../cutover/start-barrier";
import { NoDataCutover } from "./no-data-cutover";
import { clearMoves, lockFileOf, makeOneOffKey, type OneOffKey } from "../move-key/one-off-key";
import { putOnDisk } from "./on-disk";
import { RelayMover } from "./relay-mover";
import { RsyncMover } from "./rsync-mover";
import { hostProgram } from "../../on-host/load";

const ESTIMATE = hostProgram("volume/estimate.sh");

/** Counting a volume of millions of files takes a while on a busy disk. */
const ESTIMATE_SECONDS = 1800;

/** From here on it writes sparse files in place, and compares times to the nanosecond. */
const OLDEST_RSYNC = [3, 1, 3];

/**
 * Copying between real hosts: directly by rsync where that works, else through the operator's
 * machine.
 */
export const hostDataMovers: DataMovers = {
  async estimate(host, paths) {
    if (paths.length === 0) return 0;
    const options = { root: true, timeoutSeconds: ESTIMATE_SECONDS };
    const { exitCode, stdout, stderr } = await host.shell.script(ESTIMATE, paths, options);
    const bytes = Number(stdout.trim());
    if (exitCode === 0 && Number.isFinite(bytes)) return bytes;
    throw new FerryError({
      kind: "trouble",
      reason: `measuring its data failed on host '${host.name}': ${stderr.trim()}.`,
    });
  },

  putOnDisk,

  clear: clearMoves,

  startBarrier: makeStartBarrier,

  dropStartBarrier,

  cutoverStatus: (host, replica) => cutoverStatus(host, lockFileOf(replica)),

  endCutover: (source, replica) => endCutover(source, lockFileOf(replica)),

  async open(route) {
    const [source, target] = await Promise.all([
      capabilitiesOf(route.source),
      capabilitiesOf(route.target),
    ]);
    const direct = await openDirect(route, source, target);
    if (typeof direct !== "string") return direct;
    const without = [route.source, route.target].find(
      (_, index) => ![source, target][index]?.programs.has("tar"),
    );
    if (without) {
      throw new FerryError({
        kind: "trouble",
        reason: `copying data failed on host '${without.name}': it has neither a way for rsync (${direct}) nor tar. Install rsync there.`,
      });
    }
    route.progress.warn(
      `${route.label}: ${direct}; its data goes through this machine while it is stopped, so it is down for as long as that takes`,
    );
    return new RelayMover(route, source, target);
  },

  async openWithoutData(route) {
    const [source, target] = await Promise.all([
      capabilitiesOf(route.source),
      capabilitiesOf(route.target),
    ]);
    const key = await openKey(route, source, target);
    if (typeof key !== "string") return new NoDataCutover(route, key);
    route.progress.info(
      `${route.label}: ${key}; the cutover is made step by step from here, so it takes longer`,
    );
    return undefined;
  },
};

async function openDirect(
  route: CopyRoute,
  source: Capabilities,
  target: Capabilities,
): Promise<DataMover | string> {
  for (const [host, { rsync }] of [
    [route.source, source] as const,
    [route.target, target] as const,
  ]) {
    if (rsync === undefined) return `host '${host.name}' has no rsync`;
    if (!atLeast(rsync, OLDEST_RSYNC))
      return `rsync ${rsync.join(".")} on host '${host.name}' is too old`;
  }
  const key = await openKey(route, source, target);
  return typeof key === "string" ? key : new RsyncMover(route, key, source, target);
}

/** A way from the target to the source, or why there is none. */
async function openKey(
  route: CopyRoute,
  source: Capabilities,
  target: Capabilities,
): Promise<OneOffKey | string> {
  if (!target.programs.has("ssh-keygen")) return `host '${route.target.name}' has no ssh-keygen`;
  if (!source.programs.has("flock")) return `host '${route.source.name}' has no flock`;
  const key = await makeOneOffKey(route);
  if (typeof key === "string") return key;
  const problem = await key.probe().catch((error: unknown) => (error as Error).message);
  if (problem === undefined) return key;
  await key.remove();
  return `host '${route.target.name}' does not reach host '${route.source.name}' (${problem})`;
}
