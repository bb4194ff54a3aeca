/**
 * What a replica's container is to be, in our own words: compose and fig are parsed into it,
 * `ServiceReplica`'s args are mapped to it, and the Docker adapter turns it into an API request. It
 * holds neither host, nor address, nor DNS name: those belong to the placement.
 */
export interface ContainerSpec {
  /** As `docker run` takes it: `[registry/]name[:tag][@digest]`. @example "redis:7" */
  readonly image: string;
  /** In place of the image's own. */
  readonly entrypoint?: readonly string[];
  /**
   * In place of the image's own; a program and its arguments, no shell text.
   *
   * @example ["redis-server", "--appendonly", "yes"]
   */
  readonly command?: readonly string[];
  /** An absolute path. The image's own when absent. */
  readonly workingDir?: string;
  /** Name or number, with `:group` at will. The image's own when absent. @example "1000:1000" */
  readonly user?: string;
  /** Further groups of the user, by name or number. @example ["video", "44"] */
  readonly groupAdd?: readonly string[];
  /**
   * Ports published on the host. The overlay reaches every port without.
   *
   * @example [{ containerPort: 80, hostPort: 8080, protocol: "tcp" }]
   */
  readonly ports?: readonly PortBinding[];
  /**
   * Volumes, folders of the host, and file systems in memory.
   *
   * @example [
   *   { type: "volume", volume: "data", target: "/data" },
   *   { type: "bind", source: "/etc/app.conf", target: "/etc/app.conf", readOnly: true },
   *   { type: "tmpfs", target: "/tmp", sizeBytes: 64 * 1024 ** 2 },
   * ]
   */
  readonly mounts?: readonly Mount[];
  /**
   * Beside Ferry's own, which start with `pulumi-ferry.`.
   *
   * @example { "com.example.team": "shop" }
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * When Docker starts it again by itself.
   *
   * @default { name: "no" }
   * @example { name: "on-failure", maximumRetryCount: 5 }
   */
  readonly restart?: RestartPolicy;
  /**
   * In place of the image's own. A move waits until it passes.
   *
   * @example { test: ["CMD-SHELL", "redis-cli ping"], intervalSeconds: 5, retries: 3 }
   */
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
  /** Capabilities beside Docker's usual ones. @example ["NET_ADMIN"] */
  readonly capAdd?: readonly string[];
  /** Capabilities that are taken away; "ALL" for all. @example ["ALL"] */
  readonly capDrop?: readonly string[];
  /** Rules of the host's for what its program may do. @example ["no-new-privileges:true"] */
  readonly securityOpt?: readonly string[];
  /**
   * Devices of the host.
   *
   * @example [{ hostPath: "/dev/ttyUSB0", containerPath: "/dev/ttyUSB0", permissions: "rw" }]
   */
  readonly devices?: readonly DeviceMapping[];
  /**
   * Kernel settings of the container's own namespaces.
   *
   * @example { "net.core.somaxconn": "1024" }
   */
  readonly sysctls?: Readonly<Record<string, string>>;
  /**
   * Bounds of its processes, such as open files.
   *
   * @default those of the host's Docker
   * @example [{ name: "nofile", soft: 65536, hard: 65536 }]
   */
  readonly ulimits?: readonly Ulimit[];
  /**
   * Names for addresses, as in `extra_hosts`.
   *
   * @example [{ name: "printer", ip: "192.0.2.9" }]
   */
  readonly extraHosts?: readonly ExtraHost[];
  /**
   * Addresses of the servers that names are looked up at.
   *
   * @example ["192.0.2.53"]
   */
  readonly dns?: readonly string[];
  /**
   * How it is on Docker's own bridge, by which every container reaches its host. "alone": none of
   * the bridge's other containers reaches it. "internal": it reaches nothing there but the server
   * that names are looked up at. "none": it is not there. A `Deployment` says so of services that compose's `networks` keep
   * apart, and has the rules for it on every host.
   *
   * @default as all containers are
   */
  readonly dockerBridge?: "alone" | "internal" | "none";
  /** Domains that are looked through for short names. @example ["example.org"] */
  readonly dnsSearch?: readonly string[];
  /** Most memory that it may use, in bytes. @default no bound */
  readonly memoryBytes?: number;
  /** Memory and swap together, in bytes; -1 is no bound. @default twice `memoryBytes` */
  readonly memorySwapBytes?: number;
  /** What it is held to when the host is short of memory, in bytes. @default no bound */
  readonly memoryReservationBytes?: number;
  /** Size of `/dev/shm`, in bytes. @default 64 MiB, as Docker has it */
  readonly shmSizeBytes?: number;
  /** Processors at most, such as 0.5. @default no bound */
  readonly cpus?: number;
  /** Weight against other containers when processors are short. @default 1024 */
  readonly cpuShares?: number;
  /** Numbers of the processors that it may run on. @default all @example "0-3,6" */
  readonly cpusetCpus?: string;
  /** Most processes and threads; -1 is no bound. @default no bound */
  readonly pidsLimit?: number;
  /** From -1000 (killed last when memory is short) to 1000. @default 0 */
  readonly oomScoreAdj?: number;
  /**
   * Where its output goes.
   *
   * @default the host's own way
   * @example { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } }
   */
  readonly logging?: Logging;
  /** For the container's runtime, such as runc. Docker 24 on. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The cgroup that its own is made in. */
  readonly cgroupParent?: string;
  /** Whose cgroup namespace it has. @default as the host's Docker is set */
  readonly cgroupNamespace?: "host" | "private";
  /** Options of its resolv.conf, such as "ndots:1". */
  readonly dnsOptions?: readonly string[];
  /** How readily its memory is swapped out, 0 to 100. */
  readonly memorySwappiness?: number;
  /** It is not killed when memory is short. @default false */
  readonly oomKillDisable?: boolean;
  /** Options of Docker's storage driver, such as `{ size: "10G" }`. */
  readonly storageOptions?: Readonly<Record<string, string>>;
  /** Weight and bounds of its reads and writes. */
  readonly blockIo?: BlockIo;
  /** Docker's runtime, such as "nvidia". @default the host's own */
  readonly runtime?: string;
  /** Devices by what they can do, such as GPUs. */
  readonly deviceRequests?: readonly DeviceRequest[];
  /**
   * "host": it is on its host's network, and has no address of its own. Nothing of the overlay
   * reaches it, and it publishes no ports. "container:" and the id of a container of its host: it is
   * on that one's network. A `Deployment` says so where the file says `network_mode`.
   *
   * @default the overlay
   */
  readonly networkNamespace?: string;
  /** "host": it has its host's name. */
  readonly utsNamespace?: "host";
  /** "host": it sees the host's processes; or another container's, as `networkNamespace`. */
  readonly pidNamespace?: string;
  /**
   * Whose shared memory it has: "host", "private", "shareable", "none", or another container's, as
   * `networkNamespace`.
   *
   * @default its own
   */
  readonly ipcNamespace?: string;
  /** "host": its users are the host's, where Docker maps users. */
  readonly userNamespace?: "host";
  /** Microseconds of processor time in each period. */
  readonly cpuQuota?: number;
  /** Length of a period, in microseconds. */
  readonly cpuPeriod?: number;
  /** Such as "c 13:* rmw". */
  readonly deviceCgroupRules?: readonly string[];
  /** Run in it after each start that Ferry does, one after the other; one that fails is a failure. */
  readonly postStart?: readonly ContainerCommand[];
  /** Run in it before each stop that Ferry does. Another one needs no other container. */
  readonly preStop?: readonly ContainerCommand[];
}

