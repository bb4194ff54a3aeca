import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
} from "node:fs";
import { join } from "node:path";

import { cgroupsOf, makeCgroups, removeCgroups, selects } from "./cgroups";
import { mountDisk } from "./disk";
import { LabError } from "./errors";
import { exec, must, waitFor } from "./exec";
import { hostUuid, upperDir, writeHostFiles } from "./host-files";
import type { Host, Lab } from "./identity";
import { removeHostNetwork } from "./network";
import { initOf, machineMark, nspawnOf, processesOf, signal } from "./processes";
import type { HostKind } from "./kind";
import { treesBelow } from "./setup/base";
import { mountsUnder } from "./setup/discard";
import { nspawnLibraries, nspawnPath } from "./setup/nspawn";
import { resultOf } from "./setup/step";

/**
 * An orderly power-off may have to wait for containers that ignore SIGTERM; after this the power is
 * cut.
 */
const powerOffMs = 20_000;

const supervisorScript = join(__dirname, "host-supervisor.sh");

export function isRunning(host: Host): boolean {
  return initOf(host.machine) !== undefined;
}

/** All hosts of the lab have it, at /opt/ferry-lab-shared. */
export function sharedFolder(lab: Lab): string {
  return join(lab.dir, "shared");
}

function nspawnCommand(lab: Lab, host: Host): string[] {
  const bind = (from: string, to: string): string => `--bind=${join(host.dir, from)}:${to}`;
  return [
    ...[nspawnPath(), "--quiet", "--boot", "--directory", join(host.dir, "root")],
    ...[`--machine=${host.machine}`, `--hostname=${host.name}`, `--uuid=${hostUuid(host)}`],
    // No machined out here: the host stays in the cgroups that its supervisor joined.
    ...["--register=no", "--keep-unit", "--link-journal=no"],
    ...["--resolv-conf=off", "--timezone=off", "--console=pipe"],
    // Docker in a host needs what Docker on any machine needs.
    ...["--capability=all", "--system-call-filter=add_key keyctl bpf"],
    // overlay2 cannot lie on the overlay that is the host's root.
    ...[bind("docker", "/var/lib/docker"), bind("containerd", "/var/lib/containerd")],
    `--bind-ro=${join(lab.dir, "images")}:/opt/ferry-lab-images`,
    // What a file server, or a storage that several hosts reach, would have.
    `--bind=${sharedFolder(lab)}:/opt/ferry-lab-shared`,
  ];
}

async function mountRoot(host: Host, kind: HostKind): Promise<void> {
  const root = join(host.dir, "root");
  const below = treesBelow(kind).map((step) => join(resultOf(step), "root"));
  const layers = [
    `lowerdir=${below.join(":")}`,
    `upperdir=${upperDir(host)}`,
    `workdir=${join(host.dir, "work")}`,
    "index=off",
  ];
  await must(["mount", "-t", "overlay", host.machine, "-o", layers.join(","), root]);
}

export function mountsOf(dir: string): string[] {
  return mountsUnder(readFileSync("/proc/self/mountinfo", "utf8"), dir);
}

async function unmountRoot(host: Host): Promise<void> {
  // The guest's own copy of the mount goes with its last process, which may take a moment.
  const done = await waitFor(async () => {
    for (const path of mountsOf(host.dir).reverse()) await exec(["umount", path]);
    return mountsOf(host.dir).length === 0 ? true : undefined;
  }, 5_000);
  if (done === undefined) {
    throw new LabError(
      `${host.name}'s disk at ${host.dir} is still in use; close what looks into it and run this again.`,
    );
  }
}

const nspawnTraces = "/run/systemd/nspawn/propagate";

/** Folders that nspawn leaves behind when it was killed itself. */
export function nspawnTracesOf(selector: string): string[] {
  if (!existsSync(nspawnTraces)) return [];
  return readdirSync(nspawnTraces)
    .filter((name) => selects(selector, name))
    .map((name) => join(nspawnTraces, name));
}

export function removeNspawnTraces(selector: string): void {
  // Only ever empty: rmdir rather than a recursive delete, since a host's own /run was once mounted
  // from here.
  for (const dir of nspawnTracesOf(selector)) rmdirSync(dir);
}

/** Boots a host that is down; one that is up is left alone. Returns before it answers. */
export async function startHost(lab: Lab, host: Host, kind: HostKind): Promise<void> {
  if (isRunning(host)) return;
  await powerDown(host);
  await writeHostFiles(lab, host, kind);
  await mountRoot(host, kind);
  await mountDisk(host);
  mkdirSync(sharedFolder(lab), { recursive: true });
  const console = openSync(join(host.dir, "console.log"), "a");
  const supervisor = spawn(
    "sh",
    // Its text, not its name: a shell reads a script as it goes, and this one outlives a change of
    // the file.
    ["-c", readFileSync(supervisorScript, "utf8"), "host-supervisor", ...nspawnCommand(lab, host)],
    {
      detached: true,
      stdio: ["ignore", console, console],
      cwd: "/",
      env: {
        PATH: process.env["PATH"],
        SYSTEMD_NSPAWN_API_VFS_WRITABLE: "1",
        [machineMark]: host.machine,
        FERRY_LAB_CGROUPS: makeCgroups(host.machine).join(" "),
        FERRY_LAB_BRIDGE: lab.bridge,
        FERRY_LAB_CABLE: host.cable,
        FERRY_LAB_ADDRESS: `${host.ip}/24`,
        FERRY_LAB_LIBRARIES: nspawnLibraries(),
      },
    },
  );
  closeSync(console);
  supervisor.unref();
}

/**
 * Ends a host: orderly if it is willing, then by force. Afterwards nothing of it is left but its
 * disk.
 */
export async function stopHost(host: Host): Promise<void> {
  const nspawn = nspawnOf(host.machine);
  if (nspawn !== undefined) {
    signal([nspawn], "SIGTERM");
    await waitFor(() => (processesOf(host.machine).length === 0 ? true : undefined), powerOffMs);
  }
  await powerDown(host);
}

/**
 * Kills the guest's PID 1, with which its whole namespace dies; then whatever of the host is left
 * out here.
 */
export async function powerDown(host: Host): Promise<void> {
  const { machine } = host;
  const init = initOf(machine);
  if (init !== undefined) {
    signal([init], "SIGKILL");
    await waitFor(() => (processesOf(machine).length === 0 ? true : undefined), 2_000);
  }
  const ended = await waitFor(() => {
    const left = processesOf(machine);
    signal(left, "SIGKILL");
    return left.length === 0 ? true : undefined;
  }, 10_000);
  if (ended === undefined) {
    throw new LabError(`${host.name} still has processes (${processesOf(machine).join(", ")}).`);
  }
  await waitFor(() => (removeCgroups(cgroupsOf(machine)) ? true : undefined), 5_000);
  await removeHostNetwork(host);
  await unmountRoot(host);
  removeNspawnTraces(host.machine);
}

/** The process number of the guest's PID 1, another one after each boot. */
export function bootOf(host: Host): number | undefined {
  return initOf(host.machine);
}
