import type { DockerInfo, StartBarrier, Host, Progress } from "../adapter-ports";
import type { RestartPolicy } from "../container-spec";
import type { Copied } from "./copied";
import type { CutoverJournals } from "./journal";
import type { Disks } from "./room";

/** A folder of the source that becomes a folder of the target. */
export interface CopyPath {
  /** The volume's name, for messages. */
  readonly name: string;
  /** Absolute path on the source. */
  readonly source: string;
  /** Absolute path on the target; it exists. */
  readonly target: string;
}

export interface CopyRoute {
  /** The replica's id: what a former move of the same replica left behind is cleared away by it. */
  readonly replica: string;
  readonly source: Host;
  readonly target: Host;
  readonly paths: readonly CopyPath[];
  readonly progress: Progress;
  /** How the replica is called in messages. */
  readonly label: string;
  /**
   * The copy was begun by a run that was interrupted: whatever is on the target may be half a file.
   */
  readonly resumed?: boolean;
  /** Bytes per second, over all streams, in the cutover too. Absent: as fast as it goes. */
  readonly maxBandwidth?: number;
}

export interface Round extends Copied {
  readonly durationMs: number;
}

/** How source and target compare after the final delta. */
export interface Comparison {
  readonly equal: boolean;
  /** The first few differences, one sentence each. */
  readonly differences: readonly string[];
}

/** What makes one move's cutover. Every method rejects with a FerryError that names the host. */
export interface CutoverMaker {
  /**
   * Makes everything ready for a cutover that is one command on the target. Undefined where that
   * does not go (no start barrier before the container's program, no inbound block in front of its
   * address), which is told with its reason; nothing has changed then.
   */
  armCutover(plan: CutoverPlan): Promise<ArmedCutover | undefined>;
  /** Takes away keys, files and connections that were needed. Safe to call twice. */
  cleanup(): Promise<void>;
}

/** One move's copying. Every method rejects with a FerryError that names the host. */
export interface DataMover extends CutoverMaker {
  /**
   * `direct`: from host to host, in rounds. `relay`: through the operator's machine, and only in
   * the cutover.
   */
  readonly way: "direct" | "relay";
  /** Copies what differs. `final`: the source is stopped, so that nothing may be missing after. */
  round(options: { final: boolean }): Promise<Round>;
  /**
   * Makes sure that the next round looks again into whatever may have changed since the last one
   * began.
   */
  distrustRecent(): Promise<void>;
  /** Compares both sides; `content` hashes every file. Only meaningful after the final round. */
  compare(options: { content: boolean }): Promise<Comparison>;
}

/**
 * All that the cutover needs to know; the hosts' side of it only ever writes the texts that are
 * given here.
 */
export interface CutoverPlan {
  readonly journals: CutoverJournals;
  readonly source: {
    /** Its container, which runs. */
    readonly containerId: string;
    /** Put back when the cutover is taken back. */
    readonly restart: RestartPolicy;
    /** Seconds between the stop signal and SIGKILL. */
    readonly stopTimeoutSeconds: number;
  };
  readonly target: {
    /** Its container, made with a start barrier and never started. */
    readonly containerId: string;
    /** Its own, from commit on; absent: it keeps the one that it was made with. */
    readonly restart?: RestartPolicy;
    /** The start barrier's name for it. */
    readonly startBarrier: string;
    /** Seconds that it may take until it listens and, where it has a healthcheck, is healthy. */
    readonly healthTimeoutSeconds: number;
    /** It is the same program as on the source, and must listen where that one did. */
    readonly sameProgram: boolean;
  };
  /** Hash everything once more while it is stopped. */
  readonly content: boolean;
}

export interface ArmedCutover {
  /**
   * Runs it to its end. Rejects only when its outcome could not be learned: it may still run then,
   * see `cutoverStatus`.
   */
  run(): Promise<CutoverOutcome>;
  /** Takes away what arming has put on the hosts. Safe to call twice, and after `run`. */
  disarm(): Promise<void>;
}

/** In this order. */
export const CUTOVER_STEPS = [
  "fence",
  "stop",
  "final delta",
  "compare",
  "start",
  "ready",
  "commit",
] as const;

export type CutoverStep = (typeof CUTOVER_STEPS)[number];

export type CutoverOutcome =
  | ({ readonly kind: "committed" } & CutoverFigures)
  | ({
      readonly kind: "failed";
      /** The step that failed. */
      readonly step: CutoverStep;
      /** Why, in words that complete a sentence: "the copies differ: ...". */
      readonly reason: string;
      /**
       * The source runs again, or never stopped. False: look at both hosts before anything is
       * started.
       */
      readonly takenBack: boolean;
    } & CutoverFigures);

export interface CutoverFigures extends Round {
  /** From the source's stop to the moment at which the target may answer, in milliseconds. */
  readonly downtimeMs: number;
  /** How long each step took, in milliseconds; steps overlap. */
  readonly steps: Readonly<Partial<Record<CutoverStep, number>>>;
}

export interface DataMovers {
  /** Space that the folders take on the host, in bytes. */
  estimate(host: Host, paths: readonly string[]): Promise<number>;
  open(route: CopyRoute): Promise<DataMover>;
  /**
   * For a replica without data, whose cutover needs no more than a way from the target to the
   * source. Undefined where there is none, which is told.
   */
  openWithoutData(route: CopyRoute): Promise<CutoverMaker | undefined>;
  /**
   * What a container on this host can wait behind until its data is there; undefined where the host
   * has no means.
   */
  startBarrier(host: Host): Promise<StartBarrier | undefined>;
  /** Removes the start barrier's volume when no container uses it any more. */
  dropStartBarrier(host: Host): Promise<void>;
  /** Whether a cutover of this replica, begun by whichever run, still goes on on this target. */
  cutoverStatus(host: Host, replica: string): Promise<"none" | "running">;
  /**
   * On the source of a cutover whose target does not answer: ends it, and resolves once nothing of
   * it can run over there any more. "none": there was none.
   */
  endCutover(source: Host, replica: string): Promise<"none" | "ended">;
  /** What is in these folders survives a power cut from now on. */
  putOnDisk(host: Host, paths: readonly string[]): Promise<void>;
  /**
   * Takes away what a move of this replica that was interrupted has left on the host: keys,
   * scripts, open connections.
   */
  clear(host: Host, replica: string): Promise<void>;
}

/** What a preflight asks a host, beside what Docker knows. */
export interface HostFacts {
  /** The disks that Docker's volumes and images are on. */
  disks(host: Host, docker: DockerInfo): Promise<Disks>;
  /** Ports that something on the host listens on: "8080/tcp". */
  listeningPorts(host: Host): Promise<ReadonlySet<string>>;
  /** What in this folder keeps it from ever having an equal copy on another host. */
  ties(host: Host, path: string): Promise<Ties>;
  /**
   * A name in this folder that was changed after the file was written last, by the host's own
   * clock; undefined when none was.
   */
  changedSince(host: Host, path: string, file: string): Promise<string | undefined>;
}

/** Names are of one line: whatever else is in them, for messages. */
export interface Ties {
  /** A folder in it that is of another file system. */
  readonly mounted?: string;
  /** Files in it that have further names elsewhere: how many, and one of them. */
  readonly linked?: { readonly count: number; readonly name: string };
}
