import type { Connections } from "../../core/connection";
import { FerryError, sentenceOf } from "../../core/errors";
import type { Believed, Copy } from "../../core/move/findings";
import { lastMoveTo } from "../../core/move/last-move";
import type { JournalEntry } from "../../core/move/journal";
import type { Lost } from "../../core/move/source-lost";
import type { Host } from "../../core/ports";
import { hasOtherPlace } from "../../core/replica/known-places";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/names";
import { jobOf } from "../move/job";
import { moveReplica } from "../move/move";
import { heardFrom, whyNot, type Discovery } from "../replica/discover";
import { withAccepted } from "../replica/accepted";
import { keptHost, leaveWhereItRuns, RunsElsewhere } from "./adopt";
import { believedOf, machineOn } from "../replica/believed";
import {
  createFresh,
  isAsWanted,
  recreate,
  takeOver,
  type InPlaceJob,
  type Running,
} from "../replica/in-place";
import { dataMissed } from "./first-start";
import { holding, NotHeld, type Claim, type Holding } from "../replica/holding";
import { requireOwnName } from "../replica/namesakes";
import { settle, type Settled } from "../replica/settle";
import { aliveBefore, passOver } from "./source-lost";
import { capitalized, kindOf, withoutClaim } from "../replica/outcome";
import type { ReplicaTools } from "../replica/tools";

/**
 * Brings a replica to what the program says, from whatever is found: nothing, its container here or
 * elsewhere, or what an interrupted run has left. `olds` is what state knows, if anything.
 */
export function converge(
  tools: ReplicaTools,
  inputs: PlacedReplica,
  olds?: ReplicaState,
): Promise<ReplicaState> {
  const kept = keptHost(inputs, olds);
  return withAccepted(inputs, olds, (replica) =>
    withAdoption(tools, { ...replica, ...kept }, olds),
  );
}

/** A host that is not the user's word yields to the one that it is found running on. */
async function withAdoption(
  tools: ReplicaTools,
  replica: PlacedReplica & { readonly insteadOf?: string },
  olds: ReplicaState | undefined,
): Promise<ReplicaState> {
  try {
    return await brought(tools, replica, olds);
  } catch (error) {
    if (!(error instanceof RunsElsewhere)) throw error;
    const { host } = error;
    tools.progress.info(
      `${replicaLabel(replica)}: it runs on ${host} already, and is taken over there; the program names no host for it`,
    );
    return brought(tools, { ...replica, host, insteadOf: replica.host }, olds);
  }
}

async function brought(
  tools: ReplicaTools,
  replica: PlacedReplica & { readonly insteadOf?: string },
  olds?: ReplicaState,
): Promise<ReplicaState> {
  const connections = allWays(replica, olds);
  const reason = reasonOf(replica, olds);
  const progress = { changed: false };
  const begin = () => {
    progress.changed = true;
  };
  try {
    return await holdingAll(
      tools,
      { replica, connections, hosts: hostsOf(replica, olds), reason },
      (held) => converged(tools, replica, connections, { ...held, begin, progress }, olds),
    );
  } catch (error) {
    throw toldWhole(error, replica, reason, progress.changed);
  }
}

/**
 * What is there may be on a host that nobody knew of: held as well, all is looked at once more.
 * Whoever knows nothing yet takes every host that answers, so that two runs that make the same
 * replica at once meet at each that they have in common.
 */
async function holdingAll<T>(
  tools: ReplicaTools,
  claim: Claim,
  work: (held: Holding) => Promise<T>,
  backAgain = false,
): Promise<T> {
  try {
    return await holding(tools, claim, work);
  } catch (error) {
    if (!(error instanceof NotHeld)) throw error;
    // One that was asked for and is not held was silent then, and has come back since.
    const allKnown = error.hosts.every((host) => claim.hosts.includes(host));
    if (allKnown && backAgain) throw error;
    const hosts = [...claim.hosts, ...error.hosts];
    return holdingAll(tools, { ...claim, hosts }, work, backAgain || allKnown);
  }
}

/**
 * The old host may have left the program already; the way to it is in state. Where its name leads
 * elsewhere now, it may still answer where it was.
 */
function allWays(replica: PlacedReplica, olds: ReplicaState | undefined): Connections {
  const before = olds?.connections ?? {};
  const now = { ...before, ...replica.connections };
  const way = olds && before[olds.host];
  if (olds === undefined || way === undefined) return now;
  const moved = hasOtherPlace(olds.host, before, replica.connections);
  return moved ? { ...now, [`${olds.host} at its old address`]: way } : now;
}

function hostsOf(replica: PlacedReplica, olds: ReplicaState | undefined): string[] {
  return olds === undefined ? Object.keys(replica.connections) : [replica.host, olds.host];
}

/**
 * A message of an adapter's says what failed on which host; the user is told of which replica, and
 * what is left.
 */
function toldWhole(
  error: unknown,
  replica: PlacedReplica,
  reason: string,
  changed: boolean,
): unknown {
  const label = replicaLabel(replica);
  if (!(error instanceof FerryError) || error.fault.replica === label) return error;
  return new FerryError(
    {
      ...{ kind: kindOf(error), replica: label, what: reason, reason: withoutClaim(error) },
      touched: { said: leftBehind(changed) },
    },
    { cause: error },
  );
}

function leftBehind(changed: boolean): string {
  return changed
    ? "What was begun is finished or taken back by the next `pulumi up`; nothing of its data is lost."
    : "Nothing was changed; the next `pulumi up` tries again.";
}

