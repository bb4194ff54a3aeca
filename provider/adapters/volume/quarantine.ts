import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import type { Quarantine } from "../../core/move/journals";
import type { Host, VolumeState } from "../../core/adapter-ports";
import { folderOf, folderOptions } from "../../core/volume/folder";
import { hostDriver } from "./drivers/host-driver";
import { hostProgram } from "../../on-host/load";

const GOING_TO = hostProgram("volume/going-to.sh");
const MOVE_ALL = hostProgram("volume/move-all.sh");

export const FOLDER_RENAME = hostProgram("volume/folder-rename.sh");

const DEADLINE_SECONDS = 600;

/** Docker knows no renaming of a volume, so its files are renamed into another one. */
export const hostQuarantine: Quarantine = {
  async keep(host, name, epoch) {
    const existing = await host.docker.volume(name);
    const owner = existing?.labels[LABELS.volume];
    if (existing === undefined || owner === undefined) return;
    const folder = folderOf(existing);
    if (folder !== undefined) {
      await keepFolder(host, existing, folder, epoch);
      return;
    }
    // Its data is not the host's own, so that nothing here overwrites it.
    if (!hostDriver.recognises(existing)) return;
    const to = await goingTo(host, existing, quarantinedName(name, epoch));
    const { [LABELS.volume]: _owner, ...labels } = existing.labels;
    const made = await hostDriver.make(host, {
      name: to,
      options: {},
      labels: { ...labels, [LABELS.quarantined]: owner },
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

/** A folder of the host gets another name beside it, in one step, and a volume that says what it is. */
async function keepFolder(
  host: Host,
  { name, labels }: VolumeState,
  folder: string,
  epoch: number,
): Promise<void> {
  const kept = await freeName(host, quarantinedName(name, epoch));
  const to = `${folder}${kept.slice(name.length)}`;
  const places = [folder, to];
  const { exitCode, stderr } = await host.shell.script(FOLDER_RENAME, places, { root: true });
  if (exitCode !== 0) throw failed(host, name, stderr, `It is in '${folder}'`);
  const { [LABELS.volume]: owner = "", ...rest } = labels;
  await host.docker.createVolume({
    ...{ name: kept, driver: "local", options: folderOptions(to) },
    labels: { ...rest, [LABELS.quarantined]: owner },
  });
  await host.docker.removeVolume(name);
}

async function freeName(host: Host, first: string): Promise<string> {
  let free = first;
  for (let n = 2; (await host.docker.volume(free)) !== undefined; n++) free = `${first}-${n}`;
  return free;
}

/**
 * Epochs begin anew with a replica that was destroyed, and what was put aside before stays: the
 * first name that is free, noted before there is a volume of it, so that one that is interrupted is
 * gone on with in the same place.
 */
async function goingTo(
  host: Host,
  { name, mountpoint }: VolumeState,
  first: string,
): Promise<string> {
  const places = [mountpoint, first, await freeName(host, first)];
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
export function quarantinedName(volume: string, epoch: number): string {
  return `${volume}-aside-${epoch}`;
}
