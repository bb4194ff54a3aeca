import { LABELS } from "../../core/identity";
import type { ContainerState } from "../../core/adapter-ports";
import { differ, labelInPlace, limitsOf } from "../../core/replica/limits";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { specHash } from "../../core/replica/spec-hash";
import { faultOf, type InPlaceJob, type Running } from "./in-place";
import { PutBack } from "./outcome";
import type { ReplicaTools } from "./replica-tools";

/** What Docker changes of a container without another start. */

/** Sets what is not as the program says. Docker leaves all as it was where it refuses. */
export async function applyLimits(
  job: InPlaceJob,
  { id, limits = {} }: Pick<ContainerState, "id" | "limits">,
): Promise<void> {
  const { replica, host, label, check } = job;
  if (replica.job === true || !differ(limits, replica.spec)) return;
  check();
  try {
    await host.docker.setLimits(id, limitsOf(replica.spec));
  } catch (error) {
    const what = `changing ${label} in place`;
    const fault = faultOf(what, job, error, "Its container is as it was before.");
    throw new PutBack(fault, { cause: error });
  }
}

/** A kernel that is given less than what runs uses may kill it: then another one is started. */
export async function hasRoom(
  { progress }: Pick<ReplicaTools, "progress">,
  { replica, host, label }: InPlaceJob,
  { id, limits = {}, status }: ContainerState,
): Promise<boolean> {
  const { memoryBytes: wanted = Infinity } = replica.spec;
  if (status !== "running" || wanted >= (limits.memoryBytes ?? Infinity)) return true;
  const used = await host.docker.memoryInUse(id);
  if (used === undefined || used <= wanted) return true;
  progress.info(
    `${label}: gets another container on ${host.name}, as it uses more memory (${used} bytes) than it is to have`,
  );
  return false;
}

/** What state says of the container that is there. */
export function factsOfState(
  replica: PlacedReplica,
  olds: ReplicaState | undefined,
): Pick<InPlaceJob, "madeAs" | "ranWith" | "arrived"> {
  if (olds === undefined) return {};
  const label = labelInPlace(olds, replica);
  const facts = { ranWith: olds.spec, arrived: olds.host !== replica.host };
  return label === undefined ? facts : { ...facts, madeAs: label };
}

/** For state: labels never change. */
export function madeAs(
  { labels }: Pick<ContainerState, "labels">,
  { replica }: Pick<InPlaceJob, "replica">,
): Pick<Running, "madeAs"> {
  const label = labels[LABELS.spec];
  return label === undefined || label === specHash(replica) ? {} : { madeAs: label };
}
