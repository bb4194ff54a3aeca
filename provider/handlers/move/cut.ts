import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import { formatDuration } from "../../core/move/format";
import { arrivedEntry, cutJournals, sourceEntry, targetEntry } from "../../core/move/journal";
import type { ArmedCut, CutPlan, Cutter, DataMover, Round } from "../../core/move/port";
import { specHash } from "../../core/replica/spec-hash";
import { isRunning } from "../replica/discover";
import { sentence } from "../replica/outcome";
import { lastWords, startAndWait, stopForGood, stopTimeout } from "../replica/start";
import type { ReplicaTools } from "../replica/tools";
import { differenceInWords } from "./copy";
import { quiesce } from "./hooks";
import type { MoveJob } from "./job";
import type { Prepared } from "./prepare";
import { tellingSoFar } from "./so-far";

/** Who copies, if there is anything to copy; and who makes the cut one command, if anybody can. */
export interface CutBy {
  readonly mover: DataMover | undefined;
  readonly cutter: Cutter | undefined;
}

/** What the cut did. */
export interface CutOver {
  readonly round: Round;
  readonly downtimeMs: number;
}

/**
 * The part without the replica: from the fence on the source to the commit on the target. As one
 * command on the target where the hosts have what that needs, else step by step from here.
 */
export async function cutOver(
  tools: ReplicaTools,
  job: MoveJob,
  { mover, cutter }: CutBy,
  prepared: Prepared,
): Promise<CutOver> {
  const armed = mayCutAtOnce(job, prepared)
    ? await cutter?.armCut(planOf(job, prepared, prepared.gate))
    : undefined;
  if (armed === undefined) return stepByStep(tools, job, mover, prepared);
  try {
    await tools.fence.clear(job.target);
    await quiesce(tools, job);
    job.held.check();
    return await atOnce(tools, job, armed, prepared);
  } finally {
    // Whatever stays is removed with all that the copying needed; what the cut has done is done.
    await armed.disarm().catch(() => undefined);
  }
}

/** What does not run has nobody who waits for it, and no address that could be handed over. */
export function mayCutAtOnce(
  { container }: Pick<MoveJob, "container">,
  prepared: Prepared,
): prepared is Prepared & { readonly gate: string } {
  return isRunning(container) && prepared.gate !== undefined;
}

async function atOnce(
  { progress, clock }: ReplicaTools,
  job: MoveJob,
  armed: ArmedCut,
  { containerId, paths }: Prepared,
): Promise<CutOver> {
  const { label, source, target } = job;
  // The hosts alone know the moment of the stop, which comes soon after.
  const outcome = await tellingSoFar(
    clock,
    (time) => progress.info(`${label}: cutting over for ${time} so far`),
    () => armed.run(),
  );
  if (outcome.kind === "failed") {
    const started = outcome.step === "start" || outcome.step === "ready";
    const said = started ? ` ${await lastWords(target, containerId)}` : "";
    throw new FerryError({
      kind: "trouble",
      reason: `its step '${outcome.step}' failed: ${sentence(new Error(outcome.reason))}${said}`,
    });
  }
  const { downtimeMs, steps } = outcome;
  const times = Object.entries(steps).map(([step, ms]) => `${step} ${formatDuration(ms)}`);
  progress.info(
    `${label}: cut over from ${source.name}: ${differenceInWords(outcome, paths)}, runs on ${target.name} (${times.join(", ")})`,
  );
  return { round: outcome, downtimeMs };
}

function planOf(job: MoveJob, { containerId }: Prepared, gate: string): CutPlan {
  const { container, replica } = job;
  return {
    journals: cutJournals(job.facts, job.sourceEntry),
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
      ...(replica.spec.restart ? { restart: replica.spec.restart } : {}),
      sameProgram: container.labels[LABELS.spec] === specHash(replica),
    },
    content: replica.verify === "content",
  };
}

/**
 * Where there is no door that could be opened once all is well, clients may be answered as soon as
 * the target starts. So that none of their writes is ever dropped, commit comes before that, and
 * there is only forward from there. A replica without data has nothing to lose, and goes back when
 * its target does not start.
 */
async function stepByStep(
  tools: ReplicaTools,
  job: MoveJob,
  mover: DataMover | undefined,
  prepared: Prepared,
): Promise<CutOver> {
  const { clock, progress, journals } = tools;
  const { source, target, label, facts } = job;
  await quiesce(tools, job);
  job.held.check();
  await Promise.all([fence(tools, job), tools.fence.clear(target)]);

  await journals.write(source, sourceEntry(facts, "stopped"));
  return tellingSoFar(
    clock,
    (time) => progress.info(`${label}: down for ${time} so far`),
    () => whileDown(tools, job, mover, prepared),
  );
}

/** From the stop of the source to the target's first answer. */
async function whileDown(
  tools: ReplicaTools,
  job: MoveJob,
  mover: DataMover | undefined,
  prepared: Prepared,
): Promise<CutOver> {
  const { clock, progress, journals } = tools;
  const { source, target, replica, label, facts } = job;
  const stopped = clock.now();
  await stopForGood(source, job.container.id, stopTimeout(replica));
  await journals.write(target, targetEntry(facts, "delta"));
  // The last difference is copied while the source's address is taken off the network; both come
  // before the start.
  const [round] = await Promise.all([
    finalDelta(job, mover, replica.verify === "content"),
    tools.fence.clear(source),
  ]);
  await journals.write(target, targetEntry(facts, "compared"));

  job.held.check();
  const mayGoBack = mover === undefined;
  await journals.write(source, sourceEntry(facts, mayGoBack ? "opening" : "committed"));
  await journals.write(target, targetEntry(facts, "starting"));
  const answered = await startTarget(tools, job, prepared, mayGoBack);
  const downtimeMs = Math.round(answered - stopped);
  if (mayGoBack) await journals.write(source, sourceEntry(facts, "committed"));
  await journals.write(target, arrivedEntry(facts));
  progress.info(
    `${label}: cut over: ${differenceInWords(round, prepared.paths)}, runs on ${target.name}`,
  );
  return { round, downtimeMs };
}

/** From here on no daemon brings the source back by itself. */
async function fence({ journals }: ReplicaTools, job: MoveJob): Promise<void> {
  const { source, container, facts } = job;
  await journals.write(source, sourceEntry(facts, "fenced"));
  if (container.restart.name !== "no") {
    await source.docker.setRestartPolicy(container.id, { name: "no" });
  }
}

/** Resolves with the moment of its first answer. */
async function startTarget(
  tools: ReplicaTools,
  { target, replica, facts }: MoveJob,
  { containerId }: Prepared,
  mayGoBack: boolean,
): Promise<number> {
  try {
    return await startAndWait(tools, target, containerId, replica);
  } catch (error) {
    // The word that it does not count; without it the next look goes forward, as it may have
    // answered.
    if (mayGoBack) await tools.journals.write(target, targetEntry(facts, "rejected"));
    throw error;
  }
}

async function finalDelta(
  { source, target }: MoveJob,
  mover: DataMover | undefined,
  content: boolean,
): Promise<Round> {
  if (mover === undefined) return { bytesCopied: 0, filesChanged: 0, durationMs: 0 };
  // Only now that nobody writes any more it is everything.
  await mover.distrustRecent();
  const round = await mover.round({ final: true });
  const { equal, differences } = await mover.compare({ content });
  if (equal) return round;
  throw new FerryError({
    kind: "trouble",
    reason: `the copy on host '${target.name}' is not what host '${source.name}' has: ${sentence(new Error(differences.join("; ")))}`,
  });
}
