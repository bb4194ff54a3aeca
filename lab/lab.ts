import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { unavailable } from "./available";
import { cgroupsOf, removeCgroups } from "./cgroups";
import { writeConnections, writeKnownHosts } from "./connection";
import { LabError } from "./errors";
import { must, waitFor } from "./exec";
import { bootOf, powerDown, isRunning, removeNspawnTraces, startHost, stopHost } from "./host";
import { hostNamed, hostOf, type Host, type Lab, maxHosts, thisLab } from "./identity";
import { loadImages, loadProxyImage as loadProxy, offerImages } from "./images";
import { formatKind, type HostKind } from "./kind";
import { leftovers } from "./leftovers";
import { withLock } from "./lock";
import { kindFor, madeAs, writeKind } from "./made-as";
import { ensureBridge, removeNetwork } from "./network";
import { processesOf, signal } from "./processes";
import { discard } from "./setup/discard";
import type { Say } from "./setup/step";
import { ensureHosts } from "./setup/steps";
import { mustRun, requireHost, run, waitUntilReady } from "./ssh";

const quiet: Say = () => undefined;

/** What changes a lab is done by one process at a time; another one waits. */
function exclusively<T>(lab: Lab, say: Say, action: () => Promise<T>): Promise<T> {
  return withLock(
    `${lab.dir}.lock`,
    () => say(`waiting for another process that is changing lab ${lab.id}`),
    action,
  );
}

/** The hosts that have ever been made here, in order. */
export function madeHosts(lab: Lab): Host[] {
  const folder = join(lab.dir, "hosts");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => hostNamed(lab, name))
    .filter((host) => host !== undefined)
    .sort((a, b) => a.index - b.index);
}

async function refuseForeignNetwork(lab: Lab): Promise<void> {
  const routes = await must(["ip", "-4", "route", "show", "exact", `${lab.network}.0/24`]);
  if (routes.trim() !== "" && !routes.includes(`dev ${lab.bridge}`)) {
    throw new LabError(
      `This machine already has a network ${lab.network}.0/24 (${routes.trim()}); set FERRY_LAB_ID to any word to give the lab another one.`,
    );
  }
}

async function boot(lab: Lab, hosts: readonly Host[], say: Say): Promise<void> {
  const kindOf = (host: Host): HostKind => kindFor(host, undefined, false);
  const kinds = madeHosts(lab)
    .filter((host) => isRunning(host) || hosts.some(({ name }) => name === host.name))
    .map(kindOf);
  await ensureHosts(kinds, say);
  const imagesOf = await offerImages(lab, kinds, say);
  await Promise.all(hosts.map((host) => startHost(lab, host, kindOf(host))));
  writeKnownHosts(lab, madeHosts(lab));
  await Promise.all(
    hosts.map(async (host) => {
      const kind = kindOf(host);
      if (kind.docker === "none") return waitUntilReady(lab, host, { docker: false });
      await waitUntilReady(lab, host);
      return loadImages(lab, host, imagesOf(kind));
    }),
  );
  writeConnections(lab, madeHosts(lab).filter(isRunning));
}

/**
 * Brings up hosts node1..nodeN with Docker, Weave and the images, each of the kind that is wanted
 * of it. What is up already is left as it is. What hosts of these kinds are made of is made first,
 * where it is not there.
 */
export async function up(
  count = 3,
  lab: Lab = thisLab(),
  say: Say = quiet,
  wanted: (index: number) => HostKind | undefined = () => undefined,
): Promise<void> {
  const reason = unavailable();
  if (reason !== undefined) throw new LabError(reason, 2);
  if (!Number.isInteger(count) || count < 1 || count > maxHosts) {
    throw new LabError(`The lab has 1 to ${maxHosts} hosts, not ${count}.`, 2);
  }
  await exclusively(lab, say, async () => {
    mkdirSync(lab.dir, { recursive: true });
    chmodSync(lab.dir, 0o700);
    const key = join(lab.dir, "key");
    if (!existsSync(key)) {
      await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", lab.id, "-f", key]);
    }
    const hosts = Array.from({ length: count }, (_, index) => hostOf(lab, index + 1));
    const kinds = hosts.map((host) => kindFor(host, wanted(host.index), isRunning(host)));
    await ensureHosts(kinds, say);
    hosts.forEach((host, index) => writeKind(host, kinds[index] as HostKind));
    await refuseForeignNetwork(lab);
    await ensureBridge(lab);
    await boot(lab, hosts, say);
  });
}