/** A command in the container, beside its program. */
export interface ContainerCommand {
  /** A program and its arguments; no shell is in between. */
  readonly argv: readonly string[];
  /** Name or number, with `:group` at will. @default the container's */
  readonly user?: string;
  /** All of the host, as root. @default false */
  readonly privileged?: boolean;
  /** An absolute path. @default the container's */
  readonly workingDir?: string;
  /** Beside the container's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Weight and bounds of reads and writes. */
export interface BlockIo {
  /** Against other containers, 10 to 1000. */
  readonly weight?: number;
  /** The same for single devices. */
  readonly weightDevices?: readonly BlockIoRate[];
  /** Bytes per second at most. */
  readonly readBps?: readonly BlockIoRate[];
  /** Bytes per second at most. */
  readonly writeBps?: readonly BlockIoRate[];
  /** Reads per second at most. */
  readonly readIops?: readonly BlockIoRate[];
  /** Writes per second at most. */
  readonly writeIops?: readonly BlockIoRate[];
}

/** What a device of the host is given. */
export interface BlockIoRate {
  /** Such as "/dev/sda". */
  readonly path: string;
  /** Bytes or operations per second, or a weight. */
  readonly rate: number;
}

/** Devices by what they can do. */
export interface DeviceRequest {
  /** Such as "nvidia", or "cdi". */
  readonly driver?: string;
  /** -1 is all. */
  readonly count?: number;
  /** In place of a count. */
  readonly deviceIds?: readonly string[];
  /** What they must be able to do, such as ["gpu"]. */
  readonly capabilities: readonly string[];
  /** The driver's own. */
  readonly options?: Readonly<Record<string, string>>;
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
  /** Such as "8080-8090", without `hostPort`: Docker picks one of these. */
  readonly hostPortRange?: string;
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
      /** A new volume does not take what the image has at that path. @default false */
      readonly noCopy?: boolean;
      /** A folder inside of the volume, which has to be there. Docker 26 on. @default all of it */
      readonly subPath?: string;
      /** Relabelled for SELinux: "z" for several containers, "Z" for this one alone. */
      readonly selinux?: "z" | "Z";
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
      /** Whether mounts below it are seen on the other side. @default "rprivate" */
      readonly propagation?: Propagation;
      /** Relabelled for SELinux: "z" for several containers, "Z" for this one alone. */
      readonly selinux?: "z" | "Z";
      /** Docker makes the folder on the host where it is missing. @default false */
      readonly createHostPath?: boolean;
    }
  | {
      /** A file or a folder of the program's machine, which goes wherever the replica goes. */
      readonly type: "file";
      /** Its name in the replica's `files`. */
      readonly file: string;
      /** An absolute path in the container. It is read-only there. */
      readonly target: string;
      /** Relabelled for SELinux: "z" for several containers, "Z" for this one alone. */
      readonly selinux?: "z" | "Z";
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
      /** Further options of the mount, such as "exec" and "uid=1000". */
      readonly options?: readonly string[];
    };

/** Whether mounts below a mounted folder are seen on the other side, as Linux calls it. */
export type Propagation = "shared" | "slave" | "private" | "rshared" | "rslave" | "rprivate";

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
  /** Between two tests within the start period. Docker 25 on. */
  readonly startIntervalSeconds?: number;
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
