import { FerryError } from "../../../core/errors";
import type { FlockerControl } from "../../../core/volume/flocker";
import { ControlService } from "./control-service";

/**
 * The control services of a run, by address: state has that of each volume, and the program, or
 * the volume's own resource, brings what opens it.
 */
export class ControlServices {
  readonly #known = new Map<string, ControlService>();

  say(settings: FlockerControl): void {
    if (this.#known.get(settings.control)?.isWith(settings) === true) return;
    this.#known.set(settings.control, new ControlService(settings));
  }

  find(control: string): ControlService | undefined {
    return this.#known.get(control);
  }

  get(control: string): ControlService {
    const found = this.find(control);
    if (found !== undefined) return found;
    throw new FerryError({
      kind: "settings",
      what: `asking Flocker's control service at ${control}`,
      reason: "this run does not know its certificates",
      advice: "Run it with the program, which says them",
      touched: "nothing",
    });
  }
}

/** Of this process, which serves one run. */
export const controlServices = new ControlServices();
