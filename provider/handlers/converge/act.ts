import { FerryError } from "../../core/errors";
import type { Copy } from "../../core/move/findings";
import { lastMoveTo } from "../../core/move/last-move";
import type { Next } from "../../core/move/machine";
import type { Host } from "../../core/ports";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { jobOf } from "../move/job";
import { moveReplica } from "../move/move";
import { machineOn } from "../replica/believed";
import { heardFrom, type Discovery } from "../replica/discover";
import { namesKept, tellOfOthers } from "../replica/former-names";
import {
  allowRestarts,
  createFresh,
  isAsWanted,
  recreate,
  takeOver,
  type InPlaceJob,
  type Running,
} from "../replica/in-place";
import { kindOf, Unfinished, withoutClaim } from "../replica/outcome";
import { requireOwnName } from "../replica/namesakes";
import type { ReplicaTools } from "../replica/tools";
import type { Errand } from "./errand";
import type { Found } from "./find";

/** Makes it, moves it, or sees to it where it is. Resolves with what state keeps. */
export async function act(
  tools: ReplicaTools,
  errand: Errand,
  { settled, discovery }: Found,
): Promise<ReplicaState> {
  const { label, replica, connections, olds, held, changes } = errand;
  warnOfUnheard(tools, label, discovery);
  tellOfOthers(tools, replica, discovery);
  const target = heardFrom(discovery, replica.host);
  const others = [...discovery.hosts.values()].filter((host) => host !== target);
  const job: InPlaceJob = { label, replica, host: target, others, nextEpoch: settled.epoch };
  held.check(new Set([replica.host, ...(settled.kind === "move" ? [settled.home.host] : [])]));
  if (settled.kind !== "keep") {
    const isNew = settled.kind === "create" && olds === undefined;
    await requireOwnName(tools, replica, discovery, isNew);
  }
  // Making a first container takes back itself what it has made.
  if (settled.kind !== "create") changes.begin();
  const begins = settled.kind === "create" ? beginningOf(discovery, replica.host, tools) : {};
  const facts = {
    ...machineOn(discovery, replica.host),
    ...namesKept(replica, olds, { discovery, settled, connections, ...begins }),
  };
  if (settled.kind === "move") {
    return { ...(await move(tools, errand, settled, discovery)), ...facts };
  }
  const isFirst = settled.kind === "create";
  const running = isFirst
    ? await createFirst(tools, errand, { ...job, ...begins }, discovery)
    : await inPlace(tools, job, settled.home, discovery);
  const state = { ...replica, ...running, ...lastMoveTo(replica.host, olds), ...facts };
  if (isFirst) await lastStep(target, label, state);
  return state;
}

/** What is left to be done for a first container that runs. */
async function lastStep(host: Host, label: string, state: ReplicaState): Promise<void> {
  try {
    await allowRestarts(host, state, state.containerId as string);
  } catch (error) {
    throw new Unfinished(
      {
        ...{ kind: kindOf(error), replica: label, host: host.name },
        reason: `${label} runs on host '${host.name}', but its restart policy could not be set: ${withoutClaim(error)}`,
        touched: { said: "The next `pulumi up` does it" },
      },
      state,
      { cause: error },
    );
  }
}

function warnOfUnheard({ progress }: ReplicaTools, label: string, discovery: Discovery): void {
  const { silent, troubled } = discovery;
  for (const [host, { fault }] of [...silent, ...troubled]) {
    progress.warn(`${label}: not looked for on '${host}': ${fault.reason}`);
  }
}

async function move(
  tools: ReplicaTools,
  { label, replica, connections, held }: Errand,
  settled: Extract<Next, { kind: "move" }>,
  discovery: Discovery,
): Promise<ReplicaState> {
  const job = await jobOf(tools, { replica, label, settled, discovery, connections, held });
  return tools.turns.take(
    [job.source.name, job.target.name],
    () => moveReplica(tools, job),
    () => {
      tools.progress.info(`${label}: waits for other moves of its hosts to end`);
    },
  );
}

function createFirst(
  tools: ReplicaTools,
  { replica, olds }: Errand,
  job: InPlaceJob,
  discovery: Discovery,
): Promise<Running> {
  return createFresh(tools, {
    ...job,
    ...imageOf(replica, olds),
    ...beginsEmpty(replica, discovery),
    others: withoutRetired(job.others, discovery),
  });
}

function beginsEmpty(
  replica: PlacedReplica,
  { written }: Discovery,
): Pick<InPlaceJob, "beginsEmpty"> {
  const entry = written.get(replica.host);
  return entry?.role === "home" && entry.volumes.length === 0 ? { beginsEmpty: entry } : {};
}

/**
 * Who shared a volume with it has taken it along, or its host is lost: then it has no container
 * that would tell.
 */
function imageOf(replica: PlacedReplica, olds: ReplicaState | undefined): Pick<InPlaceJob, "ran"> {
  if (olds === undefined || olds.host === replica.host) return {};
  if (olds.spec.image !== replica.spec.image) return {};
  return { ran: { imageId: olds.imageId, host: olds.host } };
}

/**
 * Data that is there already goes on with its history, also where an earlier version has not noted
 * its beginning.
 */
function beginningOf(
  { findings }: Discovery,
  host: string,
  { moveToken }: Pick<ReplicaTools, "moveToken">,
): { readonly origin?: string } {
  const entry = findings.journals[host];
  if (entry?.role !== "home") return { origin: moveToken() };
  return entry.origin === undefined ? {} : { origin: entry.origin };
}

async function inPlace(
  tools: ReplicaTools,
  job: InPlaceJob,
  home: Copy,
  discovery: Discovery,
): Promise<Running> {
  const container = discovery.containers.get(home.containerId);
  if (container === undefined) throw gone(job.label);
  return isAsWanted(container, job.replica)
    ? takeOver(tools, job, container, home.epoch)
    : recreate(tools, { ...job, others: withoutRetired(job.others, discovery) }, container);
}

/** A retired copy is no data that anybody misses. */
function withoutRetired(others: readonly Host[], { findings }: Discovery): Host[] {
  return others.filter(({ name }) => findings.journals[name]?.role !== "retired");
}

function gone(label: string): FerryError {
  const reason = `the container of ${label} is gone`;
  return new FerryError({ kind: "trouble", replica: label, reason });
}
