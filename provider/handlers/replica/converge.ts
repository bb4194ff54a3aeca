import type { Connections } from "../../core/connection";
import { FerryError } from "../../core/errors";
import { replicaId } from "../../core/identity";
import { decide, type Believed, type Copy, type Decision } from "../../core/move/decide";
import type { PlacementRecord } from "../../core/move/record";
import type { Host } from "../../core/ports";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/names";
import type { MoveJob } from "../move/job";
import { moveReplica } from "../move/move";
import { clearMoves, clearStale, resumeSource, settleRecords } from "./clear-stale";
import { discover, heardFrom, type Discovery } from "./discover";
import {
  createFresh,
  isAsWanted,
  recreate,
  takeOver,
  type InPlaceJob,
  type Running,
} from "./in-place";
import type { ReplicaTools } from "./tools";

/**
 * Brings a replica to what the program says, from whatever is found: nothing, its container here or elsewhere, or what
 * an interrupted run has left. `olds` is what state knows, if anything.
 */
export async function converge(
  tools: ReplicaTools,
  replica: PlacedReplica,
  olds?: ReplicaState,
): Promise<ReplicaState> {
  const id = replicaId(replica);
  const label = replicaLabel(replica);
  // The old host may have left the program already; the way to it is in state.
  const connections: Connections = { ...olds?.connections, ...replica.connections };
  const discovery = await discover(tools, id, connections);
  warnOfSilence(tools, label, discovery, replica.host, olds);
  const target = heardFrom(discovery, replica.host);
  const believed: Believed | undefined = olds && { host: olds.host, epoch: olds.epoch };
  const decision = decide(discovery.findings, believed);
  if (decision.kind === "undecided") throw undecided(label, decision, discovery, olds);
  // A first container has had no move yet.
  if (decision.lastEpoch > 0) await clearMoves(tools, discovery, id);
  await clearStale(tools, { label, id, decision, discovery, wanted: replica.host, replica });

  const nextEpoch = decision.lastEpoch + 1;
  const others = [...discovery.hosts.values()].filter((host) => host !== target);
  const job: InPlaceJob = { label, replica, host: target, others, nextEpoch };
  const keepLastMove = olds?.lastMove === undefined ? {} : { lastMove: olds.lastMove };
  if (decision.kind === "absent") {
    const running = await createFresh(tools, {
      ...job,
      ...olderCopy(discovery.findings.records[replica.host]),
      others: withoutRetired(others, discovery),
    });
    return { ...replica, ...running, ...keepLastMove };
  }
  await settleRecords(tools, id, decision, discovery);
  if (decision.home.host === replica.host) {
    const running = await inPlace(tools, job, decision.home, discovery);
    return { ...replica, ...running, ...keepLastMove };
  }
  return move(tools, job, decision.home, discovery);
}

async function inPlace(
  tools: ReplicaTools,
  job: InPlaceJob,
  home: Copy,
  discovery: Discovery,
): Promise<Running> {
  const container = discovery.containers.get(home.containerId);
  if (container === undefined) throw new FerryError(`the container of ${job.label} is gone.`);
  return isAsWanted(container, job.replica)
    ? takeOver(tools, job, container, home.epoch)
    : recreate(tools, { ...job, others: withoutRetired(job.others, discovery) }, container);
}

async function move(
  tools: ReplicaTools,
  job: InPlaceJob,
  home: Copy,
  discovery: Discovery,
): Promise<ReplicaState> {
  const { records } = discovery.findings;
  const source = heardFrom(discovery, home.host);
  const found = discovery.containers.get(home.containerId);
  if (found === undefined) throw new FerryError(`the container of ${job.label} is gone.`);
  const container = await resumeSource(tools, job, source, found, records[home.host]);
  const moveJob: MoveJob = {
    id: replicaId(job.replica),
    label: job.label,
    replica: job.replica,
    source,
    target: job.host,
    container,
    sourceEpoch: home.epoch,
    epoch: job.nextEpoch,
    sourceRecord: records[home.host],
    targetRecord: records[job.host.name],
    hosts: [...discovery.hosts.values()],
  };
  return tools.turns.take(
    [source.name, job.host.name],
    () => moveReplica(tools, moveJob),
    () => {
      tools.progress.info(`${job.label}: waits for other moves of its hosts to end`);
    },
  );
}

/** What a host's own record says of a copy that another host has a newer one of, or that never counted. */
function olderCopy(record: PlacementRecord | undefined): { older?: PlacementRecord } {
  const counts = record === undefined || record.role === "home" || record.role === "leaving";
  return counts ? {} : { older: record };
}

/** A retired copy is no data that anybody misses. */
function withoutRetired(others: readonly Host[], { findings }: Discovery): Host[] {
  return others.filter(({ name }) => findings.records[name]?.role !== "retired");
}

function warnOfSilence(
  { progress }: ReplicaTools,
  label: string,
  { findings }: Discovery,
  wanted: string,
  olds: ReplicaState | undefined,
): void {
  const silent = findings.unreachable.filter((host) => host !== wanted && host !== olds?.host);
  if (silent.length === 0) return;
  progress.warn(
    `${label}: not looked for on ${silent.map((host) => `'${host}'`).join(", ")}, which does not answer`,
  );
}

function undecided(
  label: string,
  { reason }: Extract<Decision, { kind: "undecided" }>,
  { failures }: Discovery,
  olds: ReplicaState | undefined,
): FerryError {
  const why = olds === undefined ? undefined : failures.get(olds.host);
  return new FerryError(
    `bringing ${label} to what the program says failed: ${reason}.${why === undefined ? "" : ` ${why}`} ` +
      "Nothing was changed; try again when every host that it may be on answers.",
  );
}