/**
 * Ends everything of this lab on the machine, whoever started it and however that ended; disks are
 * kept.
 */
export async function down(lab: Lab = thisLab(), say: Say = quiet): Promise<void> {
  await exclusively(lab, say, async () => {
    await Promise.all(madeHosts(lab).map((host) => stopHost(host)));
    await discardAll(lab);
    const left = leftovers(lab);
    if (left.length > 0) throw new LabError(`Left of lab ${lab.id}: ${left.join(", ")}.`);
  });
}

/** What no host's folder accounts for, as when the folders were deleted under a running lab. */
async function discardAll(lab: Lab): Promise<void> {
  const all = `${lab.id}-`;
  await waitFor(() => {
    const pids = processesOf(all);
    signal(pids, "SIGKILL");
    return pids.length === 0 ? true : undefined;
  }, 5_000);
  removeCgroups(cgroupsOf(all));
  removeNspawnTraces(all);
  await removeNetwork(lab);
}

/** `down`, and the hosts' disks and keys go, too. */
export async function wipe(lab: Lab = thisLab(), say: Say = quiet): Promise<void> {
  await down(lab, say);
  await exclusively(lab, say, () => {
    discard(lab.dir);
    return Promise.resolve();
  });
}

/** Reboots a host and waits until ssh and Docker answer again. */
export async function reboot(name: string, lab: Lab = thisLab()): Promise<void> {
  const host = requireHost(lab, name);
  const before = bootOf(host);
  if (before === undefined) throw new LabError(`${name} is not running; start it first.`);
  // The connection may end before ssh has its exit code.
  await run(name, ["systemctl", "reboot"], { timeoutMs: 10_000 }, lab);
  const rebooted = await waitFor(() => {
    const now = bootOf(host);
    return now !== undefined && now !== before ? true : undefined;
  }, 60_000);
  if (rebooted === undefined) {
    throw new LabError(
      `${name} did not reboot; its console is in ${join(host.dir, "console.log")}.`,
    );
  }
  await waitUntilReady(lab, host);
}

/** A power cut: the host is gone at once, with nothing said to anybody. */
export async function crash(name: string, lab: Lab = thisLab()): Promise<void> {
  await exclusively(lab, quiet, () => powerDown(requireHost(lab, name)));
}

/** Boots a host after a power cut or a power-off, and waits until ssh and Docker answer. */
export async function start(name: string, lab: Lab = thisLab(), say: Say = quiet): Promise<void> {
  const host = requireHost(lab, name);
  if (!existsSync(host.dir)) throw new LabError(`${name} was never made; run 'up' first.`);
  await exclusively(lab, say, async () => {
    await ensureBridge(lab);
    await boot(lab, [host], say);
  });
}

/** One line a host, for people. */
export async function status(lab: Lab = thisLab()): Promise<string[]> {
  const lines = [`lab ${lab.id} in ${lab.dir}, network ${lab.network}.0/24`];
  for (const host of madeHosts(lab)) {
    const kind = madeAs(host);
    const what = `${host.name}  ${host.ip}  ${kind === undefined ? "" : formatKind(kind)}`;
    if (!isRunning(host)) lines.push(`${what}  down`);
    else {
      const ask = `docker version -f 'Docker {{.Server.Version}}'; echo "$(docker ps -q | wc -l) containers"`;
      const said = await mustRun(host.name, ask, lab).catch(() => "does not answer");
      lines.push(`${what}  up  ${said.trim().replaceAll("\n", ", ")}`);
    }
  }
  return lines;
}

/** On all hosts that are up. */
export async function loadProxyImage(lab: Lab = thisLab(), say: Say = quiet): Promise<void> {
  await loadProxy(lab, madeHosts(lab).filter(isRunning), say);
}
