import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import type { Aside } from "../../core/move/journals";
import type { Host, VolumeState } from "../../core/ports";
import { hostDriver } from "./drivers/host-driver";
import { hostProgram } from "../../on-host/load";

const GOING_TO = hostProgram("volume/going-to.sh");
const MOVE_ALL = hostProgram("volume/move-all.sh");

const DEADLINE_SECONDS = 600;

/** Docker knows no renaming of a volume, so its files are renamed into another one. */
export const hostAside: Aside = {
  async keep(host, name, epoch) {
    const existing = await host.docker.volume(name);
    const owner = existing?.labels[LABELS.volume];
    if (existing === undefined || owner === undefined) return;
    // Its data is not the host's own, so that nothing here overwrites it.
    if (!hostDriver.recognises(existing)) return;
    const to = await goingTo(host, existing, asideName(name, epoch));
    const { [LABELS.volume]: _owner, ...labels } = existing.labels;
    const made = await hostDriver.make(host, {
      name: to,
      options: {},
      labels: { ...labels, [LABELS.aside]: owner },
    });
    const places = [existing.mountpoint, made.mountpoint];
    const options = { root: true, timeoutSeconds: DEADLINE_SECONDS };
    const { exitCode, stderr } = await host.shell.script(MOVE_ALL, places, options);
    if (exitCode !== 0) {
      throw failed(host, name, stderr, `It is in '${name}' and '${made.name}'`);
    }
    await host.docker.removeVolume(name);
  },
};

/**
 * Epochs begin anew with a replica that was destroyed, and what was put aside before stays: the
 * first name that is free, noted before there is a volume of it, so that one that is cut off is
 * gone on with in the same place.
 */
async function goingTo(
  host: Host,
  { name, mountpoint }: VolumeState,
  first: string,
): Promise<string> {
  let free = first;
  for (let n = 2; (await host.docker.volume(free)) !== undefined; n++) free = `${first}-${n}`;
  const places = [mountpoint, first, free];
  const { exitCode, stdout, stderr } = await host.shell.script(GOING_TO, places, { root: true });
  if (exitCode !== 0) throw failed(host, name, stderr, `It is in '${name}'`);
  return stdout.trim();
}

function failed(host: Host, volume: string, stderr: string, where: string): FerryError {
  return new FerryError({
    kind: "trouble",
    reason:
      `putting the data of Docker volume '${volume}' aside failed on host '${host.name}': ` +
      `${stderr.trim().split("\n").at(-1) ?? ""}. ${where}; nothing was deleted.`,
  });
}

/** "apples_data-aside-3". */
export function asideName(volume: string, epoch: number): string {
  return `${volume}-aside-${epoch}`;
}
