import { dirname } from "path";
import { FerryError } from "../../core/errors";
import type { CommandResult, Host } from "../../core/adapter-ports";
import {
  formatLease,
  leasePath,
  parseLease,
  type LeasedVolume,
  type VolumeLease,
  type VolumeLeases,
} from "../../core/volume/lease";
import { hostProgram } from "../../on-host/load";

const READ = hostProgram("journal/read.sh");
export const REPLACE = hostProgram("lease/replace.sh");

const NOTHING_THERE = 44;
const ANOTHER = 47;

/** The leases on real hosts. */
export const hostLeases: VolumeLeases = {
  async read(host, of) {
    const path = leasePath(of);
    const result = await host.shell.script(READ, [path, path], { root: true });
    if (result.exitCode === NOTHING_THERE) return undefined;
    if (result.exitCode !== 0) throw failed(host, "reading", of, result);
    const lease = parseLease(result.stdout);
    if (lease !== undefined) return lease;
    throw unreadable(host, of);
  },

  async replace(host, of, { before, lease }) {
    const path = leasePath(of);
    const args = [dirname(path), path, textOf(before), textOf(lease)];
    const result = await host.shell.script(REPLACE, args, { root: true });
    if (result.exitCode === ANOTHER) return false;
    if (result.exitCode !== 0) throw failed(host, "writing", of, result);
    return true;
  },
};

function textOf(lease: VolumeLease | undefined): string {
  return lease === undefined ? "" : formatLease(lease).trimEnd();
}

function failed(
  { name: host }: Host,
  doing: string,
  of: LeasedVolume,
  { stderr, exitCode }: CommandResult,
): FerryError {
  const reason = stderr.trim().split("\n").at(-1) ?? "";
  return new FerryError({
    kind: "trouble",
    what: `${doing} the lease of volume '${of.volume}'`,
    host,
    reason: reason === "" ? `exit code ${exitCode}` : reason,
    advice: `Look at ${leasePath(of)} and at the disk it is on`,
  });
}

/** A damaged one, or one of a newer Ferry. */
export function unreadable({ name: host }: Pick<Host, "name">, of: LeasedVolume): FerryError {
  return new FerryError({
    kind: "trouble",
    what: `reading who has volume '${of.volume}'`,
    host,
    reason: `${leasePath(of)} is not what this version of Ferry writes`,
    advice: "Look at it, and remove it when nothing speaks against it",
  });
}
