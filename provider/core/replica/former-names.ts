import { replicaId } from "../identity";
import type { KnownNames } from "../move/findings";
import { deploymentId } from "./formerly";
import type { PlacedReplica, ReplicaState } from "./model";

/**
 * The replica with every name by which something of it may still be found: those that the program
 * says, the one that state knows it by, and those that not every host has been heard of since.
 */
export function withFormerNames<T extends PlacedReplica>(
  replica: T,
  state: ReplicaState | undefined,
): T {
  const names = new Set([
    ...(replica.formerly ?? []),
    ...(state === undefined ? [] : [deploymentId(state), ...Object.keys(state.unsettled ?? {})]),
  ]);
  names.delete(deploymentId(replica));
  return names.size === 0 ? replica : { ...replica, formerly: [...names] };
}

export function knownNames(state: ReplicaState): KnownNames {
  return { replica: replicaId(state), origins: state.origins ?? [] };
}

interface Heard {
  /** Names of all hosts that it knows a way to. */
  readonly hosts: readonly string[];
  /** Those of them that answered: nothing is left there by an earlier name. */
  readonly heard: ReadonlySet<string>;
  /** Where something by an earlier name may be left nevertheless. */
  readonly left: readonly string[];
}

/** What state keeps of the names of `replica`, which has all that something may be found by. */
export function undecidedNames(
  replica: PlacedReplica,
  olds: ReplicaState | undefined,
  { hosts, heard, left }: Heard,
): Pick<ReplicaState, "unsettled"> {
  const unsettled = (replica.formerly ?? []).flatMap((name) => {
    const before = olds?.unsettled?.[name];
    const isNew = olds === undefined || olds.origins === undefined || deploymentId(olds) === name;
    if (before === undefined && !isNew) return [];
    const unheard = (before ?? hosts).filter((host) => !heard.has(host));
    const all = [...new Set([...unheard, ...left])].sort();
    return all.length === 0 ? [] : [[name, all] as const];
  });
  return unsettled.length === 0 ? {} : { unsettled: Object.fromEntries(unsettled) };
}
