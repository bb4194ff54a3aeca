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
import { requireHandedOver, requireSameThere } from "./attached";
import { gatherGroup } from "./gather-group";
import { startStranded } from "./group-steps";
import { missingImageRoom } from "./image";
import { folderOfVolume } from "../../core/adoption/same-data";
import { folderIn, folderOf } from "../../core/volume/folder";
import type { VolumeState } from "../../core/adapter-ports";
import type { ReplicaVolume } from "../../core/replica/model";
import type { DriverOptions, VolumeDriver } from "../../core/volume/driver";
import { requireFolderAlone, requirePlaceFor } from "./data-places";
import { isOurs } from "../../core/volume/owner";
import { openHost } from "../replica/discover";
import { requireSubPaths } from "../replica/sub-paths";
import { kindOf, withoutClaim } from "../replica/outcome";
import type { ReplicaTools } from "../replica/replica-tools";
import { movedVolumes, type MoveJob } from "./job";
import type { GroupMember } from "./group";
import { requireOlderCopy } from "../replica/older-copy";

/** What the copy will be about. */
export interface Preflight {
  /** On disk, at the source. */
  readonly dataBytes: number;
  /** Replicas that share a volume with it, and come along. */
  readonly members: readonly GroupMember[];
}

/** Refuses a move that cannot end well, before anything is changed on any host. */
export async function preflight(tools: ReplicaTools, job: MoveJob): Promise<Preflight> {
  try {
    requireMovable(tools, job);
    requireHandedOver(job);
    // From here on a host that is lost is told of soon: somebody may have to be put back.
    for (const { name } of [job.source, job.target]) {
      await openHost(tools, name, job.connections, "failFast");
    }
    const members = await gatherGroup(tools, job);
    const [dataBytes] = await Promise.all([
      requireRoom(tools, job, members),
      requireNoTies(tools, job, members),
      requireSameMachineKind(job),
      requireSubPaths(job.target, job.replica),
      requireFreePorts(tools, job),
      requireFreeVolumes(tools, job),
    ]);
    return { dataBytes, members };
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    throw refusal(job, error, await startStranded(tools, job));
  }
}

/** `done`: what had to be put right nevertheless. */
export function refusal(
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
async function requireSameMachineKind(job: MoveJob): Promise<void> {
  const { source, target } = job;
  const [ours, theirs] = await Promise.all([source.docker.info(), target.docker.info()]);
  const [from, to] = [
    { host: source.name, ...ours },
    { host: target.name, ...theirs },
  ] as const;
  const reason = otherArchitecture(from, to) ?? (hasData(job) ? otherOwners(from, to) : undefined);
  if (reason !== undefined) throw new FerryError({ kind: "settings", reason });
}

/** Wherever it is: its files belong to the same numbers on both hosts. */
function hasData(job: MoveJob): boolean {
  return movedVolumes(job).length + Object.keys(job.replica.volumes).length > 0;
}

async function requireRoom(
  tools: ReplicaTools,
  job: MoveJob,
  members: readonly GroupMember[],
): Promise<number> {
  const { source, target } = job;
  const paths = copied(job, members).map(({ path }) => path);
  // Folders of the host's own are on disks of their own, and are looked at one by one.
  const apart = Object.values(job.replica.volumes).map(folderOfVolume);
  const folders = paths.filter((path) => apart.includes(path));
  const [dataBytes, inFolders, there, info] = await Promise.all([
    tools.movers.estimate(source, paths),
    folders.length === 0 ? 0 : tools.movers.estimate(source, folders),
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
    dataBytes: Math.max(0, dataBytes - inFolders - there),
    image,
  });
  if (problem !== undefined) throw new FerryError({ kind: "settings", reason: problem });
  return dataBytes;
}

/** The source's volumes that the move is about, the members' included. */
function copied(job: MoveJob, members: readonly GroupMember[]): { name: string; path: string }[] {
  return [
    ...movedVolumes(job).map(({ name, source }) => ({ name, path: source })),
    ...members.flatMap(({ own }) =>
      own.map(({ name, mountpoint }) => ({ name, path: mountpoint })),
    ),
  ];
}

async function requireNoTies(
  { facts }: ReplicaTools,
  job: MoveJob,
  members: readonly GroupMember[],
): Promise<void> {
  for (const { name, path } of copied(job, members)) {
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
  const paths = states.flatMap((state) =>
    state === undefined || folderOf(state) !== undefined ? [] : [state.mountpoint],
  );
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

/** A folder that the container has, but not yet as data that moves, would stay behind. */
function requireItsFolder(
  { container, source }: MoveJob,
  key: string,
  options: DriverOptions,
  here: VolumeState | undefined,
): void {
  const folder = folderIn(options);
  if (here !== undefined || folder === undefined) return;
  if (container.mounts.every((mount) => mount.volume !== undefined || mount.source !== folder))
    return;
  throw new FerryError({
    kind: "settings",
    reason:
      `its container has folder '${folder}' of host '${source.name}' itself, and not yet as volume '${key}'. Run \`pulumi up\` ` +
      "with the host that it is on first, and move it then",
  });
}

/** What could not be taken there is not let go here. */
async function requireTakeable(
  { source, target }: MoveJob,
  key: string,
  { name, driverOptions: options }: ReplicaVolume,
  driver: VolumeDriver,
): Promise<void> {
  const problem = await driver.takeProblem(target, { name, options }, source);
  if (problem === undefined) return;
  throw new FerryError({ kind: "settings", reason: `volume '${key}' ${problem}` });
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
    if (driver.scope !== "host") {
      requireSameThere(job, { here, there }, volume, driver);
      if (here !== undefined) await requireTakeable(job, key, volume, driver);
      continue;
    }
    if (here !== undefined) await requireFolderAlone(source, here);
    if (there === undefined) {
      requireItsFolder(job, key, volume.driverOptions, here);
      const bytes = here === undefined ? 0 : await tools.movers.estimate(source, [here.mountpoint]);
      const options = volume.driverOptions;
      await requirePlaceFor(driver, target, { called: `volume '${key}'`, options, bytes });
      continue;
    }
    await requireFolderAlone(target, there);
    const ours = isOurs(there, volume);
    await requireOlderCopy(tools, { id: job.id, target, there, ours, entry: targetEntry });
  }
}
