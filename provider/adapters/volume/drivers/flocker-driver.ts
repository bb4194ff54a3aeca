import type { ControlledDriver } from "../../../core/volume/driver";
import { flockerOptionsProblem } from "../../../core/volume/flocker";
import { controlServices, type ControlServices } from "../flocker/control-services";
import { Datasets, PATIENCE, type Patience } from "../flocker/datasets";
import { dockerDriver } from "./docker-driver";

const NOBODY = () => Promise.resolve([]);

/**
 * Flocker's volume plugin, which Docker asks as any other, with its control service, which Ferry
 * asks.
 */
export function flockerDriver(
  services: ControlServices = controlServices,
  patience: Patience = PATIENCE,
): ControlledDriver {
  return (name, control) => {
    const plugin = dockerDriver(name, "attach", true);
    const datasets = new Datasets(control, services, patience);
    return {
      ...plugin,
      optionsProblem: flockerOptionsProblem,
      moveInWords: (volumes) => `stops it, lets go of ${volumes} there, and Flocker moves it here`,
      async make(host, volume) {
        // First, so that the plugin finds it and makes none of its own.
        const isNew = await datasets.make(host, volume);
        const made = await plugin.make(host, volume).catch(async (error: unknown) => {
          // Nobody has written to it; and without a Docker volume the next run would not know it.
          if (isNew) await datasets.delete(host, volume.name).catch(() => undefined);
          throw error;
        });
        await datasets.take(host, volume, NOBODY);
        return made;
      },
      async remove(host, existing) {
        await plugin.remove(host, existing);
        await datasets.delete(host, existing.name);
      },
      async letGo(host, volume) {
        await plugin.letGo(host, volume);
        await datasets.release(host, volume.name);
      },
      takeProblem: (host, volume, from) => datasets.takeProblem(host, volume, from),
      take: (host, volume, others) => datasets.take(host, volume, others),
    };
  };
}
