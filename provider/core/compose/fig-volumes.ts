import type { Volume } from "../application";
import { DEFAULT_DRIVER } from "../volume/driver";
import type { Placed, ServiceDraft } from "./draft";

/**
 * The named volumes of a fig file, which has no place to declare them: they are whatever its
 * services mount. A service's `volume_driver` is that of its named volumes.
 */
export function figVolumes(drafts: readonly ServiceDraft[]): Map<string, Volume> {
  const drivers = new Map<string, Placed<string> | undefined>();
  for (const draft of drafts)
    for (const { value } of draft.mounts) {
      if (value.type !== "volume" || value.volume === undefined) continue;
      const known = drivers.get(value.volume);
      const own = draft.volumeDriver;
      if (known !== undefined && own !== undefined && known.value !== own.value)
        own.at.problem(
          `gives a volume another driver than ${known.at.path} does. Use the same in both services.`,
        );
      drivers.set(value.volume, known ?? own);
    }
  return new Map(
    [...drivers].map(([key, driver]) => [
      key,
      {
        key,
        driver: driver?.value ?? DEFAULT_DRIVER,
        driverOptions: {},
        labels: {},
        external: false,
      },
    ]),
  );
}
