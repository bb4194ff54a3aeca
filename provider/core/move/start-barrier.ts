import { createHash } from "crypto";
import type { ContainerState, StartBarrier } from "../adapter-ports";

/**
 * The Docker volume that holds a host's gate; one per host, gone with the last container that uses
 * it.
 */
export const BARRIER_VOLUME = "pulumi-ferry-gate";
/** Where a container sees it. */
export const BARRIER_MOUNTPOINT = "/.ferry";

/**
 * Waits while there is a FIFO at the start barrier's name; without one it falls straight through.
 */
const WAIT = '[ ! -p "$0" ] || read _ <"$0"; exec "$@"';

/**
 * `folder` holds the host's own shell and, unless that is linked statically, its loader and
 * libraries.
 */
export function barrierIn(folder: string, linked: "statically" | "dynamically"): StartBarrier {
  const at = `${BARRIER_MOUNTPOINT}/${folder}`;
  const shell =
    linked === "statically"
      ? [`${at}/sh`]
      : [`${at}/ld.so`, "--library-path", `${at}/lib`, `${at}/sh`];
  return {
    volume: BARRIER_VOLUME,
    mountpoint: BARRIER_MOUNTPOINT,
    entrypoint: [...shell, "-c", WAIT],
  };
}

/**
 * A name of its own for each container that was ever made for a replica, whatever characters its id
 * holds.
 */
export function barrierName(replica: string, epoch: number): string {
  return `${createHash("sha256").update(replica).digest("hex").slice(0, 12)}-${epoch}`;
}

/** Whether the container was made with a start barrier. */
export function hasStartBarrier({ mounts }: Pick<ContainerState, "mounts">): boolean {
  return mounts.some(({ volume }) => volume === BARRIER_VOLUME);
}
