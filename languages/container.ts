import type { Input } from "@pulumi/pulumi";

/** What a replica's container is to be. */
export interface Container {
  /** As `docker run` takes it: `[registry/]name[:tag][@digest]`. */
  image: Input<string>;
  /** In place of the image's own. */
  entrypoint?: Input<Input<string>[]>;
  /** In place of the image's own; a program and its arguments, no shell text. */
  command?: Input<Input<string>[]>;
  /** An absolute path. The image's own when absent. */
  workingDir?: Input<string>;
  /** Name or number, with `:group` at will. The image's own when absent. */
  user?: Input<string>;
  /** Further groups of the user, by name or number. */
  groupAdd?: Input<Input<string>[]>;
  /** Ports published on the host. The overlay reaches every port without. */
  ports?: Input<Input<PortBinding>[]>;
  /** Volumes, folders of the host, and file systems in memory. */
  mounts?: Input<Input<Mount>[]>;
  /** Beside Ferry's own, which start with `pulumi-ferry.`. */
  labels?: Input<Record<string, Input<string>>>;
  /** "no" when absent, as Docker has it. */
  restart?: Input<RestartPolicy>;
  /** In place of the image's own. A move waits until it passes. */
  healthcheck?: Input<Healthcheck>;
  /** Name or number, such as "SIGINT". The image's own when absent, else SIGTERM. */
  stopSignal?: Input<string>;
  /** Seconds between the stop signal and SIGKILL. 10 when absent. */
  stopTimeoutSeconds?: Input<number>;
  /** A small init as process 1, which reaps children. False when absent. */
  init?: Input<boolean>;
  /** A terminal for the program. False when absent. */
  tty?: Input<boolean>;
  /** Standard input stays open though nobody is attached. False when absent. */
  stdinOpen?: Input<boolean>;
  /** The image's file system is read-only; volumes are not. False when absent. */
  readOnly?: Input<boolean>;
  /** All of the host, as root. False when absent. */
  privileged?: Input<boolean>;
  /** Capabilities beside Docker's usual ones, such as "NET_ADMIN". */
  capAdd?: Input<Input<string>[]>;
  /** Capabilities that are taken away; "ALL" for all. */
  capDrop?: Input<Input<string>[]>;
  /** Such as "no-new-privileges:true". */
  securityOpt?: Input<Input<string>[]>;
  /** Devices of the host. */
  devices?: Input<Input<DeviceMapping>[]>;
  /** Kernel settings of the container's own namespaces, such as `net.core.somaxconn`. */
  sysctls?: Input<Record<string, Input<string>>>;
  /** Bounds of its processes, such as open files. */
  ulimits?: Input<Input<Ulimit>[]>;
  /** Names for addresses, as in `extra_hosts`. */
  extraHosts?: Input<Input<ExtraHost>[]>;
  /** Servers that names are looked up at. */
  dns?: Input<Input<string>[]>;
  /** Domains that are looked through for short names. */
  dnsSearch?: Input<Input<string>[]>;
  /** Most memory that it may use. No bound when absent. */
  memoryBytes?: Input<number>;
  /** Memory and swap together; -1 is no bound. */
  memorySwapBytes?: Input<number>;
  /** What it is held to when the host is short of memory. */
  memoryReservationBytes?: Input<number>;
  /** Size of `/dev/shm`. 64 MiB, as Docker has it when absent. */
  shmSizeBytes?: Input<number>;
  /** Processors at most, such as 0.5. No bound when absent. */
  cpus?: Input<number>;
  /** Weight against other containers when processors are short. 1024 when absent. */
  cpuShares?: Input<number>;
  /** Processors that it may run on, such as "0-3" or "0,2". */
  cpusetCpus?: Input<string>;
  /** Most processes and threads; -1 is no bound. */
  pidsLimit?: Input<number>;
  /** From -1000 (killed last when memory is short) to 1000. */
  oomScoreAdj?: Input<number>;
  /** Where its output goes. The host's own way when absent. */
  logging?: Input<Logging>;
  /** Run in it after each start that Ferry does. */
  postStart?: Input<Input<ContainerCommand>[]>;
  /** Run in it before each stop that Ferry does. */
  preStop?: Input<Input<ContainerCommand>[]>;
}

