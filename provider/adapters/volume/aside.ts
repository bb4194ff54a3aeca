import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import type { Aside } from "../../core/move/journals";
import { hostDriver } from "./drivers/host-driver";
import { hostProgram } from "../../on-host/load";

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
    const { [LABELS.volume]: _owner, ...labels } = existing.labels;
    const made = await hostDriver.make(host, {
      name: asideName(name, epoch),
      options: {},
      labels: { ...labels, [LABELS.aside]: owner },
    });
    const places = [existing.mountpoint, made.mountpoint];
    const options = { root: true, timeoutSeconds: DEADLINE_SECONDS };
    const { exitCode, stderr } = await host.shell.script(MOVE_ALL, places, options);
    if (exitCode !== 0) {
      throw new FerryError({
        kind: "trouble",
        reason:
          `putting the data of Docker volume '${name}' aside failed on host '${host.name}': ` +
          `${stderr.trim().split("\n").at(-1) ?? ""}. It is in '${name}' and '${made.name}'; nothing was deleted.`,
      });
    }
    await host.docker.removeVolume(name);
  },
};

/** "apples_data-aside-3". */
export function asideName(volume: string, epoch: number): string {
  return `${volume}-aside-${epoch}`;
}
