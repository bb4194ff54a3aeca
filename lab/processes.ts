import { readdirSync, readFileSync } from "node:fs";

import { cgroupsOf, pidsIn, selects } from "./cgroups";

/**
 * In the environment of every supervisor, so that one that has not yet joined its cgroups is found,
 * too.
 */
export const machineMark = "FERRY_LAB_MACHINE";

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
}

function isZombie(pid: number): boolean {
  return /^State:\s+[ZX]/m.test(read(pid, "status"));
}

function markOf(pid: number): string {
  const entry = read(pid, "environ")
    .split("\0")
    .find((each) => each.startsWith(`${machineMark}=`));
  return entry?.slice(machineMark.length + 1) ?? "";
}

/** Every live process of the selected machines, guests' processes included. */
export function processesOf(selector: string): number[] {
  const pids = new Set(cgroupsOf(selector).flatMap((dir) => pidsIn(dir)));
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid) && selects(selector, markOf(pid))) {
      pids.add(pid);
    }
  }
  pids.delete(process.pid);
  return [...pids].filter((pid) => pid > 0 && read(pid, "status") !== "" && !isZombie(pid));
}

export function commandOf(pid: number): string {
  return read(pid, "cmdline").replaceAll("\0", " ").trim() || read(pid, "comm").trim();
}

/**
 * Process numbers from the outermost namespace to the innermost, from the text of /proc/PID/status.
 */
export function namespacePids(status: string): number[] {
  return (/^NSpid:\s+(.+)$/m.exec(status)?.[1] ?? "").split(/\s+/).filter(Boolean).map(Number);
}

/** The machine's own PID 1, one namespace below ours (a container's is two below). */
export function initOf(machine: string): number | undefined {
  const depth = namespacePids(read(process.pid, "status")).length + 1;
  return processesOf(machine).find((pid) => {
    const pids = namespacePids(read(pid, "status"));
    return pids.length === depth && pids.at(-1) === 1;
  });
}

/** The machine's systemd-nspawn, which passes SIGTERM on as an orderly power-off. */
export function nspawnOf(machine: string): number | undefined {
  return processesOf(machine).find((pid) => read(pid, "comm").startsWith("systemd-nspawn"));
}

export function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // it has ended meanwhile
    }
  }
}
