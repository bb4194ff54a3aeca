import type { ContainerCreateOptions, HostConfig, MountSettings } from "dockerode";
import type {
  BlockIo,
  BlockIoRate,
  ContainerSpec,
  DeviceRequest,
  Mount,
  PortBinding,
  RestartPolicy,
} from "../../core/container-spec";
import { FerryError } from "../../core/errors";
import { compareVersions } from "../../core/host/facts";
import { network } from "../../core/network";
import { dockerBridgeMac } from "../../core/network/separation";
import type { ContainerRequest } from "../../core/adapter-ports";

const NANOSECONDS = 1_000_000_000;
/** Docker's types ask for all of them. */
const NO_VOLUME_OPTIONS = { Labels: {}, DriverConfig: { Name: "", Options: {} } };
const NANO_CPUS = 1_000_000_000;

/** From here on Docker has a container's MAC with its place on a network, and refuses it elsewhere. */
const MAC_ON_ENDPOINT = "1.44";

/**
 * Docker's request for a container. Pure; the name is part of the URL and not of this.
 *
 * @param api the newest that the host's Docker speaks, which is the one that it is spoken to by
 */
export function createBody(
  request: ContainerRequest,
  api = MAC_ON_ENDPOINT,
): ContainerCreateOptions {
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
    ...onDockersBridge(request, api),
  });
}

function onDockersBridge({ spec, overlayAddresses }: ContainerRequest, api: string) {
  const MacAddress = dockerBridgeMac(spec, overlayAddresses[0]);
  if (MacAddress === undefined) return {};
  if (compareVersions(api, MAC_ON_ENDPOINT) < 0) return { MacAddress };
  return { NetworkingConfig: { EndpointsConfig: { bridge: { MacAddress } } } };
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
    Binds: binds(request),
    Tmpfs: tmpfs(spec.mounts ?? []),
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
    NetworkMode: networkMode(spec),
    ...seldomAsked(spec),
  });
}

function networkMode({ networkNamespace, dockerBridge }: ContainerSpec): string | undefined {
  if (networkNamespace !== undefined) return networkNamespace;
  if (dockerBridge === undefined) return undefined;
  return dockerBridge === "none" ? "none" : "bridge";
}

function seldomAsked(spec: ContainerSpec): HostConfig {
  return {
    ...{ Annotations: spec.annotations && { ...spec.annotations } },
    CgroupParent: spec.cgroupParent,
    CgroupnsMode: spec.cgroupNamespace,
    DnsOptions: list(spec.dnsOptions),
    MemorySwappiness: spec.memorySwappiness,
    OomKillDisable: spec.oomKillDisable,
    StorageOpt: spec.storageOptions && { ...spec.storageOptions },
    Runtime: spec.runtime,
    DeviceRequests: spec.deviceRequests?.map(deviceRequest),
    UTSMode: spec.utsNamespace,
    PidMode: spec.pidNamespace,
    IpcMode: spec.ipcNamespace,
    UsernsMode: spec.userNamespace,
    CpuQuota: spec.cpuQuota,
    CpuPeriod: spec.cpuPeriod,
    ...{ DeviceCgroupRules: list(spec.deviceCgroupRules) },
    ...(spec.blockIo === undefined ? {} : blockIo(spec.blockIo)),
  } as HostConfig;
}

function deviceRequest({ driver, count, deviceIds, capabilities, options }: DeviceRequest) {
  return defined({
    Driver: driver,
    Count: count,
    DeviceIDs: list(deviceIds),
    Capabilities: [[...capabilities]],
    Options: options && { ...options },
  });
}

function blockIo(of: BlockIo): HostConfig {
  const rates = (of: readonly BlockIoRate[] | undefined) =>
    of?.map(({ path, rate }) => ({ Path: path, Rate: rate }));
  return {
    BlkioWeight: of.weight,
    BlkioWeightDevice: of.weightDevices?.map(({ path, rate }) => ({ Path: path, Weight: rate })),
    BlkioDeviceReadBps: rates(of.readBps),
    BlkioDeviceWriteBps: rates(of.writeBps),
    BlkioDeviceReadIOps: rates(of.readIops),
    BlkioDeviceWriteIOps: rates(of.writeIops),
  };
}

function environment(request: ContainerRequest): string[] {
  const entries = { ...request.environment };
  if (request.overlayAddresses.length > 0) {
    entries[network.variable] = request.overlayAddresses.join(" ");
  }
  return Object.entries(entries).map(([name, value]) => `${name}=${value}`);
}

/**
 * What it runs. Behind a start barrier Docker cannot put the image's own words together with the
 * program's any more, so that is done here, by Docker's own rules: an entry point of the program's
 * own leaves the image's command out.
 */
function program({
  spec,
  startBarrier,
}: ContainerRequest): Pick<ContainerCreateOptions, "Entrypoint" | "Cmd"> {
  const Entrypoint = list(spec.entrypoint);
  const Cmd = list(spec.command);
  if (startBarrier === undefined) return { Entrypoint, Cmd };
  const entrypoint = Entrypoint ?? startBarrier.image.entrypoint ?? [];
  const command = Cmd ?? (Entrypoint === undefined ? startBarrier.image.command : undefined) ?? [];
  // An empty word is how a program takes the image's entry point away.
  const words = [...(entrypoint.join("") === "" ? [] : entrypoint), ...command];
  if (words.length === 0) return { Entrypoint, Cmd };
  return {
    Entrypoint: [
      ...startBarrier.entrypoint,
      `${startBarrier.mountpoint}/hold/${startBarrier.name}`,
    ],
    Cmd: words,
  };
}

