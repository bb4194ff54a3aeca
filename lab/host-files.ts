import { randomUUID } from "node:crypto";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { must } from "./exec";
import { hostOf, type Host, type Lab } from "./identity";
import type { HostKind } from "./kind";
import { resultOf } from "./setup/step";
import { weaveBuild } from "./setup/weave";

/** How many names each host's /etc/hosts has, so that hosts added later are known, too. */
const namesInHostsFile = 20;

const sshdConfig = `PermitRootLogin prohibit-password
PasswordAuthentication no
HostKey /etc/ssh/ssh_host_ed25519_key
UseDNS no
`;

/** nspawn mounts v1 cgroups read-only; Docker needs to make its own below the host's. */
const cgroupUnit = `[Unit]
Description=Make the host's cgroups writable for Docker
DefaultDependencies=no
Before=docker.service containerd.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'for dir in /sys/fs/cgroup/*/; do mount -o remount,rw,bind "$dir" || true; done'
[Install]
WantedBy=sysinit.target
`;

/** Nothing here needs them, and networkd would fight over an address that the host already has. */
const maskedUnits = [
  "systemd-networkd.service",
  "systemd-networkd.socket",
  "systemd-networkd-wait-online.service",
  "systemd-resolved.service",
  "systemd-timesyncd.service",
  "console-getty.service",
  "getty.target",
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "dpkg-db-backup.timer",
  "e2scrub_all.timer",
  "fstrim.timer",
];

/**
 * Docker's privileged containers ask for every capability. Where this machine itself lacks
 * CAP_SYS_RESOURCE, runc cannot grant it and refuses; this stands before runc and leaves that one
 * out.
 */
const runcWrapper = `#!/bin/sh
spec= previous=
for word in "$@"; do
  case $previous in
    --bundle | -b) spec=$word/config.json ;;
    --process | -p) spec=$word ;;
  esac
  previous=$word
done
[ -f "$spec" ] && sed -i -e 's/"CAP_SYS_RESOURCE",//g' -e 's/,"CAP_SYS_RESOURCE"//g' "$spec"
exec /usr/sbin/runc "$@"
`;

const sysResource = 24n;

/** Whether the bounding set in the text of /proc/self/status has CAP_SYS_RESOURCE. */
export function hasSysResource(status: string): boolean {
  const set = BigInt(`0x${/^CapBnd:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return ((set >> sysResource) & 1n) === 1n;
}

/** The text of daemon.json. */
export function dockerConfig({ docker, store }: HostKind, wrapRunc: boolean): string {
  const wrapper = {
    runtimes: { "runc-plain": { path: "/usr/local/sbin/runc-without-sys-resource" } },
    "default-runtime": "runc-plain",
  };
  const inContainerd = store === "containerd";
  const features = {
    // Docker 29 chooses containerd's by itself.
    "containerd-snapshotter": inContainerd,
    // It also gives containers a clock of their own, for which it needs a runc that is newer than
    // the release's.
    ...(docker === "29" ? { "time-namespaces": false } : {}),
  };
  return JSON.stringify({
    ...(inContainerd ? {} : { "storage-driver": "overlay2" }),
    ...(docker === "20.10" ? {} : { features }),
    ...(wrapRunc ? wrapper : {}),
  });
}

function hostsFile(lab: Lab, host: Host): string {
  const lines = ["127.0.0.1 localhost", `127.0.1.1 ${host.name}`];
  for (let index = 1; index <= namesInHostsFile; index += 1) {
    const other = hostOf(lab, index);
    if (other.name !== host.name) lines.push(`${other.ip} ${other.name}`);
  }
  return `${lines.join("\n")}\n`;
}

export function upperDir(host: Host): string {
  return join(host.dir, "upper");
}

export function hostUuid(host: Host): string {
  return readFileSync(join(host.dir, "uuid"), "utf8").trim();
}

export function hostKey(host: Host): string {
  const text = readFileSync(join(upperDir(host), "etc/ssh/ssh_host_ed25519_key.pub"), "utf8");
  return text.split(" ").slice(0, 2).join(" ").trim();
}

/**
 * Writes everything in which this host differs from the base tree. Only while it is down: its
 * overlay is not mounted.
 */
export async function writeHostFiles(lab: Lab, host: Host, kind: HostKind): Promise<void> {
  const upper = upperDir(host);
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(upper, path)), { recursive: true });
    writeFileSync(join(upper, path), text);
    chmodSync(join(upper, path), mode);
  };
  for (const dir of ["upper", "work", "root", "docker", "containerd"]) {
    mkdirSync(join(host.dir, dir), { recursive: true });
  }
  if (kind.suite === "trixie") {
    // Its containerd makes it some time after it has started: no picture of a host may depend on
    // when.
    mkdirSync(join(upper, "etc/cni/net.d"), { recursive: true });
  }
  if (!existsSync(join(host.dir, "uuid"))) writeFileSync(join(host.dir, "uuid"), randomUUID());
  // A peer's name in Weave follows from this.
  write("etc/machine-id", `${hostUuid(host).replaceAll("-", "")}\n`);
  write("etc/hostname", `${host.name}\n`);
  write("etc/hosts", hostsFile(lab, host));
  write("etc/ssh/sshd_config.d/ferry-lab.conf", sshdConfig);
  const key = join(upper, "etc/ssh/ssh_host_ed25519_key");
  if (!existsSync(key)) {
    await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", host.name, "-f", key]);
  }
  authorise(lab, upper);

  const wrapRunc = !hasSysResource(readFileSync("/proc/self/status", "utf8"));
  write("etc/docker/daemon.json", dockerConfig(kind, wrapRunc));
  if (wrapRunc) write("usr/local/sbin/runc-without-sys-resource", runcWrapper, 0o755);
  if (kind.docker !== "none") {
    mkdirSync(join(upper, "usr/local/bin"), { recursive: true });
    const command = join(resultOf(weaveBuild(kind.weave)), "bin/weave");
    copyFileSync(command, join(upper, "usr/local/bin/weave"));
  }

  write("etc/systemd/system/ferry-lab-cgroups.service", cgroupUnit);
  const units = "etc/systemd/system";
  link(
    upper,
    `${units}/sysinit.target.wants/ferry-lab-cgroups.service`,
    "../ferry-lab-cgroups.service",
  );
  link(upper, `${units}/default.target`, "/lib/systemd/system/multi-user.target");
  for (const unit of maskedUnits) link(upper, `${units}/${unit}`, "/dev/null");
}

function link(upper: string, path: string, target: string): void {
  mkdirSync(dirname(join(upper, path)), { recursive: true });
  rmSync(join(upper, path), { force: true });
  symlinkSync(target, join(upper, path));
}

/**
 * The lab's key opens root and `ferry`. Written once: what Ferry adds to a host's keys must outlive
 * a power cut.
 */
function authorise(lab: Lab, upper: string): void {
  const publicKey = readFileSync(join(lab.dir, "key.pub"), "utf8");
  const ferryUser = 1000;
  for (const [home, user] of [
    ["root", 0],
    ["home/ferry", ferryUser],
  ] as const) {
    const file = join(upper, home, ".ssh/authorized_keys");
    if (existsSync(file)) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, publicKey, { mode: 0o600 });
    chmodSync(dirname(file), 0o700);
    chmodSync(join(upper, home), user === 0 ? 0o700 : 0o755);
    for (const path of [join(upper, home), dirname(file), file]) chownSync(path, user, user);
  }
}
