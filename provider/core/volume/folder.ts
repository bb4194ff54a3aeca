import type { VolumeState } from "../adapter-ports";
import { LABELS } from "../identity";
import type { DriverOptions } from "./driver";

/**
 * A folder of a host that is a replica's data: a Docker volume of Ferry's binds it. That volume is
 * what says on each host that the folder there is Ferry's; who has none found somebody else's.
 */
export const FOLDER_DRIVER = "folder";

/** What the folder was when Ferry came to it, which its volume says: what is found is never removed. */
export type FolderBefore = "found" | "empty" | "made";

/** As Docker has it. */
export function folderOptions(path: string): DriverOptions {
  return { type: "none", o: "bind", device: path };
}

/** The folder that these options bind; undefined where they are anything else. */
export function folderIn(options: DriverOptions): string | undefined {
  const { type, o, device, ...rest } = options;
  if (type !== "none" || o !== "bind" || Object.keys(rest).length > 0) return undefined;
  return device;
}

/** The folder of a Docker volume that Ferry has made for one. */
export function folderOf({ labels, options }: Pick<VolumeState, "labels" | "options">) {
  return labels[LABELS.folder] === undefined ? undefined : folderIn(options);
}

/** Where a volume's data is, also while nothing has it mounted. */
export function dataPath(volume: VolumeState): string {
  return folderOf(volume) ?? volume.mountpoint;
}

/** What a host has at a folder's path. */
export interface Folder {
  readonly is: FolderBefore | "absent" | "file" | "linked";
  /** Where a link leads. */
  readonly real?: string;
  readonly freeBytes: number;
}

/** Parses what `folder-look.sh` prints. */
export function parseFolder(text: string): Folder {
  const [first = "", free = ""] = text.split("\n");
  const [is = "", ...real] = first.split(" ");
  return {
    is: is as Folder["is"],
    ...(real.length === 0 ? {} : { real: real.join(" ") }),
    freeBytes: Number(free),
  };
}

/** What belongs to the system, or to Docker: neither they nor what they are in are anybody's data. */
const SYSTEM = [
  ...["/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/run"],
  ...["/sbin", "/sys", "/usr", "/var/lib/containerd", "/var/lib/docker", "/var/lib/ferry"],
  ...["/var/run"],
];

/** Why a folder cannot be data that moves, in words that complete "folder '/etc' ...". */
export function folderProblem(path: string): string | undefined {
  if (!path.startsWith("/")) return "is no absolute path";
  if (/\p{Cc}/u.test(path)) return "has a line break or the like in its name";
  const system = SYSTEM.find((each) => isWithin(path, each) || isWithin(each, path));
  if (system === undefined) return undefined;
  return path === system
    ? "is the system's own"
    : isWithin(path, system)
      ? `is in '${system}', which is the system's own`
      : `has '${system}' in it, which is the system's own`;
}

/** Whether the one is the other, or below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}
