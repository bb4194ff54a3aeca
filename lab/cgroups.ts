import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const root = "/sys/fs/cgroup";

/** The machine's hierarchies: one with cgroup v2, one for each controller with v1. */
function hierarchies(): string[] {
  if (existsSync(join(root, "cgroup.procs"))) return [root];
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, "cgroup.procs")))
    .map((entry) => join(root, entry.name));
}

/**
 * Makes a machine's cgroup in each hierarchy and gives their folders; the machine's supervisor
 * joins them itself.
 */
export function makeCgroups(machine: string): string[] {
  return hierarchies().map((hierarchy) => {
    const dir = join(hierarchy, machine);
    mkdirSync(dir, { recursive: true });
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      // A fresh v1 cpuset is empty, and nothing can join it before it has been filled.
      if (existsSync(join(hierarchy, file)) && existsSync(join(dir, file))) {
        if (hierarchy !== root) writeFileSync(join(dir, file), readFileSync(join(hierarchy, file)));
      }
    }
    return dir;
  });
}

/**
 * A selector that ends with `-` stands for all machines of a lab, any other for the machine of that
 * very name.
 */
export function selects(selector: string, machine: string): boolean {
  return selector.endsWith("-") ? machine.startsWith(selector) : machine === selector;
}

/** Existing cgroup folders of the selected machines. */
export function cgroupsOf(selector: string): string[] {
  return hierarchies().flatMap((hierarchy) =>
    readdirSync(hierarchy, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && selects(selector, entry.name))
      .map((entry) => join(hierarchy, entry.name)),
  );
}

function walk(dir: string, visit: (dir: string) => void): void {
  let names: string[] = [];
  try {
    names = readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return; // gone meanwhile, as cgroups are when a host goes down
  }
  for (const name of names) walk(join(dir, name), visit);
  visit(dir);
}

export function pidsIn(cgroup: string): number[] {
  const pids: number[] = [];
  walk(cgroup, (dir) => {
    try {
      const text = readFileSync(join(dir, "cgroup.procs"), "utf8");
      pids.push(...text.split("\n").filter(Boolean).map(Number));
    } catch {
      // gone meanwhile
    }
  });
  return pids;
}

/** Removes empty cgroups; false while something still lives in them. */
export function removeCgroups(dirs: readonly string[]): boolean {
  let clean = true;
  for (const top of dirs) {
    walk(top, (dir) => {
      try {
        rmdirSync(dir);
      } catch {
        clean = clean && !existsSync(dir);
      }
    });
  }
  return clean;
}
