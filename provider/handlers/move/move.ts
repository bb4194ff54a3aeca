import { FerryError } from "../../core/errors";
import { formatDuration } from "../../core/move/format";
import type { CopyRoute, Cutter, DataMover, Round } from "../../core/move/port";
import type { LastMove, ReplicaState } from "../../core/replica/model";
import { isRunning } from "../replica/discover";
import { holdingMates, type Holding } from "../replica/holding";
import { kindOf, sentence, Unfinished, withoutClaim } from "../replica/outcome";
import type { ReplicaTools } from "../replica/tools";
import { clearUpSource } from "./clear-up";
import { copiedInWords, preCopy } from "./copy";
import { cutOver, mayCutAtOnce } from "./cut";
import { gatherAgain } from "./gather-mates";
import { handOverMates, stopMates } from "./groups";
import { resume } from "./hooks";
import type { MoveJob } from "./job";
import type { Mate } from "./mates";
import { preflight, refused } from "./preflight";
import { prepare, type Prepared } from "./prepare";
import { afterFailure } from "./recover";

interface Committed {
  readonly prepared: Prepared;
  readonly lastMove: LastMove;
}

/**
 * Moves a replica with its address, its name and its data. A refused preflight is a FerryError and
 * nothing was changed; a failure before commit is TakenBack; one after it is Unfinished.
 */
export async function moveReplica(tools: ReplicaTools, job: MoveJob): Promise<ReplicaState> {
  const { dataBytes, mates } = await preflight(tools, job);
  if (mates.length === 0) return moved(tools, job, dataBytes, mates);
  const { label, source, target, replica, held } = job;
  const reason = `moving ${label} to '${target.name}'`;
  // What they write after they were stopped would be lost: no other run may start them meanwhile.
  return holdingMates(tools, { replica, mates, hosts: [source, target], reason }, async (check) => {
    const both: Holding["check"] = (hosts) => {
      held.check(hosts);
      check(hosts);
    };
    const again = await gatherAgain(tools, job, mates).catch((error: unknown) => {
      throw error instanceof FerryError ? refused(job, error) : error;
    });
    return moved(tools, { ...job, held: { ...held, check: both } }, dataBytes, again);
  });
}

async function moved(
  tools: ReplicaTools,
  job: MoveJob,
  dataBytes: number,
  mates: readonly Mate[],
): Promise<ReplicaState> {
  const { label, source, target, replica } = job;
  const { prepared, lastMove } = await untilCommit(tools, job, dataBytes, mates);
  await handOverMates(tools, job, mates);
  const state: ReplicaState = {
    ...replica,
    containerId: prepared.containerId,
    imageId: prepared.imageId,
    epoch: job.epoch,
    lastMove,
  };
  try {
    await target.docker.setRestartPolicy(
      prepared.containerId,
      replica.spec.restart ?? { name: "no" },
    );
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
  await resume(tools, job, target, prepared.containerId);
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

async function untilCommit(
  tools: ReplicaTools,
  job: MoveJob,
  dataBytes: number,
  mates: readonly Mate[],
): Promise<Committed> {
  let mover: DataMover | undefined;
  let cutter: Cutter | undefined;
  const begin = (step: string) => tools.progress.info(`${job.label}: ${step}`);
  try {
    begin(`preparing host ${job.target.name}`);
    const prepared = await prepare(tools, job, mates);
    if (prepared.paths.length > 0) {
      cutter = mover = await tools.movers.open(routeOf(tools, job, prepared));
    } else if (mayCutAtOnce(job, prepared)) {
      cutter = await tools.movers.openWithoutData(routeOf(tools, job, prepared));
    }
    const rounds: Round[] = [];
    if (mover?.way === "direct" && isRunning(job.container)) {
      begin("copying while it runs");
      rounds.push(...(await preCopy(tools, job, mover, dataBytes)));
    }
    begin("making ready for the cut");
    await stopMates(tools, job, mates);
    const { round, downtimeMs } = await cutOver(tools, job, { mover, cutter }, prepared);
    if (mover !== undefined) rounds.push(round);
    const lastMove: LastMove = {
      from: job.source.name,
      to: job.target.name,
      bytes: rounds.reduce((sum, { bytesCopied }) => sum + bytesCopied, 0),
      rounds: rounds.length,
      downtimeMs,
      when: tools.date(),
    };
    return { prepared, lastMove };
  } catch (error) {
    // Whatever it was that failed, a fault of ours included, the replica must not stay down for it.
    throw await afterFailure(tools, job, error, mates);
  } finally {
    await cutter
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
