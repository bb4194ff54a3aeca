import { FerryError } from "../../core/errors";
import { formatDuration } from "../../core/move/format";
import type { CopyRoute, CutoverMaker, DataMover, Round } from "../../core/move/move-ports";
import { lastingPolicy } from "../../core/replica/job";
import type { LastMove, ReplicaState } from "../../core/replica/model";
import { isRunning } from "../replica/discover";
import { whileMembersLocked, type Locked } from "../replica/while-locked";
import { afterStart } from "../replica/lifecycle";
import { kindOf, sentence, Unfinished, withoutClaim } from "../replica/outcome";
import type { ReplicaTools } from "../replica/replica-tools";
import { clearUpSource } from "./clear-up";
import { copiedInWords, preCopy } from "./copy";
import { cutOver, mayCutOverAtOnce } from "./cutover";
import { gatherAgain } from "./gather-group";
import { handOverMembers, stopMembers } from "./group-steps";
import { resume } from "./hooks";
import type { MoveJob } from "./job";
import type { GroupMember } from "./group";
import { preflight, refusal } from "./preflight";
import { prepare, type Prepared } from "./prepare";
import { afterFailure } from "./recover";

interface Committed extends Pick<Prepared, "imageId"> {
  readonly containerId: string;
  readonly lastMove: LastMove;
}

/**
 * Moves a replica with its address, its name and its data. A refused preflight is a FerryError and
 * nothing was changed; a failure before commit is TakenBack; one after it is Unfinished.
 */
export async function moveReplica(tools: ReplicaTools, job: MoveJob): Promise<ReplicaState> {
  const { dataBytes, members } = await preflight(tools, job);
  if (members.length === 0) return move(tools, job, dataBytes, members);
  const { label, source, target, replica, locked } = job;
  const reason = `moving ${label} to '${target.name}'`;
  // What they write after they were stopped would be lost: no other run may start them meanwhile.
  return whileMembersLocked(
    tools,
    { replica, members, hosts: [source, target], reason },
    async (check) => {
      const both: Locked["check"] = (hosts) => {
        locked.check(hosts);
        check(hosts);
      };
      const again = await gatherAgain(tools, job, members).catch((error: unknown) => {
        throw error instanceof FerryError ? refusal(job, error) : error;
      });
      return move(tools, { ...job, locked: { ...locked, check: both } }, dataBytes, again);
    },
  );
}

async function move(
  tools: ReplicaTools,
  job: MoveJob,
  dataBytes: number,
  members: readonly GroupMember[],
): Promise<ReplicaState> {
  const { label, source, target, replica } = job;
  const { containerId, imageId, lastMove } = await untilCommit(tools, job, dataBytes, members);
  await handOverMembers(tools, job, members);
  const state: ReplicaState = {
    ...replica,
    containerId,
    imageId,
    epoch: job.epoch,
    lastMove,
  };
  try {
    await target.docker.setRestartPolicy(containerId, lastingPolicy(replica));
  } catch (error) {
    throw new Unfinished(
      {
        ...{ kind: kindOf(error), replica: label, host: target.name },
        reason:
          `${label} moved to host '${target.name}', which has all its data and started it, but its restart policy could not be ` +
          `set: ${withoutClaim(error)}`,
        touched: { said: "The next `pulumi up` does it" },
      },
      state,
    );
  }
  await afterMove(job, containerId, state);
  if (replica.job !== true) await resume(tools, job, target, containerId);
  const left = await clearUpSource(tools, job);
  tools.progress.info(
    `${label} moved ${source.name} -> ${target.name}: ${copiedInWords(lastMove.bytes, lastMove.rounds)}, ` +
      `down ${formatDuration(lastMove.downtimeMs)}`,
  );
  if (left !== undefined) {
    throw new Unfinished(
      {
        ...{ kind: "trouble", replica: label },
        reason:
          `${label} moved to host '${target.name}' with all its data, but what comes after, on both hosts, is not finished: ` +
          left,
        touched: { said: "The next `pulumi up` does it" },
      },
      state,
    );
  }
  return state;
}

/** Of its start, what it need not be without clients for. */
async function afterMove(
  { label, target, replica }: MoveJob,
  containerId: string,
  state: ReplicaState,
): Promise<void> {
  if (replica.job === true) return;
  try {
    await afterStart(target, containerId, replica);
  } catch (error) {
    throw new Unfinished(
      {
        ...{ kind: kindOf(error), replica: label, host: target.name },
        reason: `${label} moved to host '${target.name}' with all its data and runs there, but ${withoutClaim(error)}`,
        touched: { said: "Run it by hand (`docker exec`), or mend the program" },
      },
      state,
    );
  }
}

async function untilCommit(
  tools: ReplicaTools,
  job: MoveJob,
  dataBytes: number,
  members: readonly GroupMember[],
): Promise<Committed> {
  let mover: DataMover | undefined;
  let maker: CutoverMaker | undefined;
  const begin = (step: string) => tools.progress.info(`${job.label}: ${step}`);
  try {
    begin(`preparing host ${job.target.name}`);
    const prepared = await prepare(tools, job, members);
    if (prepared.paths.length > 0) {
      maker = mover = await tools.movers.open(routeOf(tools, job, prepared));
    } else if (mayCutOverAtOnce(job, prepared)) {
      maker = await tools.movers.openWithoutData(routeOf(tools, job, prepared));
    }
    const rounds: Round[] = [];
    if (mover?.way === "direct" && [job, ...members].some((each) => isRunning(each.container))) {
      begin("copying while it runs");
      rounds.push(...(await preCopy(tools, job, mover, dataBytes)));
    }
    begin("making ready for the cutover");
    await stopMembers(tools, job, members);
    const { round, downtimeMs, containerId } = await cutOver(
      tools,
      job,
      { mover, maker },
      prepared,
    );
    if (mover !== undefined) rounds.push(round);
    const lastMove: LastMove = {
      from: job.source.name,
      to: job.target.name,
      bytes: rounds.reduce((sum, { bytesCopied }) => sum + bytesCopied, 0),
      rounds: rounds.length,
      downtimeMs,
      when: tools.date(),
    };
    return { containerId, imageId: prepared.imageId, lastMove };
  } catch (error) {
    // Whatever it was that failed, a fault of ours included, the replica must not stay down for it.
    throw await afterFailure(tools, job, error, members);
  } finally {
    await maker
      ?.cleanup()
      .catch((error: unknown) =>
        tools.progress.warn(
          `${job.label}: what the move needed could not all be removed, the next move will: ${sentence(error)}`,
        ),
      );
  }
}

function routeOf({ progress }: ReplicaTools, job: MoveJob, { paths }: Prepared): CopyRoute {
  const { id, source, target, label, replica, resumes } = job;
  const { maxBandwidth } = replica;
  return {
    replica: id,
    source,
    target,
    paths,
    progress,
    label,
    ...(resumes ? { resumed: true } : {}),
    ...(maxBandwidth === undefined ? {} : { maxBandwidth }),
  };
}
