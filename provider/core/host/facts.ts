import type { DockerInfo } from "../adapter-ports";

/** What the machine itself has, beside Docker and the network. */
export interface MachineFacts {
  /** The `docker` command; a package of its own on some distributions. */
  readonly hasDockerCommand: boolean;
  /**
   * Its version where Docker refuses it, or it Docker: they have no version of the API in common.
   */
  readonly refusedDockerCommand?: string;
  readonly iptables: "nft" | "legacy" | "none";
  readonly hasEbtables: boolean;
  /**
   * Programs that are busybox's, or missing, where Ferry's scripts need those of GNU and
   * util-linux.
   */
  readonly lesserTools: readonly string[];
  readonly hasSystemd: boolean;
  readonly selinux: "enforcing" | "permissive" | "none";
  /** Of rsync and python3 as they name it themselves, undefined where there is none. */
  readonly rsync?: string;
  readonly python?: string;
  /**
   * How far its clock is ahead of the operator's, in seconds; what a question takes is left out.
   */
  readonly clockAheadSeconds: number;
}

/** A host as it was found, for the table that decides whether Ferry can work there. */
export interface HostFacts {
  readonly docker: DockerInfo;
  readonly machine: MachineFacts;
}

/** "1.24" against "1.9": as numbers, part by part. Negative when `a` is the lower one. */
export function compareVersions(a: string, b: string): number {
  const parts = (text: string) => (/\d+(\.\d+)*/.exec(text)?.[0] ?? "0").split(".").map(Number);
  const [ours, theirs] = [parts(a), parts(b)];
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const difference = (ours[i] ?? 0) - (theirs[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const OLDEST_DOCKER = "20.10";

export const majorOf = ({ docker }: Pick<HostFacts, "docker">) =>
  Number(/^\d+/.exec(docker.version)?.[0] ?? 0);

/** Docker itself, in a place where it is known to work. */
export const isDocker = ({ docker }: Pick<HostFacts, "docker">) =>
  docker.engine === "docker" && !docker.rootless;
