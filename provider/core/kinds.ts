/**
 * The kinds of resource. They are in users' state, in the text that Pulumi keeps for each resource:
 * never rename one.
 */
export type Kind =
  | "host"
  | "addressPool"
  | "lateSubnet"
  | "peer"
  | "mesh"
  | "separation"
  | "volume"
  | "replica"
  | "upkeep"
  | "ports";
