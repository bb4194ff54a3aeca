/**
 * What a replica's container is to be, in our own words: compose and fig are parsed into it,
 * `ServiceReplica`'s args are mapped to it, and the Docker adapter turns it into an API request. It
 * holds neither host, nor address, nor DNS name: those belong to the placement.
 */
export interface ContainerSpec {
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly workingDir?: string;
  readonly user?: string;
  readonly groupAdd?: readonly string[];
  readonly ports?: readonly PortBinding[];
  readonly mounts?: readonly Mount[];
  readonly labels?: Readonly<Record<string, string>>;
  /** @default { name: "no" } as Docker has it */
  readonly restart?: RestartPolicy;
  readonly healthcheck?: Healthcheck;
  readonly stopSignal?: string;
  /** Seconds between the stop signal and SIGKILL. @default 10 */
  readonly stopTimeoutSeconds?: number;
  readonly init?: boolean;
  readonly tty?: boolean;
  readonly stdinOpen?: boolean;
  readonly readOnly?: boolean;
  readonly privileged?: boolean;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly securityOpt?: readonly string[];
  readonly devices?: readonly DeviceMapping[];
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly ulimits?: readonly Ulimit[];
  /** Names for addresses, as in `extra_hosts`. */
  readonly extraHosts?: readonly { readonly name: string; readonly ip: string }[];
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly memoryBytes?: number;
  readonly memorySwapBytes?: number;
  readonly memoryReservationBytes?: number;
  readonly shmSizeBytes?: number;
  readonly cpus?: number;
  readonly cpuShares?: number;
  readonly cpusetCpus?: string;
  readonly pidsLimit?: number;
  readonly oomScoreAdj?: number;
  readonly logging?: {
    readonly driver: string;
    readonly options: Readonly<Record<string, string>>;
  };
}

/** A port published on the host. */
export interface PortBinding {
  readonly containerPort: number;
  /** Absent: Docker picks one. */
  readonly hostPort?: number;
  readonly hostIp?: string;
  readonly protocol: "tcp" | "udp" | "sctp";
}

export type Mount =
  | {
      readonly type: "volume";
      /** The volume's key in the deployment (`volumes.<key>`); absent for an anonymous volume. */
      readonly volume?: string;
      readonly target: string;
      readonly readOnly?: boolean;
    }
  | {
      readonly type: "bind";
      readonly source: string;
      readonly target: string;
      readonly readOnly?: boolean;
    }
  | {
      readonly type: "tmpfs";
      readonly target: string;
      readonly sizeBytes?: number;
      readonly mode?: number;
    };

export interface RestartPolicy {
  readonly name: "no" | "always" | "unless-stopped" | "on-failure";
  readonly maximumRetryCount?: number;
}

export interface Healthcheck {
  /**
   * Docker's form: ["NONE"], ["CMD", ...] or ["CMD-SHELL", "..."]; [] keeps the image's own test.
   */
  readonly test: readonly string[];
  readonly intervalSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly startPeriodSeconds?: number;
  readonly retries?: number;
}

export interface DeviceMapping {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly permissions: string;
}

export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}
