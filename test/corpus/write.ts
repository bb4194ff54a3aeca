import { stringify } from "yaml";
import type { Application, Service } from "../../provider/core/application";
import type {
  BlockIo,
  BlockIoRate,
  ContainerSpec,
  DeviceRequest,
  Mount,
} from "../../provider/core/container-spec";
import type { Demand } from "../../provider/core/placement/wish";

/** Services of these the writer does not know: they stand for folders beside the file, or for rules. */
export const isWritable = ({ services, volumes }: Application): boolean =>
  Object.values(services).every(
    ({ build, files, reach, job, names = [] }) =>
      [build, files, reach, job].every((each) => each === undefined) &&
      names.every((name) => !name.includes(".")),
  ) && Object.values(volumes).every(({ from }) => from === undefined);

/** A compose file that says what the application is, each thing in one way. */
export function written({ name, services, volumes }: Application): string {
  return stringify(
    said({
      name: name === undefined ? undefined : escaped(name),
      services: mapped(services, ofService),
      volumes: mapped(volumes, (volume) =>
        said({
          external: volume.external ? "true" : undefined,
          name: volume.name,
          ...(volume.external
            ? {}
            : { driver: volume.driver, driver_opts: volume.driverOptions, labels: volume.labels }),
          "x-ferry": volume.scope && { scope: volume.scope },
        }),
      ),
    }),
    { aliasDuplicateObjects: false, lineWidth: 0 },
  );
}

type Said = Record<string, unknown>;

/** Compose fills variables in wherever a dollar stands. */
const escaped = (text: string): string => text.replaceAll("$", "$$$$");

function texts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(texts);
  if (value !== null && typeof value === "object") return mapped(value as Said, texts);
  return typeof value === "string" ? escaped(value) : value;
}

function mapped<T>(all: Readonly<Record<string, T>>, map: (each: T) => unknown): Said {
  return Object.fromEntries(Object.entries(all).map(([key, each]) => [key, map(each)]));
}

const said = (all: Said): Said =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));

const seconds = (value: number | undefined) =>
  value === undefined ? undefined : `${Math.round(value * 1e6)}us`;

function ofService(service: Service): Said {
  const { container, environment, names, ipv4Address, links, dependsOn, scale } = service;
  return said({
    ...(texts(ofContainer(container)) as Said),
    environment: texts(environment),
    networks:
      container.networkNamespace === undefined
        ? said({ default: said({ aliases: names, ipv4_address: ipv4Address }) })
        : undefined,
    links: links.map((link) => `${link.service}:${link.alias}`),
    depends_on: Object.fromEntries(
      dependsOn.map(({ service: other, condition, restart }) => [
        other,
        said({ condition: `service_${condition}`, restart }),
      ]),
    ),
    scale,
    pull_policy: typeof service.pull === "number" ? `every_${service.pull}s` : service.pull,
    deploy: said({
      update_config: service.changes && changes(service),
      resources: {
        reservations: said({
          devices: container.deviceRequests?.map(ofDevices),
          cpus: service.place?.cpus,
          memory: service.place?.memory,
        }),
      },
      placement: said({
        constraints: service.place?.on?.map(constraint),
        preferences: service.place?.over?.map((label) => ({ spread: `node.labels.${label}` })),
      }),
    }),
  });
}

const constraint = ({ label, is, not }: Demand) =>
  `node.${label === undefined ? "hostname" : `labels.${label}`} ${not ? "!=" : "=="} ${is}`;

function changes({ changes: of = {} }: Service): Said {
  return said({
    parallelism: of.parallelism,
    delay: seconds(of.delaySeconds),
    monitor: seconds(of.monitorSeconds),
    failure_action: of.onFailure,
    max_failure_ratio: of.maxFailureRatio,
  });
}