function reasonOf(replica: PlacedReplica, olds: ReplicaState | undefined): string {
  const label = replicaLabel(replica);
  if (olds === undefined) return `creating ${label} on '${replica.host}'`;
  return olds.host === replica.host
    ? `updating ${label} on '${replica.host}'`
    : `moving ${label} to '${replica.host}'`;
}

async function converged(
  tools: ReplicaTools,
  replica: PlacedReplica,
  connections: Connections,
  held: Holding & { readonly begin: () => void; readonly progress: { readonly changed: boolean } },
  olds?: ReplicaState,
): Promise<ReplicaState> {
  const label = replicaLabel(replica);
  const believed: Believed | undefined = olds && believedOf(olds);
  const wish = {
    replica,
    connections,
    check: (hosts?: ReadonlySet<string>) => {
      held.check(hosts);
      held.begin();
    },
    ...(believed === undefined ? {} : { believed }),
  };
  let found = await settle(tools, wish);
  let lost = await lossIn(replica, found);
  if (lost !== undefined) {
    const reason = await passOver(tools, replica, connections, found, lost, wish.check);
    const silent = typeof lost === "string" ? { silent: lost } : {};
    if (reason !== undefined)
      throw refused(label, { reason, ...silent }, found.discovery, held.progress);
    found = await settle(tools, wish);
    lost = await lossIn(replica, found);
    if (lost !== undefined && typeof lost !== "string")
      throw refused(label, { reason: lost.what }, found.discovery, held.progress);
  }
  const { settled, discovery } = found;
  if (olds === undefined) leaveWhereItRuns(replica, settled);
  if (settled.kind === "refuse") throw refused(label, settled, discovery, held.progress);
  if (settled.kind === "create") {
    const reason = aliveBefore(tools, discovery.silent.keys(), connections);
    if (reason !== undefined) throw refused(label, { reason }, discovery, held.progress);
  }
  warnOfUnheard(tools, label, discovery);
  const target = heardFrom(discovery, replica.host);
  const others = [...discovery.hosts.values()].filter((host) => host !== target);
  const job: InPlaceJob = { label, replica, host: target, others, nextEpoch: settled.epoch };
  const lastMove = lastMoveTo(replica.host, olds);
  held.check(new Set([replica.host, ...(settled.kind === "move" ? [settled.home.host] : [])]));
  const machine = machineOn(discovery, replica.host);
  if (settled.kind !== "keep") {
    const isNew = settled.kind === "create" && olds === undefined;
    await requireOwnName(tools, replica, discovery, isNew);
  }
  // Making a first container takes back itself what it has made.
  if (settled.kind !== "create") held.begin();
  switch (settled.kind) {
    case "create": {
      const running = await createFresh(tools, {
        ...job,
        ...imageOf(replica, olds),
        others: withoutRetired(others, discovery),
        ...originOf(discovery.findings.journals[replica.host], tools),
      });
      return { ...replica, ...running, ...lastMove, ...machine };
    }
    case "keep": {
      const running = await inPlace(tools, job, settled.home, discovery);
      return { ...replica, ...running, ...lastMove, ...machine };
    }
    case "move": {
      const moving = jobOf(tools, { replica, label, settled, discovery, connections, held });
      const moved = await tools.turns.take(
        [moving.source.name, moving.target.name],
        () => moveReplica(tools, moving),
        () => {
          tools.progress.info(`${label}: waits for other moves of its hosts to end`);
        },
      );
      return { ...moved, ...machine };
    }
  }
}

/** How the newest data is lost, if it is: the name of a host that does not answer, or in words. */
async function lossIn(
  replica: PlacedReplica,
  found: Awaited<ReturnType<typeof settle>>,
): Promise<string | Lost | undefined> {
  const { settled } = found;
  if (settled.kind === "create") return dataMissed(replica, found);
  if (settled.kind !== "refuse" || settled.silent === replica.host) return undefined;
  return settled.silent;
}

function gone(label: string): FerryError {
  const reason = `the container of ${label} is gone`;
  return new FerryError({ kind: "trouble", replica: label, reason });
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
function originOf(
  entry: JournalEntry | undefined,
  { moveToken }: Pick<ReplicaTools, "moveToken">,
): { readonly origin?: string } {
  if (entry?.role !== "home") return { origin: moveToken() };
  return entry.origin === undefined ? {} : { origin: entry.origin };
}

/** A retired copy is no data that anybody misses. */
function withoutRetired(others: readonly Host[], { findings }: Discovery): Host[] {
  return others.filter(({ name }) => findings.journals[name]?.role !== "retired");
}

function warnOfUnheard({ progress }: ReplicaTools, label: string, discovery: Discovery): void {
  const { silent, troubled } = discovery;
  for (const [host, { fault }] of [...silent, ...troubled]) {
    progress.warn(`${label}: not looked for on '${host}': ${fault.reason}`);
  }
}

function refused(
  label: string,
  { reason, silent }: Omit<Extract<Settled, { kind: "refuse" }>, "kind">,
  discovery: Discovery,
  { changed }: { readonly changed: boolean },
): FerryError {
  const why = silent === undefined ? undefined : whyNot(discovery, silent);
  const what = `bringing ${label} to what the program says`;
  if (why === undefined) {
    const touched = { said: "Nothing of its data was changed" };
    return new FerryError({ kind: "settings", replica: label, what, reason, touched });
  }
  return new FerryError({
    ...{ kind: kindOf(why), replica: label, what },
    reason: `${sentenceOf(reason)} ${capitalized(withoutClaim(why))}`,
    touched: { said: leftBehind(changed) },
  });
}
