import type { Readable, Writable } from "stream";
import type { BuildRequest } from "./build/build-request";
import type { Connection } from "./connection";
import type { ContainerCommand, ContainerSpec, RestartPolicy } from "./container-spec";
import type { Machine } from "./machine";
import type { Limits } from "./replica/limits";

/**
 * The ports: what Ferry needs from the outside, as interfaces. `provider/adapters` has the real
 * ones and their fakes; both pass the same contract suites (test/contracts). Every method rejects
 * with a FerryError that names the host, and none is optional: one that forgets a guard must not
 * compile.
 */

/**
 * One host. Sessions are shared: all that a run does to a host goes over the one SSH connection
 * behind it.
 */
export interface Host {
  /** The name that the user's program gives it; used in every message. */
  readonly name: string;
  readonly connection: Connection;
  /**
   * The same as it was asked for: where it says so, `connection` has more of it from files of this
   * machine.
   */
  readonly asked: Connection;
  /**
   * Kind and fingerprint of the key that it has shown, as `Connection.knownHostKey` takes it:
   * "ssh-ed25519 SHA256:...".
   */
  readonly hostKey: string;
  readonly shell: Shell;
  readonly docker: Docker;
  /**
   * Which machine answers, whatever it is called. Asked once for each connection and remembered
   * until that is lost. Rejects as `docker.info` does.
   */
  machine(): Promise<Machine>;
}

/**
 * How hard a host is tried that is not connected yet. "full": as often and as long as its
 * connection says; one that this run has found silent a short while ago is told of at once, and
 * later after one short try. "failFast": one short try. "anew": as often and as long as its
 * connection says, whatever is remembered: before anything is done because it is silent.
 */
export type Effort = "failFast" | "full" | "anew";

/** Hands out hosts. */
export interface HostDirectory {
  /**
   * Connects at the first use; whoever asks for a host at the same time shares the attempt. Rejects
   * when the host is unknown, does not answer, shows another key or refuses ours.
   * @param effort "full" unless given
   */
  open(name: string, connection: Connection, effort?: Effort): Promise<Host>;
  /** Ends every connection. */
  close(): Promise<void>;
}

