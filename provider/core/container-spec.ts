/**
 * What a replica's container is to be, in our own words: compose and fig are parsed into it,
 * `ServiceReplica`'s args are mapped to it, and the Docker adapter turns it into an API request. It
 * holds neither host, nor address, nor DNS name: those belong to the placement.
 */
export interface ContainerSpec {
  /** As `docker run` takes it: `[registry/]name[:tag][@digest]`. */
  readonly image: string;
  /** In place of the image's own. */
  readonly entrypoint?: readonly string[];
  /** In place of the image's own; a program and its arguments, no shell text. */
  readonly command?: readonly string[];
  /** An absolute path. The image's own when absent. */
  readonly workingDir?: string;
  /** Name or number, with `:group` at will. The image's own when absent. */
  readonly user?: string;
  /** Further groups of the user, by name or number. */
  readonly groupAdd?: readonly string[];
  /** Ports published on the host. The overlay reaches every port without. */
  readonly ports?: readonly PortBinding[];
  /** Volumes, folders of the host, and file systems in memory. */
  readonly mounts?: readonly Mount[];
  /** Beside Ferry's own, which start with `pulumi-ferry.`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default { name: "no" } as Docker has it */
  readonly restart?: RestartPolicy;
  /** In place of the image's own. A move waits until it passes. */
  readonly healthcheck?: Healthcheck;
  /** Name or number, such as "SIGINT". The image's own when absent, else SIGTERM. */
  readonly stopSignal?: string;
  /** Seconds between the stop signal and SIGKILL. @default 10 */
  readonly stopTimeoutSeconds?: number;
  /** A small init as process 1, which reaps children. @default false */
  readonly init?: boolean;
  /** A terminal for the program. @default false */
  readonly tty?: boolean;
  /** Standard input stays open though nobody is attached. @default false */
  readonly stdinOpen?: boolean;
  /** The image's file system is read-only; volumes are not. @default false */
  readonly readOnly?: boolean;
  /** All of the host, as root. @default false */
  readonly privileged?: boolean;
  /** Capabilities beside Docker's usual ones, such as "NET_ADMIN". */
  readonly capAdd?: readonly string[];
  /** Capabilities that are taken away; "ALL" for all. */
  readonly capDrop?: readonly string[];
  /** Such as "no-new-privileges:true". */
  readonly securityOpt?: readonly string[];
  /** Devices of the host. */
  readonly devices?: readonly DeviceMapping[];
  /** Kernel settings of the container's own namespaces, such as `net.core.somaxconn`. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Bounds of its processes, such as open files. */
  readonly ulimits?: readonly Ulimit[];
  /** Names for addresses, as in `extra_hosts`. */
  readonly extraHosts?: readonly ExtraHost[];
  /** Servers that names are looked up at. */
  readonly dns?: readonly string[];
  /** Domains that are looked through for short names. */
  readonly dnsSearch?: readonly string[];
  /** Most memory that it may use. @default no bound */
  readonly memoryBytes?: number;
  /** Memory and swap together; -1 is no bound. */
  readonly memorySwapBytes?: number;
  /** What it is held to when the host is short of memory. */
  readonly memoryReservationBytes?: number;
  /** Size of `/dev/shm`. @default 64 MiB, as Docker has it */
  readonly shmSizeBytes?: number;
  /** Processors at most, such as 0.5. @default no bound */
  readonly cpus?: number;
  /** Weight against other containers when processors are short. @default 1024 */
  readonly cpuShares?: number;
  /** Processors that it may run on, such as "0-3" or "0,2". */
  readonly cpusetCpus?: string;
  /** Most processes and threads; -1 is no bound. */
  readonly pidsLimit?: number;
  /** From -1000 (killed last when memory is short) to 1000. */
  readonly oomScoreAdj?: number;
  /** Where its output goes. @default the host's own way */
  readonly logging?: Logging;
}

/** A line of /etc/hosts. */
export interface ExtraHost {
  /** What the container calls it. */
  readonly name: string;
  /** Its address. */
  readonly ip: string;
}

/** Where a container's output goes. */
export interface Logging {
  /** Docker's logging driver, such as "json-file". */
  readonly driver: string;
  /** The driver's options, such as `{ "max-size": "10m" }`. */
  readonly options: Readonly<Record<string, string>>;
}

/** A port published on the host. */
export interface PortBinding {
  /** The port that the program listens on. */
  readonly containerPort: number;
  /** Absent: Docker picks one. */
  readonly hostPort?: number;
  /** The host's address that it is published on. @default all */
  readonly hostIp?: string;
  /** As the program listens. */
  readonly protocol: "tcp" | "udp" | "sctp";
}

/** What the container has at a path: a volume, a folder of the host, or memory. */
export type Mount =
  | {
      /** A Docker volume, whose data follows the replica. */
      readonly type: "volume";
      /** The volume's key in the deployment (`volumes.<key>`); absent for an anonymous volume. */
      readonly volume?: string;
      /** An absolute path in the container. */
      readonly target: string;
      /** @default false */
      readonly readOnly?: boolean;
    }
  | {
      /** A folder or a file of the host. */
      readonly type: "bind";
      /** An absolute path on the host. A container that may write there cannot move. */
      readonly source: string;
      /** An absolute path in the container. */
      readonly target: string;
      /** @default false */
      readonly readOnly?: boolean;
    }
  | {
      /** A file system in memory; empty at each start. */
      readonly type: "tmpfs";
      /** An absolute path in the container. */
      readonly target: string;
      /** @default half of the host's memory */
      readonly sizeBytes?: number;
      /** Permission bits. @default 0o1777 */
      readonly mode?: number;
    };

/** When Docker starts it again by itself. */
export interface RestartPolicy {
  /** "no" never; "always" and "unless-stopped" whenever it ends; "on-failure" with an exit code. */
  readonly name: "no" | "always" | "unless-stopped" | "on-failure";
  /** With "on-failure" only. @default no bound */
  readonly maximumRetryCount?: number;
}

/** A command in the container that says whether it works. */
export interface Healthcheck {
  /**
   * Docker's form: ["NONE"], ["CMD", ...] or ["CMD-SHELL", "..."]; [] keeps the image's own test.
   */
  readonly test: readonly string[];
  /** Between two tests. @default 30 */
  readonly intervalSeconds?: number;
  /** A test that takes longer has failed. @default 30 */
  readonly timeoutSeconds?: number;
  /** After the start, in which failed tests do not count. @default 0 */
  readonly startPeriodSeconds?: number;
  /** Tests in a row that must fail for it to be unhealthy. @default 3 */
  readonly retries?: number;
}

/** A device of the host, as the container has it. */
export interface DeviceMapping {
  /** Such as "/dev/ttyUSB0". */
  readonly hostPath: string;
  /** Where the container has it. */
  readonly containerPath: string;
  /** Any of `r`, `w` and `m`. */
  readonly permissions: string;
}

/** A bound on what a process may use. */
export interface Ulimit {
  /** Such as "nofile". */
  readonly name: string;
  /** Which the program may raise itself. -1 is no bound. */
  readonly soft: number;
  /** -1 is no bound. */
  readonly hard: number;
}
