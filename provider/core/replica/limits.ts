import { createHash } from "crypto";
import { canonicalJson } from "../canonical-json";
import type { ContainerSpec, RestartPolicy } from "../container-spec";
import type { CheckedReplica } from "./model";
import { hashed, specHash } from "./spec-hash";

/** As finely as Docker counts. */
const NANO_CPUS = 1_000_000_000;

/** What Docker changes of a container that runs, beside its restart policy. */
export const LIMITS = [
  "memoryBytes",
  "memorySwapBytes",
  "memoryReservationBytes",
  "cpus",
  "cpuShares",
  "cpusetCpus",
  "cpuQuota",
  "cpuPeriod",
  "pidsLimit",
] as const;

const IN_PLACE = new Set<string>([...LIMITS, "restart", "preStop"]);

export type Limits = Pick<ContainerSpec, (typeof LIMITS)[number]>;

/** Lists of which nobody sees the order. */
const SETS = [
  ...["ports", "mounts", "groupAdd", "capAdd", "capDrop", "securityOpt", "devices", "ulimits"],
  "deviceCgroupRules",
] as const;

export function limitsOf(spec: Limits): Limits {
  const { memoryBytes, memorySwapBytes, cpus } = spec;
  const given = Object.fromEntries(
    LIMITS.flatMap((key) => (spec[key] === undefined ? [] : [[key, spec[key]]])),
  ) as Limits;
  return {
    ...given,
    // Docker's own default, which it works out only when it makes a container.
    ...(memoryBytes === undefined || memorySwapBytes !== undefined
      ? {}
      : { memorySwapBytes: memoryBytes * 2 }),
    ...(cpus === undefined ? {} : { cpus: Math.round(cpus * NANO_CPUS) / NANO_CPUS }),
  };
}

/**
 * Whether a container that has these comes to those without another start: Docker sets and changes
 * a limit in place, and takes none away.
 */
export function canChangeTo(had: Limits, wanted: Limits): boolean {
  const [before, after] = [limitsOf(had), limitsOf(wanted)];
  return LIMITS.every((key) => before[key] === undefined || after[key] !== undefined);
}

/** It has one, as Docker tells, that it is not to have, and that Docker cannot take away. */
export function isStuckWith({ pidsLimit: _own, ...had }: Limits, wanted: Limits): boolean {
  return !canChangeTo(had, wanted);
}

/** `had` as Docker tells it: what the kernel of its host cannot do is not there. */
export function differ(had: Limits, wanted: Limits): boolean {
  const after = limitsOf(wanted);
  return LIMITS.some((key) => after[key] !== undefined && had[key] !== after[key]);
}

/** As `differ`, where a limit that the host's kernel does not have counts as kept. */
export function haveDrifted(had: Limits, wanted: Limits): boolean {
  const after = limitsOf(wanted);
  // Of these some engines have defaults of their own.
  const byItself = ["memorySwapBytes", ...(after.pidsLimit === undefined ? ["pidsLimit"] : [])];
  return LIMITS.some(
    (key) => !byItself.includes(key) && had[key] !== undefined && had[key] !== after[key],
  );
}

export function isSamePolicy(one: RestartPolicy, other: RestartPolicy): boolean {
  const count = ({ name, maximumRetryCount = 0 }: RestartPolicy) =>
    name === "on-failure" ? maximumRetryCount : 0;
  return one.name === other.name && count(one) === count(other);
}

/** As `specHash`, of what cannot be changed in place and of no order that says nothing. */
function lastingHash(replica: CheckedReplica): string {
  const lasting = Object.entries(replica.spec).filter(([key]) => !IN_PLACE.has(key));
  const spec: Record<string, unknown> = Object.fromEntries(lasting);
  for (const key of SETS) {
    const list = spec[key];
    if (Array.isArray(list)) spec[key] = list.map((each) => canonicalJson(each)).sort();
  }
  return createHash("sha256")
    .update(canonicalJson(hashed(replica, spec)))
    .digest("hex");
}

/** Whether a container that is as the one says comes to the other without another start. */
export function isInPlace(olds: CheckedReplica, wanted: CheckedReplica): boolean {
  // A job that is another one is run again, whatever has changed of it.
  if (olds.job === true || wanted.job === true) return false;
  return lastingHash(olds) === lastingHash(wanted) && canChangeTo(olds.spec, wanted.spec);
}

/** What the container's label may say beside the wanted hash: labels never change. */
export function labelInPlace(
  olds: (CheckedReplica & { readonly madeAs?: string }) | undefined,
  wanted: CheckedReplica,
): string | undefined {
  if (olds === undefined || !isInPlace(olds, wanted)) return undefined;
  return olds.madeAs ?? specHash(olds);
}
