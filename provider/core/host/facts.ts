import type { DockerInfo } from "../ports";

/** The weave command of a host. */
export interface WeaveCommandFacts {
  /** "2.8.1". */
  readonly version: string;
  /**
   * Whose images it launches: "weaveworks", "rajchaudhuri" (reWeave), or a registry of one's own.
   */
  readonly images: string;
}

/** What the machine itself has, beside Docker and Weave. */
export interface MachineFacts {
  /**
   * The `docker` command, which the weave command calls; a package of its own on some
   * distributions.
   */
  readonly hasDockerCommand: boolean;
  /** Its version where Docker refuses it, or it Docker: they have no version of the API in common. */
  readonly refusedDockerCommand?: string;
  readonly iptables: "nft" | "legacy" | "none";
  readonly hasEbtables: boolean;
  /** Programs that are busybox's, or missing, where Ferry's scripts need those of GNU and util-linux. */
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
  /** undefined: the host has no weave command. */
  readonly weave?: WeaveCommandFacts;
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
