import { FerryError } from "../../core/errors";
import type { Instance } from "../../core/move/findings";
import { replicaId } from "../../core/identity";
import { lastMoveTo } from "../../core/move/last-move";
import type { Next } from "../../core/move/machine";
import type { ContainerState, Host } from "../../core/adapter-ports";
import { startsAgain } from "../../core/replica/change-in-words";
import { folderOfVolume } from "../../core/adoption/same-data";
import { hasRun } from "../../core/replica/job";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { keptBy, removeKept } from "../adoption/kept";
import { requireAdoptable, requireNoSuch, requireNotTaken } from "../adoption/require";
import { adoptContainer } from "../adoption/take-over";
import { whileNobodyTakes } from "../adoption/while-nobody-takes";
import { jobOf } from "../move/job";
import { moveReplica } from "../move/move";
import { machineOn } from "../replica/believed";
import { heardFrom, type Discovery } from "../replica/discover";
import { inPlace } from "../replica/change";
import { dropFiles } from "../replica/files";
import { namesKept, tellOfOthers } from "../replica/former-names";
import { allowRestarts, createFresh, type InPlaceJob, type Running } from "../replica/in-place";
import { factsOfState } from "../replica/limits";
import { kindOf, Unfinished, withoutClaim } from "../replica/outcome";
import { requireOwnName } from "../replica/namesakes";
import { untilJobEnds } from "../replica/run-job";
import { snapshotBefore } from "../replica/snapshot-before";
import type { ReplicaTools } from "../replica/replica-tools";
import { requireHere } from "./adopt";
import { isRefusal, orDropped, takeLeases } from "../volume/leases";
import type { Errand } from "./errand";
import { find, type Found } from "./find";
import { waysKept } from "../replica/ways-kept";

/** Makes it, moves it, or sees to it where it is. Resolves with what state keeps. */
export async function act(
  tools: ReplicaTools,
  errand: Errand,
  { decided, discovery }: Found,
): Promise<ReplicaState> {
  const { label, replica, connections, olds, locked, changes } = errand;
  if (await waitForRunningJob(tools, errand, decided, discovery)) {
    return act(tools, errand, await find(tools, errand));
  }
  warnOfUnheard(tools, label, discovery);
  tellOfOthers(tools, replica, discovery);
  const target = heardFrom(discovery, replica.host);
  const others = [...discovery.hosts.values()].filter((host) => host !== target);
  const job: InPlaceJob = {
    ...{ label, replica, host: target, others, nextEpoch: decided.epoch },
    check: () => locked.check(new Set([replica.host])),
    startsAgain: startsAgain(replica, olds),
    ...factsOfState(replica, olds),
  };
  locked.check(new Set([replica.host, ...(decided.kind === "move" ? [decided.home.host] : [])]));
  if (decided.kind !== "keep") {
    const isNew = decided.kind === "create" && olds === undefined;
    await requireOwnName(tools, replica, discovery, isNew);
  }
  const leases = await takeLeases(tools, replica, [...discovery.hosts.values()]);
  // Making a first container takes back itself what it has made.
  if (decided.kind !== "create") changes.begin();
  const begins = decided.kind === "create" ? beginningOf(discovery, replica.host, tools) : {};
  const facts = {
    ...machineOn(discovery, replica.host),
    ...namesKept(replica, olds, { discovery, decided, connections, ...begins }),
    connections: waysKept(discovery, connections, {
      concerned: decided.kind === "move" ? [replica.host, decided.home.host] : [replica.host],
      known: Object.keys(replica.connections),
    }),
  };
  const before = { ...olds, ...keptBy(replica.host, discovery.written.get(replica.host)) };
  const kept = () => removeKept(tools, label, replica.host, before, discovery);
  if (decided.kind === "move") {
    const moved = await orDropped(leases, () => move(tools, errand, decided, discovery), isRefusal);
    return { ...moved, ...(await runMovedJob(tools, job, moved)), ...facts, ...(await kept()) };
  }
  const isFirst = decided.kind === "create";
  const running = isFirst
    ? await orDropped(leases, () =>
        makeFirst(tools, errand, { ...job, ...begins, held: leases.held }, discovery),
      )
    : await orDropped(
        leases,
        () => seeToIt(tools, { ...job, held: leases.held }, decided.home, discovery),
        isRefusal,
      );
  const state = {
    ...{ ...replica, ...lastMoveTo(replica.host, olds), ...facts, ...(await kept()) },
    ...running,
  };
  if (isFirst) await lastStep(job, state);
  if (olds?.files !== undefined) await tidyFiles(tools, label, state, discovery);
  return state;
}

