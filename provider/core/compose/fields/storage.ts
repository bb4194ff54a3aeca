import type { DeviceMapping } from "../../container-spec";
import { property, type Mutable, type ServiceDraft } from "../draft";
import { into, readFields, unlessEmpty, type FieldTable } from "../fields";
import type { Place } from "../problems";
import { matching, oneOrMore, sequence, size, text, type Parser } from "../scalars";
import { mount, tmpfs } from "../mounts";
import { readVolumesFrom } from "../volumes-from";
import { isMapping, type Node } from "../yaml";

/** A name that Docker knows a volume driver by; plugins have slashes and tags. */
export const driverName = matching(
  /^[a-zA-Z0-9][\w./:-]*$/,
  "a volume driver's name",
  "Write local, or the name of another driver that the hosts have.",
);

type DeviceDraft = Mutable<Partial<DeviceMapping>>;

const PERMISSIONS = /^(?!.*(.).*\1)[rwm]{1,3}$/;

/** The long syntax of one entry of `devices`. */
export const deviceFields: FieldTable<DeviceDraft> = {
  source: into("hostPath", text, "Path of the device on the host."),
  target: into("containerPath", text, "Path in the container; that of `source` when absent."),
  permissions: into("permissions", text, "Any of r, w and m; rwm when absent."),
};

function device(node: Node, at: Place): DeviceMapping | undefined {
  const draft: DeviceDraft = {};
  if (isMapping(node)) readFields(deviceFields, node, at, draft);
  else {
    const value = text(node, at);
    if (value === undefined) return undefined;
    const [first = "", second, third, ...more] = value.split(":");
    if (more.length === 0) draft.hostPath = first;
    if (second !== undefined) {
      const isPath = second.startsWith("/") || third !== undefined;
      draft[isPath ? "containerPath" : "permissions"] = second;
    }
    if (third !== undefined) draft.permissions = third;
  }
  const { hostPath = "", permissions = "rwm" } = draft;
  const { containerPath = hostPath } = draft;
  if (hostPath.startsWith("/") && containerPath.startsWith("/") && PERMISSIONS.test(permissions))
    return { hostPath, containerPath, permissions };
  return at.problem(
    'is not a device. Write "/dev/host", "/dev/host:/dev/container" or with ":rwm".',
  );
}

const devices: Parser<readonly DeviceMapping[]> = (node, at) =>
  sequence(node, at)?.flatMap((item, index) => device(item, at.index(index)) ?? []);

export const storageFields: FieldTable<ServiceDraft> = {
  volumes: {
    how: "Short or long syntax: named volumes, paths beside the file, absolute paths on the host, anonymous volumes, tmpfs. Modes: ro, rw, z, Z, nocopy, a propagation; cached and delegated mean nothing on Linux.",
    parse(node, at, draft) {
      sequence(node, at)?.forEach((item, index) => {
        const here = at.index(index);
        if (item === null) return void here.problem("is empty. Remove it.");
        const value = mount(item, here, draft.context);
        if (value !== undefined) draft.mounts.push({ value, at: here, key: "volumes" });
      });
    },
  },
  volumes_from: {
    how: "List of service or service:ro: the named volumes and paths of that service, which starts first. Not those without a name.",
    parse(node, at, draft) {
      sequence(node, at)?.forEach((item, index) => readVolumesFrom(item, at.index(index), draft));
    },
  },
  tmpfs: unlessEmpty({
    how: "Path or list of paths, with :size=64m,mode=1777,uid=1000,noexec and the like at will.",
    parse(node, at, draft) {
      const single = typeof node === "string";
      oneOrMore(tmpfs)(node, at)?.forEach((value, index) =>
        draft.mounts.push({ value, at: single ? at : at.index(index), key: "tmpfs" }),
      );
    },
  }),
  devices: property("devices", devices, "host[:container[:rwm]], or the long syntax below."),
  shm_size: property("shmSizeBytes", size, "Size of /dev/shm."),
};

/** Keys that only a fig file has. */
export const figStorageFields: FieldTable<ServiceDraft> = {
  volume_driver: {
    how: "Driver of the service's named volumes; flocker is Ferry's own driver, which moves the data with its replica.",
    parse(node, at, draft) {
      const value = driverName(node, at);
      if (value !== undefined) draft.volumeDriver = { value, at };
    },
  },
};
