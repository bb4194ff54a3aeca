import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import { formatBytes, formatDuration } from "../../core/move/format";
import type { CutJournals } from "../../core/move/journal";
import type { ArmedCut, CutPlan, DataMover, Round } from "../../core/move/port";
import {
  formatRecord,
  recordDirectory,
  recordPath,
  type PlacementRecord,
} from "../../core/move/record";
import { specHash } from "../../core/replica/spec-hash";
import { isRunning } from "../replica/discover";
import { sentence } from "../replica/outcome";
import { fenceAndStart, startAndWait, stopForGood, stopTimeout } from "../replica/start";
import type { ReplicaTools } from "../replica/tools";
import { quiesce } from "./hooks";
import type { MoveJob } from "./job";
import type { Prepared } from "./prepare";
import type { UndoStack } from "./undo";

/** What the cut did. */
export interface CutOver {
  readonly round: Round;
  readonly downtimeMs: number;
}

/**
 * The part without the replica: from the fence on the source to the commit on the target. As one command on the target
 * where the hosts have what that needs, else step by step from here.
 */
export async function cutOver(
  tools: ReplicaTools,
  job: MoveJob,
  mover: DataMover | undefined,
  prepared: Prepared,
  undo: UndoStack,
): Promise<CutOver> {
  const armed =
    isRunning(job.container) && prepared.gate !== undefined
      ? await mover?.armCut?.(await planOf(job, prepared, prepared.gate))
      : undefined;
  if (armed === undefined) return stepByStep(tools, job, mover, prepared, undo);
  try {
    await tools.fence.clear(job.target);
    await quiesce(tools, job);
    return await atOnce(tools, job, armed);
  } finally {
    await armed.disarm();
  }
}

async function atOnce({ progress }: ReplicaTools, job: MoveJob, armed: ArmedCut): Promise<CutOver> {
  const { label, source, target } = job;
  const outcome = await armed.run();
  if (outcome.kind === "failed") {
    const where = outcome.takenBack ? "" : ` What runs where has to be looked at.`;
    throw new FerryError(
      `its step '${outcome.step}' failed: ${sentence(new Error(outcome.reason))}${where}`,
    );
  }
  const { downtimeMs, bytesCopied, steps } = outcome;
  const times = Object.entries(steps).map(([step, ms]) => `${step} ${formatDuration(ms)}`);
  progress.info(
    `${label}: cut over from ${source.name}: ${formatBytes(bytesCopied)} of difference, both copies equal, ` +
      `runs on ${target.name} (${times.join(", ")})`,
  );
  return { round: outcome, downtimeMs };
}

async function planOf(job: MoveJob, { containerId }: Prepared, gate: string): Promise<CutPlan> {
  const { container, replica } = job;
  return {
    journals: await journalsOf(job),
    source: {
      containerId: container.id,
      restart:
        container.restart.name === "no"
          ? (replica.spec.restart ?? { name: "no" })
          : container.restart,
      stopTimeoutSeconds: stopTimeout(replica),
    },
    target: {
      containerId,
      gate,
      healthTimeoutSeconds: replica.healthTimeoutSeconds,
      sameProgram: container.labels[LABELS.spec] === specHash(replica),
    },
    content: replica.verify === "content",
  };
}

async function journalsOf(job: MoveJob): Promise<CutJournals> {
  const ours = recordOf(job);
  const record = (role: PlacementRecord["role"], epoch: number, other = job.source.name) =>
    formatRecord({ ...ours, role, epoch, other });
  const leaving = record("leaving", job.sourceEpoch, job.target.name);
  const home = record("home", job.sourceEpoch);
  const before = (await job.source.shell.readFile(recordPath(job.id), { root: true })) ?? "";
  const rejected = record("rejected", job.epoch);
  return {
    path: recordPath(job.id),
    directory: recordDirectory(job.id),
    source: {
      before,
      fenced: leaving,
      stopped: leaving,
      committed: record("retired", job.sourceEpoch),
      home,
    },
    target: {
      delta: rejected,
      compared: rejected,
      starting: rejected,
      rejected,
      home: record("home", job.epoch),
    },
  };
}

