import type { ContainerCreateOptions, HostConfig, MountSettings } from "dockerode";
import type { Mount, PortBinding, RestartPolicy } from "../../core/container-spec";
import { FerryError } from "../../core/errors";
import { network } from "../../core/network";
import type { ContainerRequest } from "../../core/ports";

const NANOSECONDS = 1_000_000_000;
const NANO_CPUS = 1_000_000_000;

/** Docker's request for a container. Pure; the name is part of the URL and not of this. */
export function createBody(request: ContainerRequest): ContainerCreateOptions {
  const { spec } = request;
  return defined({
    Image: spec.image,
    Hostname: request.hostname,
    Domainname: request.domainname,
    Env: environment(request),
    Labels: { ...spec.labels, ...request.labels },
    ...program(request),
    WorkingDir: spec.workingDir,
    User: spec.user,
    Tty: spec.tty,
    OpenStdin: spec.stdinOpen,
    StopSignal: spec.stopSignal,
    StopTimeout: spec.stopTimeoutSeconds,
    ExposedPorts: spec.ports && exposedPorts(spec.ports),
    Healthcheck: spec.healthcheck && healthcheck(spec.healthcheck),
    HostConfig: hostConfig(request),
  });
}

/** Docker's own form of a restart policy; a count counts for "on-failure" only. */
export function restartPolicy(policy: RestartPolicy): { Name: string; MaximumRetryCount: number } {
  const count = policy.name === "on-failure" ? (policy.maximumRetryCount ?? 0) : 0;
  return { Name: policy.name, MaximumRetryCount: count };
}

function hostConfig(request: ContainerRequest): HostConfig {
  const { spec } = request;
  return defined({
    RestartPolicy: restartPolicy(request.restart ?? spec.restart ?? { name: "no" }),
    Mounts: mounts(request),
    PortBindings: spec.ports && portBindings(spec.ports),
    Dns: list(spec.dns),
    DnsSearch: list([...(spec.dnsSearch ?? []), ...request.dnsSearch]),
    ExtraHosts: spec.extraHosts?.map(({ name, ip }) => `${name}:${ip}`),
    GroupAdd: list(spec.groupAdd),
    Init: spec.init,
    ReadonlyRootfs: spec.readOnly,
    Privileged: spec.privileged,
    CapAdd: list(spec.capAdd),
    CapDrop: list(spec.capDrop),
    SecurityOpt: list(spec.securityOpt),
    Devices: spec.devices?.map((device) => ({
      PathOnHost: device.hostPath,
      PathInContainer: device.containerPath,
      CgroupPermissions: device.permissions,
    })),
    Sysctls: spec.sysctls && { ...spec.sysctls },
    Ulimits: spec.ulimits?.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    Memory: spec.memoryBytes,
    MemorySwap: spec.memorySwapBytes,
    MemoryReservation: spec.memoryReservationBytes,
    ShmSize: spec.shmSizeBytes,
    NanoCpus: spec.cpus === undefined ? undefined : Math.round(spec.cpus * NANO_CPUS),
    CpuShares: spec.cpuShares,
    CpusetCpus: spec.cpusetCpus,
    PidsLimit: spec.pidsLimit,
    OomScoreAdj: spec.oomScoreAdj,
    LogConfig: spec.logging && { Type: spec.logging.driver, Config: { ...spec.logging.options } },
  });
}

function environment(request: ContainerRequest): string[] {
  const entries = { ...request.environment };
  if (request.overlayAddresses.length > 0) {
    entries[network.variable] = request.overlayAddresses.join(" ");
  }
  return Object.entries(entries).map(([name, value]) => `${name}=${value}`);
}

/**
 * What it runs. Behind a gate Docker cannot put the image's own words together with the program's
 * any more, so that is done here, by Docker's own rules: an entry point of the program's own leaves
 * the image's command out.
 */
