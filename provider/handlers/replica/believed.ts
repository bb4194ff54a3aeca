import type { MachineIds } from "../../core/machine";
import type { Believed } from "../../core/move/findings";
import { knownNames } from "../../core/replica/former-names";
import type { ReplicaState } from "../../core/replica/model";
import type { Discovery } from "./discover";

/** Where state believes the replica to be. */
export function believedOf(state: ReplicaState): Believed {
  const { host, epoch, machine } = state;
  return {
    host,
    epoch,
    known: knownNames(state),
    ...(machine === undefined ? {} : { machine }),
  };
}

/**
 * What state and journals keep of the machine that a name leads to; nothing where it tells nothing
 * of itself.
 */
export function machineOn(
  { places }: Pick<Discovery, "places">,
  name: string,
): { readonly machine?: MachineIds } {
  const machine = places.machines.get(places.called.get(name) ?? name);
  if (machine === undefined || machine.id + machine.docker === "") return {};
  return { machine: { id: machine.id, docker: machine.docker } };
}
