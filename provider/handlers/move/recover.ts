import { FerryError, type Fault } from "../../core/errors";
import { replicaId } from "../../core/identity";
import type { RestartPolicy } from "../../core/container-spec";
import type { Instance } from "../../core/move/findings";
import { unheard } from "../../core/move/doubt";
import { locate } from "../../core/move/machine";
import type { Host } from "../../core/adapter-ports";
import { followingVolumes } from "../../core/replica/following-volumes";
import { lastingPolicy } from "../../core/replica/job";
import type { ReplicaState } from "../../core/replica/model";
import { discover, isRunning, whyNot, type Discovery } from "../replica/discover";
import { kindOf, TakenBack, Unfinished, sentence, withoutClaim } from "../replica/outcome";
import { bringInOrder, type Decided } from "../replica/bring-in-order";
import { dropFiles } from "../replica/files";
import { detachAndStart, untilItServes } from "../replica/start";
import type { ReplicaTools } from "../replica/replica-tools";
import { handOverMembers, releaseMembers } from "./group-steps";
import type { GroupMember } from "./group";
import { postStartOnSource, resumeSource, wasStartedByHost } from "./hooks";
import type { MoveJob } from "./job";

/**
 * After a failure in the middle of a move: looks at the hosts and puts things right as the next run
 * would, with the old host as the one that is wanted. What comes back is the one closing message:
 * what failed, and what state things are in.
 */
export async function afterFailure(
  tools: ReplicaTools,
  job: MoveJob,
  error: unknown,
  members: readonly GroupMember[],
): Promise<TakenBack | Unfinished> {
  const { label, source, target, replica, connections, locked } = job;
  const failed = (said: string): Fault => ({
    ...{ kind: kindOf(error), replica: label },
    what: `moving ${label} from host '${source.name}' to host '${target.name}'`,
    reason: withoutClaim(error),
    touched: { said },
  });
  const believed = { host: source.name, epoch: job.sourceEpoch };
  try {
    // Before anything else is done to it: who starts it from here on runs what comes after a start.
    const byHost = await wasStartedByHost(job);
    const { decided, discovery } = await bringInOrder(tools, {
      replica: { ...replica, host: source.name },
      connections,
      believed,
      rescue: new Set([source.name, target.name]),
      check: locked.check,
    });
    const where = locate(discovery.findings, believed);
    const isOnTarget = where.kind === "clear" && where.best?.host === target.name;
    if (isOnTarget) {
      await handOverMembers(tools, job, members);
      const reported = await goneForward(tools, job, where.best.instance);
      return new Unfinished(failed(reported), stateOn(job, discovery), { cause: error });
    }
    if (decided.kind === "refuse") {
      return new TakenBack(failed(reasoned(decided.reason)), { cause: error });
    }
    const stopped =
      decided.kind === "keep" ? await serveAgain(tools, job, decided.home) : undefined;
    if (byHost && decided.kind === "keep" && stopped === undefined) {
      await postStartOnSource(tools, job);
    }
    await resumeSource(tools, job);
    const left = [
      ...(await releaseMembers(tools, job, members)),
      ...(await dropBrought(tools, job)),
    ];
    const reported =
      decided.kind === "keep"
        ? outcome(job, discovery, stopped ?? (await stillServes(tools, job, decided.home)))
        : elsewhere(job, decided);
    return new TakenBack(failed([reported, ...left].join(" ")), { cause: error });
  } catch (again) {
    return stuck(tools, job, failed, error, again);
  }
}

/** What was brought for a container that may never have been made. */
async function dropBrought(tools: ReplicaTools, { target, replica }: MoveJob): Promise<string[]> {
  if (replica.files === undefined) return [];
  try {
    await dropFiles(tools, target, replicaId(replica));
    return [];
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    return [`the files brought for it could not be removed: ${withoutClaim(error)}`];
  }
}

function reasoned(reason: string): string {
  return `It could not be taken back yet: ${reason}. Nothing of its data is lost; the next \`pulumi up\` looks at the hosts again and puts things right.`;
}

/** Resolves to why it does not run on the source, if it should. */
function serveAgain(
  tools: ReplicaTools,
  job: MoveJob,
  home: Instance,
): Promise<string | undefined> {
  const { container, source, replica } = job;
  const policy = container.restart.name === "no" ? lastingPolicy(replica) : container.restart;
  return whyNotDone(async () => {
    if (isRunning(container)) await startIfStill(tools, job, source, home);
    await restorePolicy(job, source, home, policy);
  });
}

