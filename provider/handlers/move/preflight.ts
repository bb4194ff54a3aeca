import { FerryError } from "../../core/errors";
import { counted } from "../../core/move/format";
import {
  boundPaths,
  otherArchitecture,
  otherOwners,
  takenPorts,
  tiesProblem,
} from "../../core/move/preflight";
import { roomProblem } from "../../core/move/room";
import { gatherMates } from "./gather-mates";
import { startStranded } from "./groups";
import { missingImageRoom } from "./image";
import { isOurs } from "../../core/volume/owner";
import { openHost } from "../replica/discover";
import { requireOurs } from "../replica/volumes";
import { kindOf, withoutClaim } from "../replica/outcome";
import type { ReplicaTools } from "../replica/tools";
import { movedVolumes, type MoveJob } from "./job";
import type { Mate } from "./mates";
import { requireOlderCopy } from "../replica/older-copy";

/** What the copy will be about. */
export interface Preflight {
  /** On disk, at the source. */
  readonly dataBytes: number;
  /** Replicas that share a volume with it, and come along. */
  readonly mates: readonly Mate[];
}

/** Refuses a move that cannot end well, before anything is changed on any host. */
export async function preflight(tools: ReplicaTools, job: MoveJob): Promise<Preflight> {
  try {
    requireMovable(tools, job);
    // From here on a host that is lost is told of soon: somebody may have to be put back.
    for (const { name } of [job.source, job.target]) {
      await openHost(tools, name, job.connections, "brief");
    }
    const mates = await gatherMates(tools, job);
    const [dataBytes] = await Promise.all([
      requireRoom(tools, job, mates),
      requireNoTies(tools, job, mates),
      requireSameGround(job),
      requireFreePorts(tools, job),
      requireFreeVolumes(tools, job),
    ]);
    return { dataBytes, mates };
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    throw refused(job, error, await startStranded(tools, job));
  }
}

/** `done`: what had to be put right nevertheless. */
export function refused(
  { label, source, target }: MoveJob,
  error: FerryError,
  done: readonly string[] = [],
): FerryError {
  const stays = `Nothing was changed; it stays on host '${source.name}'.`;
  return new FerryError(
    {
      ...{ kind: kindOf(error), replica: label, ended: "was refused" },
      what: `moving ${label} from host '${source.name}' to host '${target.name}'`,
      reason: withoutClaim(error),
      touched: { said: [stays, ...done].join(" ") },
    },
    { cause: error },
  );
}

function requireMovable(
  { progress }: ReplicaTools,
  { label, container, replica, target }: MoveJob,
): void {
  if (container.status === "paused") {
    throw new FerryError({ kind: "settings", reason: "its container is paused. Unpause it first" });
  }
  const { written, readOnly } = boundPaths(replica.spec);
  const [path] = written;
  if (path !== undefined) {
    throw new FerryError({
      kind: "settings",
      reason:
        `it may write to '${path}', a folder of the host itself, which does not follow a replica. Put the data into a ` +
        "named volume, or mount the folder read-only when every host has the same",
    });
  }
  for (const shared of readOnly) {
    progress.warn(
      `${label}: '${shared}' will be the one of host '${target.name}'; folders of a host do not follow`,
    );
  }
}

/** The same kind of processor, and for data the same owners. */
async function requireSameGround(job: MoveJob): Promise<void> {
  const { source, target } = job;
  const [ours, theirs] = await Promise.all([source.docker.info(), target.docker.info()]);
  const [from, to] = [
    { host: source.name, ...ours },
    { host: target.name, ...theirs },
  ] as const;
  const reason =
    otherArchitecture(from, to) ??
    (movedVolumes(job).length > 0 ? otherOwners(from, to) : undefined);
  if (reason !== undefined) throw new FerryError({ kind: "settings", reason });
}

async function requireRoom(
  tools: ReplicaTools,
  job: MoveJob,
  mates: readonly Mate[],
): Promise<number> {
  const { source, target } = job;
  const folders = copied(job, mates).map(({ path }) => path);
  const [dataBytes, there, info] = await Promise.all([
    tools.movers.estimate(source, folders),
    spaceOfOlderCopy(tools, job),
    target.docker.info(),
  ]);
  const [disks, image] = await Promise.all([
    tools.facts.disks(target, info),
    missingImageRoom(job),
  ]);
  const problem = roomProblem({
    host: target.name,
    disks,
    dataBytes: Math.max(0, dataBytes - there),
    image,
  });
  if (problem !== undefined) throw new FerryError({ kind: "settings", reason: problem });
  return dataBytes;
}

/** The source's volumes that the move is about, the mates' included. */
function copied(job: MoveJob, mates: readonly Mate[]): { name: string; path: string }[] {
  return [
    ...movedVolumes(job).map(({ name, source }) => ({ name, path: source })),
    ...mates.flatMap(({ own }) => own.map(({ name, mountpoint }) => ({ name, path: mountpoint }))),
  ];
}

async function requireNoTies(
  { facts }: ReplicaTools,
  job: MoveJob,
  mates: readonly Mate[],
): Promise<void> {
  for (const { name, path } of copied(job, mates)) {
    const problem = tiesProblem(name, await facts.ties(job.source, path));
    if (problem !== undefined) throw new FerryError({ kind: "settings", reason: problem });
  }
}

async function spaceOfOlderCopy(
  tools: ReplicaTools,
  { target, targetEntry }: MoveJob,
): Promise<number> {
  const states = await Promise.all(
    (targetEntry?.volumes ?? []).map((name) => target.docker.volume(name)),
  );
  const paths = states.flatMap((state) => (state === undefined ? [] : [state.mountpoint]));
  return tools.movers.estimate(target, paths);
}

async function requireFreePorts(tools: ReplicaTools, { target, replica }: MoveJob): Promise<void> {
  if ((replica.spec.ports ?? []).every(({ hostPort }) => hostPort === undefined)) return;
  const [listening, containers] = await Promise.all([
    tools.facts.listeningPorts(target),
    target.docker.containers({}),
  ]);
  const taken = takenPorts(replica.spec, listening, containers);
  if (taken.length === 0) return;
  throw new FerryError({
    kind: "settings",
    reason:
      `${counted(taken.length, "port")} that it publishes ${taken.length === 1 ? "is" : "are"} in use on host ` +
      `'${target.name}': ${taken.join(", ")}`,
  });
}

/**
 * A volume of that name on the target must be an older copy of this one, which the replica has left
 * there itself.
 */
async function requireFreeVolumes(tools: ReplicaTools, job: MoveJob): Promise<void> {
  const { source, target, replica, targetEntry } = job;
  for (const [key, volume] of Object.entries(replica.volumes)) {
    const driver = tools.drivers.of(volume);
    const [here, there] = await Promise.all([
      driver.find(source, volume.name),
      driver.find(target, volume.name),
    ]);
    const problem = here && driver.handOverProblem(here);
    if (problem !== undefined) {
      throw new FerryError({ kind: "settings", reason: `volume '${key}' ${problem}` });
    }
    if (there === undefined) continue;
    if (driver.scope === "shared") {
      requireOurs(target, there, volume, driver);
      continue;
    }
    const ours = isOurs(there, volume);
    await requireOlderCopy(tools, { id: job.id, target, there, ours, entry: targetEntry });
  }
}
