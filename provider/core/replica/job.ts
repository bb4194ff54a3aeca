import type { ContainerState } from "../adapter-ports";
import type { RestartPolicy } from "../container-spec";
import { LABELS } from "../identity";
import type { PlacedReplica } from "./model";
import { specHash } from "./spec-hash";

/**
 * A job runs to its end and is not started again: not by a move, a reboot or a second `up`, only
 * when what it runs has changed. Its ended container is kept, and says how it ended.
 */

type JobSpec = Pick<PlacedReplica, "spec" | "job">;

const NO_RESTART: RestartPolicy = { name: "no" };

/** In place of an exit code, where what has run is not what the program wants. */
export const NOT_RUN_AS_WANTED = -1;

/** The exit code; undefined while it has not come to an end. */
export function exitCodeOf({ status, exitCode, labels }: ContainerState): number | undefined {
  if (status === "exited" || status === "dead") return exitCode;
  const said = labels[LABELS.ended];
  return status === "created" && said !== undefined ? Number(said) : undefined;
}

/** What a container's daemon may do by itself once all is well with it. */
export function lastingPolicy({ spec, job }: JobSpec): RestartPolicy {
  return job === true ? NO_RESTART : (spec.restart ?? NO_RESTART);
}

/** While a job runs: a file that says `on-failure` has it tried again. */
export function policyWhileJobRuns({ spec }: JobSpec): RestartPolicy {
  return spec.restart?.name === "on-failure" ? spec.restart : NO_RESTART;
}

/** State says that this very job has run to its end. */
export function hasRun(replica: PlacedReplica, olds: PlacedReplica | undefined): boolean {
  return replica.job === true && olds?.job === true && specHash(olds) === specHash(replica);
}