/** As `serveAgain`, once more before it is told: its daemon may have ended meanwhile. */
function stillServes(
  tools: ReplicaTools,
  job: MoveJob,
  home: Instance,
): Promise<string | undefined> {
  return whyNotDone(async () => {
    if (isRunning(job.container)) await startIfStill(tools, job, job.source, home);
  });
}

async function whyNotDone(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return withoutClaim(error);
  }
}

/** Something else may have stopped it since it was looked at, such as its daemon's own end. */
async function startIfStill(
  tools: ReplicaTools,
  { locked, replica }: MoveJob,
  host: Host,
  { containerId }: Instance,
): Promise<void> {
  const now = await host.docker.container(containerId);
  if (now !== undefined && isRunning(now)) return untilItServes(tools, host, containerId, replica);
  locked.check(new Set([host.name]));
  await detachAndStart(tools, host, containerId, replica);
}

/** Whoever started it may have been interrupted before this. */
async function restorePolicy(
  { locked }: MoveJob,
  host: Host,
  { containerId, restarts }: Instance,
  policy: RestartPolicy = { name: "no" },
): Promise<void> {
  if (restarts || policy.name === "no") return;
  locked.check(new Set([host.name]));
  await host.docker.setRestartPolicy(containerId, policy);
}

function outcome(
  { container, source, target }: MoveJob,
  discovery: Discovery,
  stopped: string | undefined,
): string {
  if (stopped !== undefined) {
    return `It is on host '${source.name}' with all its data, but does not run there: ${stopped}`;
  }
  const state = isRunning(container)
    ? `It runs on host '${source.name}'`
    : `It is on host '${source.name}' as before`;
  return whyNot(discovery, target.name) !== undefined
    ? `${state}, with all its data. Host '${target.name}' ${unheard(discovery.findings, target.name)}; what is left of the copy there does not count, and ` +
        "is removed by the next `pulumi up` that reaches it."
    : `${state}, with all its data, and nothing of the copy is left on host '${target.name}'.`;
}

/** Somebody else had a hand in it meanwhile: it is not on the source as the move had found it. */
function elsewhere(
  { replica, source }: MoveJob,
  decided: Extract<Decided, { kind: "create" | "move" }>,
): string {
  if (decided.kind === "move") {
    return (
      `It is on host '${decided.home.host}' now, where this move has not put it; the next \`pulumi up\` goes on from ` +
      "there."
    );
  }
  const gone = `Its container is gone from host '${source.name}'; this move did not remove it`;
  return followingVolumes(replica).length === 0
    ? `${gone}. The next \`pulumi up\` makes it.`
    : `${gone}, and has not touched its data. Put its host back to '${source.name}' and run \`pulumi up\`, which makes it there.`;
}

/**
 * Commit had come before the failure. The cutover may have been killed together with the target's
 * container.
 */
async function goneForward(
  tools: ReplicaTools,
  job: MoveJob,
  copy: Instance | undefined,
): Promise<string> {
  const { target, replica } = job;
  const committed = "It had been committed before that:";
  if (copy === undefined) {
    return (
      `${committed} its data is on host '${target.name}', but its container is gone from there. The next \`pulumi up\` ` +
      "makes it."
    );
  }
  if (replica.job === true) {
    return `${committed} it is on host '${target.name}', with all its data, as it has ended.`;
  }
  await startIfStill(tools, job, target, copy);
  await restorePolicy(job, target, copy, replica.spec.restart);
  return `${committed} it runs on host '${target.name}', with all its data.`;
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
  failed: (said: string) => Fault,
  cause: unknown,
  again: unknown,
): Promise<TakenBack | Unfinished> {
  const { source, target, replica, connections } = job;
  const next = "the next `pulumi up` looks at both hosts and puts things right.";
  const discovery = await discover(tools, replica, connections, { failFast: true }).catch(
    () => undefined,
  );
  const found = discovery && locate(discovery.findings);
  if (discovery && found?.kind === "clear" && found.best?.host === target.name) {
    return new Unfinished(
      failed(
        `It had been committed before that, so its data is on host '${target.name}', but it does not run there: ` +
          `${withoutClaim(again)} Correct the program, or put its host back to '${source.name}', and run \`pulumi up\`: it goes ` +
          "there with everything that it has written.",
      ),
      stateOn(job, discovery),
      { cause },
    );
  }
  const same = sentence(again) === sentence(cause);
  return new TakenBack(
    failed(
      `Taking it back did not go all the way${same ? "" : `: ${withoutClaim(again)}`}${same ? ":" : ""} ` +
        `Its data is on host '${source.name}'; ${next}`,
    ),
    { cause },
  );
}
