import { undecidedNames, withFormerNames } from "../../core/replica/former-names";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/replica-names";
import { originsOf } from "../../core/replica/own-history";
import type { Discovery } from "./discover";
import { Unfinished } from "./outcome";
import type { Decided } from "./bring-in-order";
import type { ReplicaTools } from "./replica-tools";

/**
 * Does the work with a replica that is known by every name by which something of it may still be
 * found. State keeps those apart from the inputs, which say what the program says.
 */
export async function withNames<T extends PlacedReplica>(
  inputs: T,
  olds: ReplicaState | undefined,
  work: (replica: T) => Promise<ReplicaState>,
): Promise<ReplicaState> {
  const replica = withFormerNames(inputs, olds);
  const asSaid = ({ formerly: _formerly, ...state }: ReplicaState): ReplicaState => ({
    ...state,
    ...(inputs.formerly === undefined ? {} : { formerly: inputs.formerly }),
  });
  try {
    return asSaid(await work(replica));
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error;
    const hosts = Object.keys(inputs.connections);
    const state = {
      ...asSaid(error.state),
      ...(olds?.origins === undefined ? {} : { origins: olds.origins }),
      ...undecidedNames(replica, olds, { hosts, heard: new Set(), left: [] }),
    };
    throw new Unfinished(error.fault, state, { cause: error });
  }
}

/** What state keeps of its names and histories. */
export function namesKept(
  replica: PlacedReplica,
  olds: ReplicaState | undefined,
  of: {
    readonly discovery: Discovery;
    readonly decided: Decided;
    readonly connections: object;
    /** Of the history that has just begun. */
    readonly origin?: string;
  },
): Pick<ReplicaState, "origins" | "unsettled"> {
  const { discovery, decided, connections, origin } = of;
  const { findings, places } = discovery;
  const begun = origin === undefined ? [] : [origin];
  const origins = new Set([...(olds?.origins ?? []), ...originsOf(findings), ...begun]);
  // What its move has left on its source goes after that, if it can.
  const left = decided.kind === "move" ? [decided.home.host] : [];
  const heard = new Set(places.called.keys());
  const hosts = Object.keys(connections);
  return {
    origins: [...origins].sort(),
    ...undecidedNames(replica, olds, { hosts, heard, left }),
  };
}

/** Whoever has the old name by now has nothing to do with it. */
export function tellOfOthers(
  { progress }: Pick<ReplicaTools, "progress">,
  replica: PlacedReplica,
  { others }: Discovery,
): void {
  const [first] = others;
  if (first === undefined) return;
  progress.warn(
    `${replicaLabel(replica)}: '${first.id}' on host '${first.host}' has a name that it had before, and is not of its ` +
      "history, so it is left alone. If it is somebody else's, take that name out of `formerly`; if it is an old copy of " +
      "this one, remove that container",
  );
}