function program({
  spec,
  gate,
}: ContainerRequest): Pick<ContainerCreateOptions, "Entrypoint" | "Cmd"> {
  const Entrypoint = list(spec.entrypoint);
  const Cmd = list(spec.command);
  if (gate === undefined) return { Entrypoint, Cmd };
  const entrypoint = Entrypoint ?? gate.image.entrypoint ?? [];
  const command = Cmd ?? (Entrypoint === undefined ? gate.image.command : undefined) ?? [];
  // An empty word is how a program takes the image's entry point away.
  const words = [...(entrypoint.join("") === "" ? [] : entrypoint), ...command];
  if (words.length === 0) return { Entrypoint, Cmd };
  return { Entrypoint: [...gate.entrypoint, `${gate.mountpoint}/hold/${gate.name}`], Cmd: words };
}

function mounts({ spec, volumeNames, gate }: ContainerRequest): MountSettings[] | undefined {
  const own = spec.mounts?.map((mount) => mountSettings(mount, volumeNames));
  if (gate === undefined) return own;
  const { volume: Source, mountpoint: Target } = gate;
  return [...(own ?? []), { Type: "volume", Source, Target, ReadOnly: true }];
}

function mountSettings(mount: Mount, volumeNames: Readonly<Record<string, string>>): MountSettings {
  const common = { Target: mount.target, Type: mount.type, ReadOnly: false };
  switch (mount.type) {
    case "volume":
      return {
        ...common,
        Source: volumeName(mount, volumeNames),
        ReadOnly: mount.readOnly ?? false,
      };
    case "bind":
      return { ...common, Source: mount.source, ReadOnly: mount.readOnly ?? false };
    case "tmpfs": {
      const { sizeBytes, mode } = mount;
      // Docker's types ask for both, the API for neither; 0 stands for Docker's default size.
      const options = { SizeBytes: sizeBytes ?? 0, Mode: mode ?? 0o1777 };
      const given = sizeBytes !== undefined || mode !== undefined;
      return { ...common, Source: "", ...(given ? { TmpfsOptions: options } : {}) };
    }
  }
}

/** Empty for an anonymous volume: Docker makes one up. */
function volumeName(mount: Mount & { type: "volume" }, names: Readonly<Record<string, string>>) {
  if (mount.volume === undefined) return "";
  const name = names[mount.volume];
  if (name !== undefined) return name;
  throw new FerryError({
    kind: "settings",
    reason: `mount '${mount.target}' cannot be made: volume '${mount.volume}' has no name`,
    advice: "Declare it among the deployment's volumes",
  });
}

function portKey({ containerPort, protocol }: PortBinding): string {
  return `${containerPort}/${protocol}`;
}

function exposedPorts(ports: readonly PortBinding[]): Record<string, object> {
  return Object.fromEntries(ports.map((port) => [portKey(port), {}]));
}

function portBindings(ports: readonly PortBinding[]) {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const { hostIp = "", hostPort } = port;
    const HostPort = hostPort === undefined ? "" : String(hostPort);
    (bindings[portKey(port)] ??= []).push({ HostIp: hostIp, HostPort });
  }
  return bindings;
}

function healthcheck(check: NonNullable<ContainerRequest["spec"]["healthcheck"]>) {
  const nanoseconds = (seconds: number | undefined) =>
    seconds === undefined ? undefined : Math.round(seconds * NANOSECONDS);
  return defined({
    Test: [...check.test],
    Interval: nanoseconds(check.intervalSeconds),
    Timeout: nanoseconds(check.timeoutSeconds),
    StartPeriod: nanoseconds(check.startPeriodSeconds),
    Retries: check.retries,
  });
}

function list(items: readonly string[] | undefined): string[] | undefined {
  return items && items.length > 0 ? [...items] : undefined;
}

/** Without the keys that have no value: Docker tells absent from null. */
function defined<T extends object>(value: T): T {
  const kept = Object.entries(value).filter(([, item]: [string, unknown]) => item !== undefined);
  return Object.fromEntries(kept) as T;
}
