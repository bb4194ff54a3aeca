import { locate } from "../../core/move/machine";
import type { ReplicaState } from "../../core/replica/model";
import { discover, isRunning, type Discovery } from "../replica/discover";
import { TakenBack, Unfinished, sentence, withoutClaim } from "../replica/outcome";
import { settle, type Settled } from "../replica/settle";
import { fenceAndStart } from "../replica/start";
import type { ReplicaTools } from "../replica/tools";
import { handOverMates, releaseMates, type Mate } from "./groups";
import { resumeSource } from "./hooks";
import type { MoveJob } from "./job";

/**
 * After a failure in the middle of a move: looks at the hosts and puts things right as the next run would, with the old host
 * as the one that is wanted. What comes back is the one closing message: what failed, and what state things are in.
 */
export async function afterFailure(
  tools: ReplicaTools,
  job: MoveJob,
  error: unknown,
  mates: readonly Mate[],
): Promise<TakenBack | Unfinished> {
  const { label, source, target, replica, connections, held } = job;
  const failed = `moving ${label} from host '${source.name}' to host '${target.name}' failed: ${withoutClaim(error)}`;
  const believed = { host: source.name, epoch: job.sourceEpoch };
  try {
    const { settled, discovery } = await settle(tools, {
      replica: { ...replica, host: source.name },
      connections,
      believed,
      brisk: "all",
      check: held.check,
    });
    const where = locate(discovery.findings, believed);
    const isOnTarget = where.kind === "clear" && where.best?.host === target.name;
    if (settled.kind === "refuse" && !isOnTarget) {
      return new TakenBack(`${failed} ${reasoned(settled.reason)}`, { cause: error });
    }
    if (isOnTarget) {
      await handOverMates(tools, job, mates);
      return wentForward(job, discovery, failed, error);
    }
    const serves = await serveAgain(tools, job, settled);
    await resumeSource(tools, job);
    const left = await releaseMates(tools, job, mates);
    const told = outcome(job, discovery, serves);
    return new TakenBack([failed, told, ...left].join(" "), { cause: error });
  } catch (again) {
    return stuck(tools, job, failed, error, again);
  }
}

function reasoned(reason: string): string {
  return `It could not be taken back yet: ${reason}. Nothing of its data is lost; the next \`pulumi up\` looks at the hosts again and puts things right.`;
}

/** Something else may have stopped it, such as its daemon's own end. Resolves to why it does not run, if it should. */
async function serveAgain(
  tools: ReplicaTools,
  { container, source, replica, held }: MoveJob,
  settled: Settled,
): Promise<string | undefined> {
  if (settled.kind !== "keep") return undefined;
  const { running, restarts } = settled.home;
  const onSource = new Set([source.name]);
  const policy = container.restart.name === "no" ? replica.spec.restart : container.restart;
  try {
    if (isRunning(container) && !running) {
      held.check(onSource);
      await fenceAndStart(tools, source, container.id, replica);
    }
    // Whoever put it back may have been cut off before this.
    if (!restarts && policy !== undefined && policy.name !== "no") {
      held.check(onSource);
      await source.docker.setRestartPolicy(container.id, policy);
    }
    return undefined;
  } catch (error) {
    return withoutClaim(error);
  }
}

function outcome(
  { container, source, target }: MoveJob,
  { failures }: Discovery,
  stopped: string | undefined,
): string {
  if (stopped !== undefined) {
    return `It is on host '${source.name}' with all its data, but does not run there: ${stopped}`;
  }
  const state = isRunning(container)
    ? `It runs on host '${source.name}'`
    : `It is on host '${source.name}' as before`;
  return failures.has(target.name)
    ? `${state}, with all its data. Host '${target.name}' does not answer; what is left of the copy there does not count, and ` +
        "is removed by the next `pulumi up` that reaches it."
    : `${state}, with all its data, and nothing of the copy is left on host '${target.name}'.`;
}

/** Commit had come before the failure: the next `up` has nothing to do but to note it. */
function wentForward(
  job: MoveJob,
  discovery: Discovery,
  failed: string,
  cause: unknown,
): Unfinished {
  const { target } = job;
  return new Unfinished(
    `${failed} It had been committed before that: it runs on host '${target.name}', with all its data.`,
    stateOn(job, discovery),
    { cause },
  );
}

function stateOn(job: MoveJob, { containers }: Discovery): ReplicaState {
  const { replica, epoch } = job;
  const made = [...containers.values()].find(
    ({ name, labels }) =>
      name === replica.containerName && labels["pulumi-ferry.epoch"] === String(epoch),
  );
  return {
    ...replica,
    imageId: made?.imageId ?? job.container.imageId,
    epoch,
    ...(made === undefined ? {} : { containerId: made.id }),
  };
}

/** Putting it right failed as well: says where it is, as far as the hosts tell. */
async function stuck(
  tools: ReplicaTools,
  job: MoveJob,
  failed: string,
  cause: unknown,
  again: unknown,
): Promise<TakenBack | Unfinished> {
  const { source, target, replica, connections } = job;
  const next = "the next `pulumi up` looks at both hosts and puts things right.";
  const discovery = await discover(tools, replica, connections, "all").catch(() => undefined);
  const found = discovery && locate(discovery.findings);
  if (discovery && found?.kind === "clear" && found.best?.host === target.name) {
    return new Unfinished(
      `${failed} It had been committed before that, so its data is on host '${target.name}', but it does not run there: ` +
        `${withoutClaim(again)} Correct the program, or put its host back to '${source.name}', and run \`pulumi up\`: it goes ` +
        "there with everything that it has written.",
      stateOn(job, discovery),
      { cause },
    );
  }
  const same = sentence(again) === sentence(cause);
  return new TakenBack(
    `${failed} Taking it back did not go all the way${same ? "" : `: ${withoutClaim(again)}`}${same ? ":" : ""} ` +
      `Its data is on host '${source.name}'; ${next}`,
    { cause },
  );
}