async function stepByStep(
  tools: ReplicaTools,
  job: MoveJob,
  mover: DataMover | undefined,
  prepared: Prepared,
  undo: UndoStack,
): Promise<CutOver> {
  const { clock, progress } = tools;
  const { source, target, replica, label } = job;
  await mover?.distrustRecent();
  await quiesce(tools, job);
  await Promise.all([fence(tools, job, undo), tools.fence.clear(target)]);

  const stopped = clock.now();
  undoStop(tools, job, undo);
  await stopForGood(source, job.container.id, stopTimeout(replica));
  // The last difference is copied while the source's address is taken off the network; both come before the start.
  const [round] = await Promise.all([
    finalDelta(job, mover, replica.verify === "content"),
    tools.fence.clear(source),
  ]);

  undoStart(tools, job, prepared, undo);
  const answered = await startAndWait(tools, target, prepared.containerId, replica);
  const downtimeMs = Math.round(answered - stopped);
  await tools.records.write(target, { ...recordOf(job), role: "home", epoch: job.epoch });
  progress.info(
    `${label}: cut over: ${formatBytes(round.bytesCopied)} of difference, both copies equal, runs on ${target.name}`,
  );
  return { round, downtimeMs };
}

/** From here on no daemon brings the source back by itself. */
async function fence(tools: ReplicaTools, job: MoveJob, undo: UndoStack): Promise<void> {
  const { source, container, id, sourceRecord } = job;
  undo.add(`putting back what host '${source.name}' knew`, () =>
    sourceRecord === undefined || sourceRecord.role === "leaving"
      ? tools.records.remove(source, id)
      : tools.records.write(source, sourceRecord),
  );
  const leaving: PlacementRecord = {
    ...recordOf(job),
    role: "leaving",
    epoch: job.sourceEpoch,
    other: job.target.name,
  };
  await tools.records.write(source, leaving);
  const policy = container.restart.name === "no" ? job.replica.spec.restart : container.restart;
  if (policy !== undefined && policy.name !== "no") {
    undo.add(`restoring the restart policy on host '${source.name}'`, () =>
      source.docker.setRestartPolicy(container.id, policy),
    );
    await source.docker.setRestartPolicy(container.id, { name: "no" });
  }
}

function undoStop(
  tools: ReplicaTools,
  { source, container, replica }: MoveJob,
  undo: UndoStack,
): void {
  if (container.status !== "running" && container.status !== "restarting") return;
  undo.add(`starting it again on host '${source.name}'`, async () => {
    await fenceAndStart(tools, source, container.id, replica);
  });
}

/** The source must not start while what was started here may still be running. */
function undoStart(tools: ReplicaTools, job: MoveJob, prepared: Prepared, undo: UndoStack): void {
  const { target, replica } = job;
  const stop = async () => {
    await tools.records.write(target, { ...recordOf(job), role: "rejected", epoch: job.epoch });
    await stopForGood(target, prepared.containerId, stopTimeout(replica));
    await tools.fence.clear(target);
  };
  undo.add(`stopping the copy on host '${target.name}'`, stop, true);
}

async function finalDelta(
  { source, target }: MoveJob,
  mover: DataMover | undefined,
  content: boolean,
): Promise<Round> {
  if (mover === undefined) return { bytesCopied: 0, filesChanged: 0, durationMs: 0 };
  const round = await mover.round({ final: true });
  const { equal, differences } = await mover.compare({ content });
  if (equal) return round;
  throw new FerryError(
    `the copy on host '${target.name}' is not what host '${source.name}' has: ${sentence(new Error(differences.join("; ")))}`,
  );
}

export function recordOf({
  id,
  source,
  replica,
}: MoveJob): Omit<PlacementRecord, "role" | "epoch"> {
  const volumes = Object.values(replica.volumes).map(({ name }) => name);
  return { version: 1, replica: id, other: source.name, volumes };
}