/** A command in the container, beside its program. */
export interface ContainerCommand {
  /** A program and its arguments; no shell is in between. */
  argv: Input<Input<string>[]>;
  /** Name or number, with `:group` at will. The container's when absent. */
  user?: Input<string>;
  /** All of the host, as root. */
  privileged?: Input<boolean>;
  /** An absolute path. The container's when absent. */
  workingDir?: Input<string>;
  /** Beside the container's own. */
  environment?: Input<Record<string, Input<string>>>;
}

/** A line of /etc/hosts. */
export interface ExtraHost {
  /** What the container calls it. */
  name: Input<string>;
  /** Its address. */
  ip: Input<string>;
}

/** Where a container's output goes. */
export interface Logging {
  /** Docker's logging driver, such as "json-file". */
  driver: Input<string>;
  /** The driver's options, such as `{ "max-size": "10m" }`. */
  options: Input<Record<string, Input<string>>>;
}

/** A port published on the host. */
export interface PortBinding {
  /** The port that the program listens on. */
  containerPort: Input<number>;
  /** Absent: Docker picks one. */
  hostPort?: Input<number>;
  /** The host's address that it is published on. All when absent. */
  hostIp?: Input<string>;
  /** As the program listens. */
  protocol: Input<string>;
}

/** What the container has at a path: a volume, a folder of the host, or memory. */
export interface Mount {
  /** "volume", "bind" or "tmpfs". */
  type: Input<string>;
  /** Of a volume: its key in the deployment; absent for an anonymous one. */
  volume?: Input<string>;
  /** Of a bind: an absolute path on the host. A container that may write there cannot move. */
  source?: Input<string>;
  /** An absolute path in the container. */
  target: Input<string>;
  readOnly?: Input<boolean>;
  /** Of memory. Half of the host's when absent. */
  sizeBytes?: Input<number>;
  /** Of memory: permission bits. 0o1777 when absent. */
  mode?: Input<number>;
}

/** When Docker starts it again by itself. */
export interface RestartPolicy {
  /** "no" never; "always" and "unless-stopped" whenever it ends; "on-failure" with an exit code. */
  name: Input<string>;
  /** With "on-failure" only. No bound when absent. */
  maximumRetryCount?: Input<number>;
}

/** A command in the container that says whether it works. */
export interface Healthcheck {
  /**
   * Docker's form: ["NONE"], ["CMD", ...] or ["CMD-SHELL", "..."]; [] keeps the image's own test.
   */
  test: Input<Input<string>[]>;
  /** Between two tests. 30 when absent. */
  intervalSeconds?: Input<number>;
  /** A test that takes longer has failed. 30 when absent. */
  timeoutSeconds?: Input<number>;
  /** After the start, in which failed tests do not count. 0 when absent. */
  startPeriodSeconds?: Input<number>;
  /** Tests in a row that must fail for it to be unhealthy. 3 when absent. */
  retries?: Input<number>;
}

/** A device of the host, as the container has it. */
export interface DeviceMapping {
  /** Such as "/dev/ttyUSB0". */
  hostPath: Input<string>;
  /** Where the container has it. */
  containerPath: Input<string>;
  /** Any of `r`, `w` and `m`. */
  permissions: Input<string>;
}

/** A bound on what a process may use. */
export interface Ulimit {
  /** Such as "nofile". */
  name: Input<string>;
  /** Which the program may raise itself. -1 is no bound. */
  soft: Input<number>;
  /** -1 is no bound. */
  hard: Input<number>;
}