function ofContainer(c: ContainerSpec): Said {
  return {
    ...{ image: c.image, entrypoint: c.entrypoint, command: c.command },
    ...{ working_dir: c.workingDir, user: c.user, group_add: c.groupAdd },
    ports: c.ports?.map((port) =>
      said({
        target: port.containerPort,
        published: port.hostPortRange ?? port.hostPort,
        ...{ host_ip: port.hostIp, protocol: port.protocol },
      }),
    ),
    volumes: c.mounts?.flatMap(ofMount),
    tmpfs: c.mounts?.flatMap(ofMemory),
    labels: c.labels,
    restart:
      c.restart &&
      [c.restart.name, c.restart.maximumRetryCount].filter((each) => each !== undefined).join(":"),
    healthcheck:
      c.healthcheck &&
      said({
        test: c.healthcheck.test.length === 0 ? undefined : c.healthcheck.test,
        interval: seconds(c.healthcheck.intervalSeconds),
        timeout: seconds(c.healthcheck.timeoutSeconds),
        start_period: seconds(c.healthcheck.startPeriodSeconds),
        start_interval: seconds(c.healthcheck.startIntervalSeconds),
        retries: c.healthcheck.retries,
      }),
    ...{ stop_signal: c.stopSignal, stop_grace_period: seconds(c.stopTimeoutSeconds) },
    ...{ init: c.init, tty: c.tty, stdin_open: c.stdinOpen, read_only: c.readOnly },
    ...{ privileged: c.privileged, cap_add: c.capAdd, cap_drop: c.capDrop },
    security_opt: c.securityOpt,
    devices: c.devices?.map((each) =>
      [each.hostPath, each.containerPath, each.permissions].join(":"),
    ),
    sysctls: c.sysctls,
    ulimits:
      c.ulimits &&
      Object.fromEntries(c.ulimits.map(({ name, soft, hard }) => [name, { soft, hard }])),
    extra_hosts: c.extraHosts?.map(({ name, ip }) => `${name}=${ip}`),
    ...{ dns: c.dns, dns_search: c.dnsSearch, dns_opt: c.dnsOptions },
    ...{ mem_limit: c.memoryBytes, memswap_limit: c.memorySwapBytes },
    ...{ mem_reservation: c.memoryReservationBytes, shm_size: c.shmSizeBytes },
    ...{ cpus: c.cpus, cpu_shares: c.cpuShares, cpuset: c.cpusetCpus },
    ...{ cpu_quota: c.cpuQuota, cpu_period: c.cpuPeriod },
    ...{ pids_limit: c.pidsLimit, oom_score_adj: c.oomScoreAdj },
    ...{ oom_kill_disable: c.oomKillDisable, mem_swappiness: c.memorySwappiness },
    logging: c.logging,
    ...{ annotations: c.annotations, cgroup_parent: c.cgroupParent, cgroup: c.cgroupNamespace },
    ...{ storage_opt: c.storageOptions, runtime: c.runtime, pid: c.pidNamespace },
    ...{ ipc: c.ipcNamespace, uts: c.utsNamespace, userns_mode: c.userNamespace },
    device_cgroup_rules: c.deviceCgroupRules,
    blkio_config: c.blockIo && ofBlockIo(c.blockIo),
    network_mode: c.networkNamespace ?? (c.dockerBridge === "none" ? "none" : undefined),
  };
}

const ofDevices = ({ deviceIds, count, ...rest }: DeviceRequest): Said =>
  said({ ...rest, count: count === -1 ? "all" : count, device_ids: deviceIds });

const ofBlockIo = (io: BlockIo): Said =>
  said({
    weight: io.weight,
    weight_device: io.weightDevices?.map(({ path, rate }) => ({ path, weight: rate })),
    ...{ device_read_bps: rates(io.readBps), device_write_bps: rates(io.writeBps) },
    ...{ device_read_iops: rates(io.readIops), device_write_iops: rates(io.writeIops) },
  });

const rates = (all: readonly BlockIoRate[] | undefined) => all?.map((each) => ({ ...each }));

/** Options of a file system in memory have the short form alone. */
function ofMemory(mount: Mount): string[] {
  if (mount.type !== "tmpfs" || mount.options === undefined) return [];
  const { target, options, sizeBytes, mode } = mount;
  const all = [
    ...options,
    ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`]),
    ...(mode === undefined ? [] : [`mode=${mode.toString(8)}`]),
  ];
  return [`${target}:${all.join(",")}`];
}

function ofMount(mount: Mount): unknown {
  if (mount.type === "tmpfs" && mount.options !== undefined) return [];
  const { target } = mount;
  switch (mount.type) {
    case "volume":
      return said({
        ...{ type: "volume", source: mount.volume, target, read_only: mount.readOnly },
        volume: said({ nocopy: mount.noCopy, subpath: mount.subPath }),
      });
    case "bind":
      return said({
        ...{ type: "bind", source: mount.source, target, read_only: mount.readOnly },
        bind: said({
          ...{ propagation: mount.propagation, selinux: mount.selinux },
          create_host_path: mount.createHostPath ?? false,
        }),
      });
    case "tmpfs":
      return said({
        ...{ type: "tmpfs", target },
        tmpfs: said({ size: mount.sizeBytes, mode: mount.mode?.toString(8) }),
      });
    case "file":
      throw new Error("a file beside the file is not written");
  }
}