/** What is left to be done for a first container that runs. */
async function lastStep({ host, label, check }: InPlaceJob, state: ReplicaState): Promise<void> {
  try {
    check();
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

/** What an interrupted run may have left of files, where the replica is or was. */
async function tidyFiles(
  tools: ReplicaTools,
  label: string,
  state: ReplicaState,
  { hosts, findings }: Discovery,
): Promise<void> {
  const names = new Set([state.host, ...Object.keys(findings.journals)]);
  try {
    for (const [name, host] of hosts)
      if (names.has(name)) await dropFiles(tools, host, replicaId(state));
  } catch (error) {
    throw new Unfinished(
      {
        ...{ kind: kindOf(error), replica: label },
        reason: `${label} is as it is to be, but files that it needs no more could not be removed: ${withoutClaim(error)}`,
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
  { label, replica, connections, locked }: Errand,
  decided: Extract<Next, { kind: "move" }>,
  discovery: Discovery,
): Promise<ReplicaState> {
  const job = await jobOf(tools, { replica, label, decided, discovery, connections, locked });
  return tools.moveSlots.take(
    [job.source.name, job.target.name],
    async () => {
      await snapshotBefore(tools, replica, label, job.source);
      return moveReplica(tools, job);
    },
    () => {
      tools.progress.info(`${label}: waits for other moves of its hosts to end`);
    },
  );
}

/** In the place of what runs already, where the program says so and there is such a thing. */
async function makeFirst(
  tools: ReplicaTools,
  errand: Errand,
  job: InPlaceJob,
  discovery: Discovery,
): Promise<Running & Pick<ReplicaState, "adopted">> {
  const { replica, olds, adopt } = errand;
  // A job of somebody else's has ended, or is not waited for: its own runs.
  if (olds !== undefined || replica.job === true) return createFirst(tools, errand, job, discovery);
  const found = adopt && (await requireAdoptable(tools, replica, adopt, discovery));
  if (found === undefined) {
    if (mayShareData(replica)) await requireNoSuch(replica, job.host, adopt);
    return createFirst(tools, errand, job, discovery);
  }
  requireHere(replica, found);
  const before = discovery.written.get(replica.host);
  const { id } = found.container;
  const running = await whileNobodyTakes(tools, job, id, async (locked, old) => {
    await requireNotTaken(tools, replica, job.host, old);
    return adoptContainer(tools, locked, old, before);
  });
  return { ...running, adopted: { host: replica.host, container: id } };
}

function mayShareData({ spec, volumes }: PlacedReplica): boolean {
  const binds = (spec.mounts ?? []).some(({ type }) => type === "bind");
  return (
    binds ||
    Object.values(volumes).some((each) => each.external || folderOfVolume(each) !== undefined)
  );
}

/** One that a run which was interrupted has started elsewhere ends there, before it moves. */
async function waitForRunningJob(
  tools: ReplicaTools,
  { replica, changes }: Errand,
  decided: Found["decided"],
  discovery: Discovery,
): Promise<boolean> {
  if (replica.job !== true || decided.kind !== "move" || !decided.home.running) return false;
  const { host, containerId } = decided.home;
  changes.begin();
  await untilJobEnds(tools, heardFrom(discovery, host), containerId, replica);
  return true;
}

/** A job moves as it has ended. What it has not run yet as the program says, it runs there. */
async function runMovedJob(
  tools: ReplicaTools,
  job: InPlaceJob,
  { containerId = "", epoch }: ReplicaState,
): Promise<Partial<Running>> {
  if (job.replica.job !== true) return {};
  const container = await job.host.docker.container(containerId);
  if (container === undefined) throw gone(job.label);
  return inPlace(tools, { ...job, nextEpoch: epoch + 1 }, container, undefined);
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
    ...(hasRun(replica, olds) ? { endedWith: 0 } : {}),
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

async function seeToIt(
  tools: ReplicaTools,
  job: InPlaceJob,
  home: Instance,
  discovery: Discovery,
): Promise<Running> {
  const container = discovery.containers.get(home.containerId);
  if (container === undefined) throw gone(job.label);
  const others = withoutRetired(job.others, discovery);
  return inPlace(tools, { ...job, others }, container, besideOf(discovery, home));
}

/** What a change that was cut off has put beside, on the same host. */
function besideOf({ findings, containers }: Discovery, home: Instance): ContainerState | undefined {
  const beside = findings.instances.find(
    (each) => each.host === home.host && each.containerId !== home.containerId && each.beside,
  );
  return beside && containers.get(beside.containerId);
}

/** A retired copy is no data that anybody misses. */
function withoutRetired(others: readonly Host[], { findings }: Discovery): Host[] {
  return others.filter(({ name }) => findings.journals[name]?.role !== "retired");
}

function gone(label: string): FerryError {
  const reason = `the container of ${label} is gone`;
  return new FerryError({ kind: "trouble", replica: label, reason });
}
