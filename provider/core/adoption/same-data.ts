import { posix } from "path";
import type { ContainerState } from "../adapter-ports";
import type { Mount } from "../container-spec";
import { network } from "../network";
import type { PlacedReplica, ReplicaVolume } from "../replica/model";
import { FOLDER_DRIVER, folderIn } from "../volume/folder";

type Had = ContainerState["mounts"][number];

/**
 * Why the replica would not find the data that the container has, path by path; empty when it
 * would. What the container could only read is no data of its own.
 */
export function dataProblems(
  { mounts, environment }: Pick<ContainerState, "mounts" | "environment">,
  { spec, volumes }: Pick<PlacedReplica, "spec" | "volumes">,
): string[] {
  const had = new Map(
    mounts.filter(isTheirs(isOnNetwork({ environment }))).map((mount) => [at(mount), mount]),
  );
  const wanted = new Map((spec.mounts ?? []).map((mount) => [at(mount), mount]));
  const paths = [...new Set([...had.keys(), ...wanted.keys()])].sort();
  return paths.flatMap((path) => {
    const problem = problemAt(path, had.get(path), wanted.get(path), volumes);
    return problem === undefined ? [] : [problem];
  });
}

function problemAt(
  path: string,
  had: Had | undefined,
  wanted: Mount | undefined,
  volumes: PlacedReplica["volumes"],
): string | undefined {
  const reads = wanted === undefined || !mayWrite(wanted);
  if (had === undefined) {
    if (reads) return undefined;
    return `the program mounts ${inWords(wanted, volumes)} at '${path}', where the container has nothing mounted: what it wrote there would be hidden`;
  }
  if (isSame(had, wanted, volumes) || (reads && had.readOnly === true)) return undefined;
  const instead = wanted === undefined ? "nothing" : inWords(wanted, volumes);
  return `the container has ${ofContainer(had)} at '${path}', and the program mounts ${instead} there`;
}

function isSame(had: Had, wanted: Mount | undefined, volumes: PlacedReplica["volumes"]): boolean {
  const isUnnamed = had.volume !== undefined && isMadeUp(had.volume);
  // An unnamed volume is taken over by its id where the program says nothing, or names none.
  if (wanted === undefined) return isUnnamed;
  switch (wanted.type) {
    case "volume": {
      if (wanted.volume === undefined) return isUnnamed;
      const volume = volumes[wanted.volume];
      const folder = folderOfVolume(volume);
      if (folder === undefined) return volume?.name === had.volume;
      return had.volume === undefined && folder === clean(had.source);
    }
    case "bind":
      return had.volume === undefined && clean(wanted.source) === clean(had.source);
    // What the program brings along is read alone; the host's own stays where it is.
    case "file":
      return had.volume === undefined;
    case "tmpfs":
      return false;
  }
}

/** Into what stays when the container is gone. */
export const mayWrite = (mount: Mount): mount is Exclude<Mount, { type: "tmpfs" | "file" }> =>
  mount.type !== "tmpfs" && mount.type !== "file" && mount.readOnly !== true;

/** Docker makes up 64 hexadecimal digits. */
const isMadeUp = (volume: string): boolean => /^[0-9a-f]{64}$/.test(volume);

/** Neither memory nor, where its proxy has started the container, the network's own. */
const isTheirs =
  (onNetwork: boolean) =>
  ({ source, target }: Had): boolean =>
    source !== "" && !(onNetwork && target === network.mountpoint);

/** Somebody has made it through the network's proxy. */
export function isOnNetwork({ environment }: Pick<ContainerState, "environment">): boolean {
  return environment.some((entry) => entry.startsWith(`${network.variable}=`));
}

const clean = (path: string): string => posix.join(path, "/").replace(/(.)\/$/, "$1");
const at = ({ target }: { readonly target: string }): string => clean(target);

/** A folder of the host that is a volume to Ferry. */
export function folderOfVolume(volume: ReplicaVolume | undefined): string | undefined {
  return volume?.driver === FOLDER_DRIVER ? folderIn(volume.driverOptions) : undefined;
}

const ofContainer = ({ volume, source }: Had): string =>
  volume === undefined ? `folder '${source}'` : `volume '${volume}'`;

function inWords(mount: Mount, volumes: PlacedReplica["volumes"]): string {
  if (mount.type === "bind") return `folder '${mount.source}'`;
  if (mount.type === "tmpfs") return "memory";
  if (mount.type === "file") return `file '${mount.file}'`;
  const folder = folderOfVolume(volumes[mount.volume ?? ""]);
  if (folder !== undefined) return `folder '${folder}'`;
  const name = volumes[mount.volume ?? ""]?.name;
  return name === undefined ? "a new volume" : `volume '${name}'`;
}
