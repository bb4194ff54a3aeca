import type { Host, Progress } from "../ports";
import type { PlacementRecord } from "./record";

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
}

export interface Round {
  /** What went over the network, in bytes. */
  readonly bytesCopied: number;
  readonly filesChanged: number;
  readonly durationMs: number;
}

/** How source and target compare after the final delta. */
export interface Comparison {
  readonly equal: boolean;
  /** The first few differences, one sentence each. */
  readonly differences: readonly string[];
}

/** One move's copying. Every method rejects with a FerryError that names the host. */
export interface DataMover {
  /** `direct`: from host to host, in rounds. `relay`: through the operator's machine, and only in the cut. */
  readonly way: "direct" | "relay";
  /** Copies what differs. `final`: the source is stopped, so that nothing may be missing after. */
  round(options: { final: boolean }): Promise<Round>;
  /** Makes sure that the next round looks again into whatever may have changed since the last one began. */
  distrustRecent(): Promise<void>;
  /** Compares both sides; `content` hashes every file. Only meaningful after the final round. */
  compare(options: { content: boolean }): Promise<Comparison>;
  /** Takes away keys, files and connections that the copying needed. Safe to call twice. */
  cleanup(): Promise<void>;
}

export interface DataMovers {
  /** Space that the folders take on the host, in bytes. */
  estimate(host: Host, paths: readonly string[]): Promise<number>;
  open(route: CopyRoute): Promise<DataMover>;
  /** Takes away what a move of this replica that was cut off has left on the host: keys, scripts, open connections. */
  clear(host: Host, replica: string): Promise<void>;
}

/** What a preflight asks a host, beside what Docker knows. */
export interface HostFacts {
  /** Free bytes of the file system that holds the path. */
  freeBytes(host: Host, path: string): Promise<number>;
  /** Ports that something on the host listens on: "8080/tcp". */
  listeningPorts(host: Host): Promise<ReadonlySet<string>>;
}

/** Makes sure that nothing answers for the address of a container that has ended. */
export interface OverlayFence {
  clear(host: Host): Promise<void>;
}

/** Small files on the hosts that say what a replica's copy there is; the journal will live beside them. */
export interface PlacementRecords {
  /** undefined when the host knows nothing of the replica. */
  read(host: Host, replica: string): Promise<PlacementRecord | undefined>;
  /** Atomic and on disk when it resolves. */
  write(host: Host, record: PlacementRecord): Promise<void>;
  /** Missing is success. */
  remove(host: Host, replica: string): Promise<void>;
}
