import type { Connections } from "../connection";
import type { InputProblem } from "../errors";
import { isUnknown } from "../unknown";

/** What decides on a replica's host. Anything may be unknown. */
export interface Placement {
  readonly old: string | undefined;
  readonly wanted: string | undefined;
  readonly suggestedHost: string;
  readonly connections: Connections;
  readonly draining: readonly string[] | undefined;
  /** The program asks for the suggested host, whatever it has. */
  readonly rebalance?: string;
}

/**
 * Nothing may be placed on a host that is being drained. What is not known yet is taken to be
 * right.
 */
export function placementProblems(of: Placement & { readonly host: string }): InputProblem[] {
  const { host, wanted, draining, connections } = of;
  if (draining === undefined || isUnknown(draining) || isUnknown(host)) return [];
  if (!draining.includes(host)) return [];
  const others = isUnknown(connections)
    ? []
    : Object.keys(connections)
        .filter((name) => !draining.includes(name))
        .sort();
  const go = others.length === 0 ? "" : ` (${others.join(", ")})`;
  if (others.length === 0 && !isUnknown(connections)) {
    return [
      {
        property: "host",
        reason: `host '${host}' is to be drained, and so is every other host of the cluster: there is nowhere to go. Add a host, or leave one undrained.`,
      },
    ];
  }
  const why =
    wanted === undefined ? "no other host was suggested" : `the program fixes it to host '${host}'`;
  return [
    {
      property: "host",
      reason:
        `host '${host}' is to be drained, but ${why}. Name another host${go}, or leave \`host\` out: the replica is then ` +
        "placed elsewhere and moves there with its data.",
    },
  ];
}