export interface Command {
  /** Program and arguments: quoted by the adapter's one quoting function, never by the caller. */
  readonly argv: readonly string[];
  /** Written to standard input, then closed. Secrets go this way and no other. */
  readonly stdin?: string | Buffer;
  /** Run as root: `sudo -n` in front when the connection's user is not root. @default false */
  readonly root?: boolean;
  /** The command is ended there when it passes. @default 60; none for `stream` */
  readonly timeoutSeconds?: number;
  /** Strings to be replaced by *** in errors. */
  readonly redact?: readonly string[];
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StreamingCommand {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Settles when the command has ended; stdout is empty as it was streamed. */
  readonly done: Promise<CommandResult>;
  /** Ends the command: sends it SIGTERM and closes the channel; its exit code is 143 then. */
  kill(): void;
}

export interface Shell {
  /** Resolves with any exit code; rejects on a lost connection or a passed deadline. */
  run(command: Command): Promise<CommandResult>;
  /** As `run`, but an exit code other than 0 rejects with the reason. Returns stdout. */
  check(command: Command): Promise<string>;
  /**
   * Runs a constant POSIX shell script with arguments ($1...), sent by standard input so that
   * nothing of it is on a command line. The script must hold no user's text: that comes in through
   * `args`.
   */
  script(
    script: string,
    args: readonly string[],
    options?: Omit<Command, "argv" | "stdin">,
  ): Promise<CommandResult>;
  stream(command: Omit<Command, "stdin">): Promise<StreamingCommand>;
  /**
   * Atomic: a temporary file in the same folder, fsync, rename, fsync of the folder. Makes missing
   * parents. `mode` is 0600 unless given.
   */
  writeFile(
    path: string,
    content: string | Buffer,
    options?: { mode?: number; root?: boolean },
  ): Promise<void>;
  /** undefined when absent. */
  readFile(path: string, options?: { root?: boolean }): Promise<string | undefined>;
}

/** What Docker says of a container. */
export interface ContainerState {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";
  readonly exitCode: number;
  readonly error: string;
  readonly pid: number;
  readonly health: "none" | "starting" | "healthy" | "unhealthy";
  readonly restart: RestartPolicy;
  /** Those that hold: what its host's kernel cannot do is left out. Absent when there are none. */
  readonly limits?: Limits;
  /** With its host name before it, what the network's DNS knows it by; absent when it has none. */
  readonly domainname?: string;
  readonly environment: readonly string[];
  /** Ids or names of the containers whose namespaces it is in. Absent where there are none. */
  readonly joins?: readonly string[];
  readonly startedAt: string;
  readonly mounts: readonly {
    readonly volume?: string;
    readonly source: string;
    readonly target: string;
    readonly readOnly?: boolean;
    /** Docker made the volume for this very container: nobody named it. */
    readonly anonymous?: boolean;
  }[];
  /** Between its stop signal and SIGKILL; absent where Docker's own default holds. */
  readonly stopTimeoutSeconds?: number;
  /** Host ports in use: "8080/tcp". */
  readonly publishedPorts: readonly string[];
}

/**
 * What a container waits behind, on its first start in a move, until its data is there; falls
 * through ever after.
 */
export interface StartBarrier {
  /** A Docker volume of the host that holds a shell of its own, mounted read-only. */
  readonly volume: string;
  readonly mountpoint: string;
  /**
   * Put before the image's own entry point, but for the name of the start barrier: program and
   * arguments.
   */
  readonly entrypoint: readonly string[];
}

/** What is needed, beside the spec, to make a container. */
export interface ContainerRequest {
  readonly name: string;
  readonly spec: ContainerSpec;
  readonly environment: Readonly<Record<string, string>>;
  /** Names of Docker volumes for the spec's volume keys. */
  readonly volumeNames: Readonly<Record<string, string>>;
  /** Paths on the host for the spec's files. */
  readonly filePaths?: Readonly<Record<string, string>>;
  /** Labels of ours, beside the user's. */
  readonly labels: Readonly<Record<string, string>>;
  /** Absent: Docker's choice. */
  readonly hostname?: string;
  readonly domainname?: string;
  readonly dnsSearch: readonly string[];
  /** Overrides the spec's. */
  readonly restart?: RestartPolicy;
  /** Addresses on the overlay, "10.40.0.2/24": given to the network's proxy. */
  readonly overlayAddresses: readonly string[];
  /**
   * The start barrier that it waits behind, under this name, and the image's own words, which the
   * start barrier goes before.
   */
  readonly startBarrier?: StartBarrier & {
    readonly name: string;
    readonly image: Pick<ImageState, "entrypoint" | "command">;
  };
}

export interface DockerInfo {
  /** The engine's own; "" when it tells none. */
  readonly id: string;
  readonly version: string;
  readonly apiVersion: string;
  /** In the words that images use: "amd64". */
  readonly architecture: string;
  readonly operatingSystem: string;
  readonly rootDirectory: string;
  /** What the machine has, where it tells. */
  readonly cpus?: number;
  readonly memoryBytes?: number;
  /** Where its containerd listens; "" when it does not say, as up to version 26. */
  readonly containerdAddress: string;
  /** The oldest API that it takes: "1.24". */
  readonly minApiVersion: string;
  /** Podman answers on Docker's socket as well. */
  readonly engine: "docker" | "podman";
  readonly rootless: boolean;
  /** Users in containers are others on the host (userns-remap). */
  readonly usernsRemap: boolean;
  readonly liveRestore: boolean;
  /** Where images and layers are: Docker's own store, or containerd's. */
  readonly imageStore: "docker" | "containerd";
  readonly kernel: string;
  readonly cgroupVersion: "1" | "2";
}

export interface VolumeState {
  readonly name: string;
  readonly driver: string;
  /** Where its data is. */
  readonly mountpoint: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** What its driver says of where the data is; it means little. */
  readonly declared?: "global";
}

/**
 * Docker's API on one host, over the forwarded socket. "Missing" is undefined or success, never an
 * error.
 */
export interface Docker {
  info(): Promise<DockerInfo>;
  /** By name or id. */
  container(nameOrId: string): Promise<ContainerState | undefined>;
  /** All containers, stopped ones too, that carry every one of these labels. */
  containers(labels: Readonly<Record<string, string>>): Promise<ContainerState[]>;
  /**
   * Creates through the network's proxy when there are overlay addresses, else through Docker
   * itself. Returns the id.
   */
  create(request: ContainerRequest): Promise<string>;
  /**
   * `proxied`: through the network's proxy, which holds the entry point back until the address is
   * there.
   */
  start(id: string, options: { proxied: boolean }): Promise<void>;
  stop(id: string, timeoutSeconds: number): Promise<void>;
  kill(id: string, signal: string): Promise<void>;
  /**
   * Runs or not. Volumes stay, anonymous ones too: what is in them may be all that there is of it.
   */
  remove(id: string): Promise<void>;
  /** Frees a container's name for the one that takes its place. */
  rename(id: string, name: string): Promise<void>;
  setRestartPolicy(id: string, policy: RestartPolicy): Promise<void>;
  /** Changes these of a container, whether it runs or not; others stay as they are. */
  setLimits(id: string, limits: Limits): Promise<void>;
  /** Bytes that cannot be taken from what runs in it; undefined where that is not known. */
  memoryInUse(id: string): Promise<number | undefined>;
  /** The last lines that the container wrote, for an error message. */
  logs(id: string, lines: number): Promise<string>;
  /**
   * Runs a command inside a container; exit code and output. `as` goes to Docker alone, and is on
   * no command line of the host's.
   */
  exec(
    id: string,
    argv: readonly string[],
    timeoutSeconds: number,
    as?: Omit<ContainerCommand, "argv">,
  ): Promise<CommandResult>;
  /** Image id, size in bytes and architecture. */
  image(reference: string): Promise<ImageState | undefined>;
  pull(reference: string, credentials?: RegistryCredentials): Promise<void>;
  /**
   * By the host's own BuildKit. The image has its name once all of it is there, and not before.
   * Rejects with the step that failed and the last lines that it wrote.
   */
  build(request: BuildRequest, tell: (step: string) => void): Promise<void>;
  /** Gives an image a further name. */
  tagImage(reference: string, name: string): Promise<void>;
  /** Names of images that carry every one of these labels. */
  imageNames(labels: Readonly<Record<string, string>>): Promise<readonly string[]>;
  /** Takes the name off, and the image with its last one; false where a container still uses it. */
  removeImage(reference: string): Promise<boolean>;
  /** The layers of each image that is there, the lowest first; they are the same in every store. */
  imageLayers(): Promise<readonly (readonly string[])[]>;
  /**
   * `docker save`. By its id, the image comes without its names. `without` are layers that it
   * begins with and whoever loads it has already.
   */
  saveImage(reference: string, without?: readonly string[]): Promise<Readable>;
  /**
   * `docker load`. Resolves with what Docker calls that which came: references, or ids of images
   * without one.
   */
  loadImage(archive: Readable): Promise<readonly string[]>;
  volume(name: string): Promise<VolumeState | undefined>;
  volumes(labels: Readonly<Record<string, string>>): Promise<VolumeState[]>;
  createVolume(volume: {
    name: string;
    driver: string;
    options: Readonly<Record<string, string>>;
    labels: Readonly<Record<string, string>>;
  }): Promise<VolumeState>;
  removeVolume(name: string): Promise<void>;
}

/** Who a registry takes us for. A secret. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

export interface ImageState {
  readonly id: string;
  /** In the words of its store: see core/image/room.ts. */
  readonly sizeBytes: number;
  /** What of it is there, told apart by containerd's store alone, and from Docker 28 on. */
  readonly stored?: { readonly archive: number; readonly unpacked: number };
  readonly architecture: string;
  /** What a container of it runs when nothing else is said; absent when the image does not say. */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** Where a registry has it: "redis@sha256:..."; absent when it never was in one. */
  readonly digests?: readonly string[];
  /** When a name was last given to it there: pulled, built or loaded. Absent where not told. */
  readonly namedAt?: string;
  /** What it is made of, the same in every store; absent where the store does not say. */
  readonly content?: {
    readonly layers: readonly string[];
    /** What the image says of its containers, and when it was made. */
    readonly config: Readonly<Record<string, unknown>>;
  };
  /**
   * Where a container of it has a volume of its own, unless it is told to mount another there;
   * absent when nowhere.
   */
  readonly volumes?: readonly string[];
}

/** Told all along a long operation; shown under the resource by `pulumi up`. */
export interface Progress {
  info(message: string): void;
  warn(message: string): void;
}
