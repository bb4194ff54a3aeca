import type { FaultKind } from "../../core/errors";
import type { Machine } from "../../core/machine";
import type { Limits } from "../../core/replica/limits";
import type { ContainerState, ContainerRequest, DockerInfo } from "../../core/adapter-ports";
import type { ImageState, VolumeState } from "../../core/adapter-ports";

/**
 * All that there is in a fake world, as plain JSON: several processes may share it through a file.
 */
export interface FakeState {
  hosts: Record<string, FakeHost>;
  /** Further names of hosts: two names may lead to one machine. */
  aliases: Record<string, string>;
  /**
   * Names of hosts by the place (`placeKey`) that a connection leads to: stronger than the name it
   * is opened by.
   */
  places: Record<string, string>;
  /** Images that `pull` finds. */
  registry: Record<string, ImageState>;
  /** Counts what was made, so that ids differ and stay the same from run to run. */
  made: number;
}

export interface FakeHost {
  readonly name: string;
  machine: Machine;
  architecture: string;
  /** What its Docker says of itself that is not as usual. */
  docker: Partial<DockerInfo>;
  containers: FakeContainer[];
  volumes: FakeVolume[];
  images: Record<string, ImageState>;
  /** Files of the host itself, by absolute path. */
  files: Record<string, FakeFile>;
  /** What is wrong with the host for as long as it is set. */
  faults: FakeFaults;
  /** What is to go wrong once. */
  failures: FakeFailure[];
  /** Room for the state of commands that a test adds. */
  extra: Record<string, unknown>;
}

export interface FakeFaults {
  /** Does not answer. */
  down?: boolean;
  /** Refuses the connection: the machine is there, and its containers run. */
  withoutSshd?: boolean;
  /** Says that it is there, and does not come to a log-in. */
  tooBusy?: boolean;
  /** Shows another host key than the pinned one. */
  otherHostKey?: boolean;
  refusesKey?: boolean;
  refusesSudo?: boolean;
  withoutDocker?: boolean;
  /** The network is not launched there, so its proxy is not to be had. */
  withoutProxy?: boolean;
}

export interface FakeFailure {
  /** "docker.start", "shell.run": method of a port; "open": the connection. */
  call: string;
  /** @default "trouble" */
  kind?: FaultKind;
  /** "after": it was done, but its answer is lost. */
  when: "before" | "after";
  reason: string;
}

export interface FakeContainer {
  id: string;
  name: string;
  request: ContainerRequest;
  imageId: string;
  /** Names of the volumes that were made for it alone, by where it sees them. */
  unnamed?: Record<string, string>;
  status: ContainerState["status"];
  exitCode: number;
  error: string;
  health: ContainerState["health"];
  restart: ContainerState["restart"];
  /** Set since it was made. */
  limits?: Limits;
  memoryInUse?: number;
  startedAt: string;
  /**
   * Whether its last start went through the network's proxy: only then it has its overlay
   * addresses.
   */
  proxied: boolean;
  /** It runs, and nobody from outside gets to it yet. */
  inboundBlocked?: boolean;
  /** What it wrote. */
  log: string;
}

export interface FakeVolume extends VolumeState {
  /** By path inside the volume. */
  files: Record<string, FakeFile>;
}

export interface FakeFile {
  /** Base64, as a world may be kept as JSON. */
  content: string;
  mode: number;
}

export function newFakeHost(name: string, machine: Machine): FakeHost {
  return {
    name,
    machine,
    architecture: "amd64",
    docker: {},
    containers: [],
    volumes: [],
    images: {},
    files: {},
    faults: {},
    failures: [],
    extra: {},
  };
}
