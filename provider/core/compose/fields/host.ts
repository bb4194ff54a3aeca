import type { BlockIo, BlockIoRate, DeviceRequest } from "../../container-spec";
import { property, setProperty, type Mutable, type ServiceDraft } from "../draft";
import { into, readFields, unlessEmpty, type FieldTable } from "../fields";
import { namespace } from "../namespaces";
import type { Place } from "../problems";
import { boolean, integer, listOf, name, oneOf, oneOrMore, record } from "../scalars";
import { sequence, size, text, type Parser } from "../scalars";
import { says, type Node } from "../yaml";

type RateDraft = Mutable<Partial<BlockIoRate>>;

/** One entry of the lists of `blkio_config`. */
export const blockIoRateFields: FieldTable<RateDraft> = {
  path: into("path", name, "The device on the host."),
  rate: into("rate", size, "Bytes per second as a size, or operations per second."),
  weight: into("rate", integer(10, 1000), "10 to 1000, in `weight_device`."),
};

const rates: Parser<readonly BlockIoRate[]> = (node, at) =>
  sequence(node, at)?.flatMap((item, index) => {
    const draft: RateDraft = {};
    const here = at.index(index);
    readFields(blockIoRateFields, item, here, draft);
    const { path, rate } = draft;
    if (path !== undefined && rate !== undefined) return [{ path, rate }];
    here.problem("needs a `path` and a `rate` or `weight`. Give it both.");
    return [];
  });

export const blockIoFields: FieldTable<Mutable<BlockIo>> = {
  weight: into("weight", integer(10, 1000), "10 to 1000."),
  weight_device: into("weightDevices", rates, "List of `path` and `weight`."),
  device_read_bps: into("readBps", rates, "List of `path` and `rate`."),
  device_write_bps: into("writeBps", rates, "List of `path` and `rate`."),
  device_read_iops: into("readIops", rates, "List of `path` and `rate`."),
  device_write_iops: into("writeIops", rates, "List of `path` and `rate`."),
};

const blockIo: Parser<BlockIo> = (node, at) => {
  const draft: Mutable<BlockIo> = {};
  return readFields(blockIoFields, node, at, draft) ? draft : undefined;
};

type RequestDraft = Mutable<Partial<DeviceRequest>>;

const count: Parser<number> = (node, at) => (node === "all" ? -1 : integer(-1)(node, at));

/** One entry of `gpus`, and of `deploy.resources.reservations.devices`. */
export const deviceRequestFields: FieldTable<RequestDraft> = {
  driver: into("driver", text, "Such as nvidia, or cdi."),
  count: into("count", count, "How many, or all."),
  device_ids: into("deviceIds", listOf(text), "Which ones, in place of `count`."),
  capabilities: into("capabilities", listOf(text), "What they must be able to do; gpu for `gpus`."),
  options: into("options", record, "The driver's own, as a mapping."),
};

function requests(usual: readonly string[]): Parser<readonly DeviceRequest[]> {
  return (node, at) =>
    sequence(node, at)?.flatMap((item, index) => deviceRequest(item, at.index(index), usual));
}

function deviceRequest(node: Node, at: Place, usual: readonly string[]): DeviceRequest[] {
  const draft: RequestDraft = {};
  readFields(deviceRequestFields, node, at, draft);
  const { deviceIds, count = deviceIds === undefined ? -1 : undefined, ...rest } = draft;
  const { capabilities = usual } = draft;
  if (deviceIds !== undefined && draft.count !== undefined)
    at.problem("has both `count` and `device_ids`. Remove one of them.");
  if (capabilities.length === 0 && !says(node, "capabilities"))
    at.problem("has no `capabilities`. Write capabilities: [gpu].");
  return [
    {
      ...rest,
      capabilities,
      ...(count === undefined ? {} : { count }),
      ...(deviceIds === undefined ? {} : { deviceIds }),
    },
  ];
}

export const reservedDevices = property(
  "deviceRequests",
  requests([]),
  "List of the long syntax of `gpus`: devices by what they can do.",
);

export const hostFields: FieldTable<ServiceDraft> = {
  annotations: property("annotations", record, "Mapping, or list of name=value. Docker 24 on."),
  blkio_config: property("blockIo", blockIo, "See below."),
  cgroup: unlessEmpty(
    property("cgroupNamespace", oneOf("host", "private"), "host or private: its cgroup namespace."),
  ),
  cgroup_parent: unlessEmpty(property("cgroupParent", name, "The cgroup that its own is made in.")),
  cpu_period: property("cpuPeriod", integer(0), "Microseconds."),
  cpu_quota: property("cpuQuota", integer(-1), "Microseconds in each period."),
  device_cgroup_rules: property("deviceCgroupRules", listOf(name), 'List such as "c 13:* rmw".'),
  dns_opt: property("dnsOptions", oneOrMore(name), "List of options of resolv.conf."),
  gpus: {
    how: "all, or a list of the long syntax below.",
    parse(node, at, draft) {
      const all = [{ count: -1, capabilities: ["gpu"] }];
      const read = node === "all" ? all : requests(["gpu"])(node, at);
      if (read !== undefined) setProperty(draft, "deviceRequests", read, at);
    },
  },
  ipc: namespace("ipcNamespace", "host", "private", "shareable", "none"),
  mem_swappiness: property("memorySwappiness", integer(0, 100), "0 to 100."),
  oom_kill_disable: property("oomKillDisable", boolean, "true or false."),
  pid: namespace("pidNamespace", "host"),
  runtime: unlessEmpty(property("runtime", name, "A runtime that the hosts' Docker knows.")),
  storage_opt: property("storageOptions", record, "Options of Docker's storage driver."),
  uts: unlessEmpty(property("utsNamespace", oneOf("host"), "host only: its host's name.")),
  userns_mode: unlessEmpty(property("userNamespace", oneOf("host"), "host only.")),
};
