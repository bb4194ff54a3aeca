import type { Connections } from "../connection";
import { placeKey } from "../connection";
import type { InputProblem } from "../errors";
import { isUnknown, UNKNOWN } from "../unknown";

/** What the program says. */
export interface SeparationInputs {
  readonly project: string;
  readonly stack: string;
  readonly deployment: string;
  /** core/network/separation.ts */
  readonly rules: string;
  /** All hosts of the cluster: a replica may go to any of them. A secret. */
  readonly connections: Connections;
  /** The cluster's name. */
  readonly cluster?: string;
}

/** What `check` returns and state keeps. */
export interface KeptSeparation extends Omit<SeparationInputs, "connections"> {
  /** Where each host's name leads: another place is another machine. A secret. */
  readonly places: Readonly<Record<string, string>>;
  /** By a refresh alone: what is not there as it should be. */
  readonly drift?: readonly string[];
}

export interface SeparationState extends KeptSeparation {
  /** Ways to hosts that have the rules, also to those that have left, for runs without the program. */
  readonly connections: Connections;
}

/** A user's transform may write anything. */
export function separationProblems({ rules }: KeptSeparation): InputProblem[] {
  if (typeof rules === "string" && rules !== "") return [];
  const reason =
    "the rules of who reaches whom are no text. `ignoreChanges` or a transform has changed them: leave them as they are";
  return [{ property: "", reason }];
}

/** Pure. */
export function keptSeparation(news: SeparationInputs): KeptSeparation {
  const { project, stack, deployment, rules, cluster, connections } = news;
  return {
    ...{ project, stack, deployment, rules },
    ...(cluster === undefined ? {} : { cluster }),
    places: isUnknown(connections)
      ? (UNKNOWN as unknown as KeptSeparation["places"])
      : Object.fromEntries(
          Object.entries(connections).map(([host, connection]) => [host, placeKey(connection)]),
        ),
  };
}
