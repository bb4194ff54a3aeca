import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import { formatDuration } from "../../core/move/format";
import { arrivedEntry, cutoverJournals, sourceEntry, targetEntry } from "../../core/move/journal";
import type {
  ArmedCutover,
  CutoverPlan,
  CutoverMaker,
  DataMover,
  Round,
} from "../../core/move/move-ports";
import { specHash } from "../../core/replica/spec-hash";
import { isRunning } from "../replica/discover";
import { beforeStop } from "../replica/lifecycle";
import { sentence } from "../replica/outcome";
import { lastWords, startAndWait, stopForGood, stopTimeout } from "../replica/start";
import type { ReplicaTools } from "../replica/replica-tools";
import { handOverAttached } from "./attached";
import { differenceInWords } from "./copy";
import { quiesce } from "./hooks";
import type { MoveJob } from "./job";
import type { Prepared } from "./prepare";
import { tellingSoFar } from "./so-far";

/**
 * Who copies, if there is anything to copy; and who makes the cutover one command, if anybody can.
 */
export interface CutoverMeans {
  readonly mover: DataMover | undefined;
  readonly maker: CutoverMaker | undefined;
}

/** What the cutover did. */
export interface CutoverResult {
  readonly round: Round;
  readonly downtimeMs: number;
  /** The target's. */
  readonly containerId: string;
}

/**
 * The part without the replica: from the fence on the source to the commit on the target. As one
 * command on the target where the hosts have what that needs, else step by step from here.
 */
export async function cutOver(
  tools: ReplicaTools,
  job: MoveJob,
  { mover, maker }: CutoverMeans,
  prepared: Prepared,
): Promise<CutoverResult> {
  const ready = mayCutOverAtOnce(job, prepared)
    ? { prepared, cutover: await maker?.armCutover(planOf(job, prepared)) }
    : undefined;
  const armed = ready?.cutover;
  if (ready === undefined || armed === undefined) return stepByStep(tools, job, mover, prepared);
  try {
    await tools.overlay.detachEnded(job.target);
    await quiesce(tools, job);
    await beforeStop(job.source, job.container, job.replica);
    job.locked.check();
    return await atOnce(tools, job, armed, ready.prepared);
  } finally {
    // Whatever stays is removed with all that the copying needed; what the cutover has done is
    // done.
    await armed.disarm().catch(() => undefined);
  }
}

type AtOnce = Prepared & { readonly startBarrier: string; readonly container: string };

/** What does not run has nobody who waits for it, and no address that could be handed over. */
export function mayCutOverAtOnce(
  { container }: Pick<MoveJob, "container">,
  prepared: Prepared,
): prepared is AtOnce {
  const isMade = typeof prepared.container === "string";
  return isRunning(container) && isMade && prepared.startBarrier !== undefined;
}

async function atOnce(
  { progress, clock }: ReplicaTools,
  job: MoveJob,
  armed: ArmedCutover,
  { container: containerId, paths }: AtOnce,
): Promise<CutoverResult> {
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
  return { round: outcome, downtimeMs, containerId };
}

function planOf(job: MoveJob, { container: containerId, startBarrier }: AtOnce): CutoverPlan {
  const { container, replica } = job;
  return {
    journals: cutoverJournals(job.facts, job.sourceEntry),
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
      startBarrier,
      healthTimeoutSeconds: replica.healthTimeoutSeconds,
      ...(replica.spec.restart ? { restart: replica.spec.restart } : {}),
      sameProgram: container.labels[LABELS.spec] === specHash(replica),
    },
    content: replica.verify === "content",
  };
}

/**
 * Where there is no inbound block that could be opened once all is well, clients may be answered as
 * soon as the target starts. So that none of their writes is ever dropped, commit comes before
 * that, and there is only forward from there. A replica without data has nothing to lose, and goes
 * back when its target does not start.
 */
async function stepByStep(
  tools: ReplicaTools,
  job: MoveJob,
  mover: DataMover | undefined,
  prepared: Prepared,
): Promise<CutoverResult> {
  const { clock, progress, journals } = tools;
  const { source, target, label, facts } = job;
  await quiesce(tools, job);
  await beforeStop(source, job.container, job.replica);
  job.locked.check();
  await Promise.all([fence(tools, job), tools.overlay.detachEnded(target)]);

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
): Promise<CutoverResult> {
  const { clock, progress, journals } = tools;
  const { source, target, replica, label, facts } = job;
  const stopped = clock.now();
  await stopForGood(source, job.container.id, stopTimeout(replica));
  await journals.write(target, targetEntry(facts, "delta"));
  // The last difference is copied while the source's address is taken off the network; both come
  // before the start.
  const [round] = await Promise.all([
    finalDelta(job, mover, replica.verify === "content"),
    tools.overlay.detachEnded(source),
  ]);
  const containerId = await targetContainer(tools, job, prepared);
  await journals.write(target, targetEntry(facts, "compared"));

  job.locked.check();
  const mayGoBack = mover === undefined;
  await journals.write(source, sourceEntry(facts, mayGoBack ? "opening" : "committed"));
  await journals.write(target, targetEntry(facts, "starting"));
  const answered = await startTarget(tools, job, containerId, mayGoBack);
  const downtimeMs = Math.round(answered - stopped);
  if (mayGoBack) await journals.write(source, sourceEntry(facts, "committed"));
  await journals.write(target, arrivedEntry(facts));
  progress.info(
    `${label}: cut over: ${differenceInWords(round, prepared.paths)}, ${replica.job === true ? "is" : "runs"} on ${target.name}`,
  );
  return { round, downtimeMs, containerId };
}

/** Where the source has to let go of a volume first, it is made only now. */
async function targetContainer(
  tools: ReplicaTools,
  job: MoveJob,
  { container }: Prepared,
): Promise<string> {
  if (typeof container === "string") return container;
  await handOverAttached(tools, job);
  return container();
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
  containerId: string,
  mayGoBack: boolean,
): Promise<number> {
  // It has run to its end already.
  if (replica.job === true) return tools.clock.now();
  try {
    // What is run after its start is in nobody's way: clients need not wait for that.
    const { postStart: _later, ...spec } = replica.spec;
    return await startAndWait(tools, target, containerId, { ...replica, spec });
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
