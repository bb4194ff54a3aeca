import { createHash } from "crypto";
import type { ContainerState, Gate } from "../ports";

/**
 * The Docker volume that holds a host's gate; one per host, gone with the last container that uses
 * it.
 */
export const GATE_VOLUME = "pulumi-ferry-gate";
/** Where a container sees it. */
export const GATE_MOUNTPOINT = "/.ferry";

/** Waits while there is a FIFO at the gate's name; without one it falls straight through. */
const WAIT = '[ ! -p "$0" ] || read _ <"$0"; exec "$@"';

/**
 * `folder` holds the host's own shell and, unless that is linked statically, its loader and
 * libraries.
 */
export function gateIn(folder: string, linked: "statically" | "dynamically"): Gate {
  const at = `${GATE_MOUNTPOINT}/${folder}`;
  const shell =
    linked === "statically"
      ? [`${at}/sh`]
      : [`${at}/ld.so`, "--library-path", `${at}/lib`, `${at}/sh`];
  return {
    volume: GATE_VOLUME,
    mountpoint: GATE_MOUNTPOINT,
    entrypoint: [...shell, "-c", WAIT],
  };
}

/**
 * A name of its own for each container that was ever made for a replica, whatever characters its id
 * holds.
 */
export function gateName(replica: string, epoch: number): string {
  return `${createHash("sha256").update(replica).digest("hex").slice(0, 12)}-${epoch}`;
}

/** Whether the container was made with a gate. */
export function hasGate({ mounts }: Pick<ContainerState, "mounts">): boolean {
  return mounts.some(({ volume }) => volume === GATE_VOLUME);
}
