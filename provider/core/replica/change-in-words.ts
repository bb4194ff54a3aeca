import { isDeepStrictEqual } from "util";
import { containsUnknown } from "../unknown";
import { isInPlace, LIMITS } from "./limits";
import type { CheckedReplica, KeptReplica, PlacedReplica } from "./model";
import { replicaLabel } from "./replica-names";
import { specHash } from "./spec-hash";

/** All that needs another container, apart from where it stands. */
const DECIDING = ["files", "ip", "subnet", "dnsDomain", "containerName", "job"] as const;

/**
 * What a preview says of a change on the replica's own host: which properties make it another
 * container. undefined where the one that is there stays. Names alone: values may be secret.
 */
export function changeInWords(olds: KeptReplica, inputs: PlacedReplica): string | undefined {
  if (olds.host !== inputs.host) return undefined;
  const given = (of: CheckedReplica) => [
    ...[of.spec, of.environment, of.volumes, of.ip, of.subnet, of.restartsWith],
  ];
  if (containsUnknown([given(olds), given(inputs)])) return undefined;
  if (specHash(olds) === specHash(inputs)) return restartInWords(olds, inputs);
  if (isInPlace(olds, inputs)) return inPlaceInWords(olds, inputs);
  const names = (of: CheckedReplica) =>
    Object.fromEntries(Object.entries(of.volumes).map(([key, { name }]) => [key, name]));
  const deciding = [
    ...differing("spec", olds.spec, inputs.spec),
    ...differing("environment", olds.environment, inputs.environment),
    ...differing("volumes", names(olds), names(inputs)),
    ...DECIDING.filter((key) => !isDeepStrictEqual(olds[key], inputs[key])),
  ].join(", ");
  const label = replicaLabel(inputs);
  const { host } = inputs;
  return inputs.job === true
    ? `${label} is run again on ${host}, for: ${deciding}`
    : `${label} gets another container on ${host}, with the same data, for: ${deciding}`;
}

/** Nothing to tell of lists in another order. */
function inPlaceInWords(olds: KeptReplica, inputs: PlacedReplica): string | undefined {
  const again = restartInWords(olds, inputs);
  const changed = [...LIMITS, "restart" as const]
    .filter((key) => !isDeepStrictEqual(olds.spec[key], inputs.spec[key]))
    .map((key) => `spec.${key}`)
    .sort();
  if (changed.length === 0) return again;
  const now = `${replicaLabel(inputs)} is changed in place on ${inputs.host}, without another start, for: ${changed.join(", ")}`;
  return again === undefined ? now : `${now}; ${again}`;
}

function restartInWords(olds: KeptReplica, inputs: PlacedReplica): string | undefined {
  return startsAgain(inputs, olds)
    ? `${replicaLabel(inputs)} is started again on ${inputs.host}, as what it depends on changes (\`restart: true\`)`
    : undefined;
}

/** What it depends on is another one than when it was started. */
export function startsAgain(
  { restartsWith: wanted }: CheckedReplica,
  { restartsWith: before }: Partial<CheckedReplica> = {},
): boolean {
  return wanted !== undefined && before !== undefined && before !== wanted;
}

function differing(of: string, one: object, other: object): string[] {
  const [a, b] = [one as Record<string, unknown>, other as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => !isDeepStrictEqual(a[key], b[key]))
    .sort()
    .map((key) => `${of}.${key}`);
}