function mounts({
  spec,
  volumeNames,
  filePaths,
  startBarrier,
}: ContainerRequest): MountSettings[] | undefined {
  const own = spec.mounts
    ?.filter((mount) => !isBind(mount) && !hasOptions(mount))
    .map((mount) => mountSettings(mount, volumeNames, filePaths));
  if (startBarrier === undefined) return own;
  const { volume: Source, mountpoint: Target } = startBarrier;
  return [...(own ?? []), { Type: "volume", Source, Target, ReadOnly: true }];
}

/** What Docker takes in the short form of a mount only. */
function isBind(mount: Mount): boolean {
  if (mount.type === "tmpfs") return false;
  return mount.selinux !== undefined || (mount.type === "bind" && mount.createHostPath === true);
}

function binds({ spec, volumeNames, filePaths }: ContainerRequest): string[] | undefined {
  return list(spec.mounts?.filter(isBind).map((mount) => bind(mount, volumeNames, filePaths)));
}

function bind(
  mount: Mount,
  volumeNames: Readonly<Record<string, string>>,
  filePaths: ContainerRequest["filePaths"],
): string {
  if (mount.type === "tmpfs") return mount.target;
  const source =
    mount.type === "bind"
      ? mount.source
      : mount.type === "file"
        ? filePath(mount, filePaths)
        : volumeName(mount, volumeNames);
  const options = [
    mount.type === "file" || mount.readOnly === true ? "ro" : "rw",
    ...(mount.selinux === undefined ? [] : [mount.selinux]),
    ...(mount.type === "bind" && mount.propagation !== undefined ? [mount.propagation] : []),
    ...(mount.type === "volume" && mount.noCopy === true ? ["nocopy"] : []),
  ];
  return [...(source === "" ? [] : [source]), mount.target, options.join(",")].join(":");
}

type Tmpfs = Mount & { type: "tmpfs" };

const hasOptions = (mount: Mount): mount is Tmpfs =>
  mount.type === "tmpfs" && mount.options !== undefined;

function tmpfs(all: readonly Mount[]): Record<string, string> | undefined {
  const mounted = all.filter(hasOptions).map(({ target, sizeBytes, mode, options = [] }) => {
    const size = sizeBytes === undefined ? [] : [`size=${sizeBytes}`];
    const bits = mode === undefined ? [] : [`mode=${mode.toString(8)}`];
    return [target, [...options, ...size, ...bits].join(",")] as const;
  });
  return mounted.length === 0 ? undefined : Object.fromEntries(mounted);
}

function mountSettings(
  mount: Mount,
  volumeNames: Readonly<Record<string, string>>,
  filePaths: ContainerRequest["filePaths"],
): MountSettings {
  const { target: Target } = mount;
  if (mount.type === "file")
    return { Target, Type: "bind", Source: filePath(mount, filePaths), ReadOnly: true };
  const common = { Target, Type: mount.type, ReadOnly: false };
  switch (mount.type) {
    case "volume":
      return {
        ...common,
        Source: volumeName(mount, volumeNames),
        ReadOnly: mount.readOnly ?? false,
        ...volumeOptions(mount),
      };
    case "bind":
      return {
        ...common,
        Source: mount.source,
        ReadOnly: mount.readOnly ?? false,
        ...(mount.propagation === undefined
          ? {}
          : { BindOptions: { Propagation: mount.propagation } }),
      };
    case "tmpfs": {
      const { sizeBytes, mode } = mount;
      // Docker's types ask for both, the API for neither; 0 stands for Docker's default size.
      const options = { SizeBytes: sizeBytes ?? 0, Mode: mode ?? 0o1777 };
      const given = sizeBytes !== undefined || mode !== undefined;
      return { ...common, Source: "", ...(given ? { TmpfsOptions: options } : {}) };
    }
  }
}

function volumeOptions({ noCopy, subPath }: Mount & { type: "volume" }) {
  if (noCopy !== true && subPath === undefined) return {};
  return {
    VolumeOptions: {
      ...{ ...NO_VOLUME_OPTIONS, NoCopy: noCopy === true },
      ...(subPath === undefined ? {} : { Subpath: subPath }),
    },
  };
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

function filePath(mount: Mount & { type: "file" }, paths: ContainerRequest["filePaths"] = {}) {
  const path = paths[mount.file];
  if (path !== undefined) return path;
  throw new FerryError({
    kind: "settings",
    reason: `mount '${mount.target}' cannot be made: there is no file '${mount.file}'`,
    advice: "Give it among the replica's files",
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
    const { hostIp = "", hostPort, hostPortRange = "" } = port;
    const HostPort = hostPort === undefined ? hostPortRange : String(hostPort);
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
    StartInterval: nanoseconds(check.startIntervalSeconds),
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
