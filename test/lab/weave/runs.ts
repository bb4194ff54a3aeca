import { readdirSync, readFileSync } from "node:fs";

import type { PulumiProject, RunningCommand } from "../../../lab";

/** As a user with a large program runs it. */
export const UP = ["up", "--yes", "--skip-preview", "--parallel", "100"];
export const DESTROY = ["destroy", "--yes", "--skip-preview", "--parallel", "100"];

/** `pulumi up` that must succeed; gives all that it said. */
export async function up(project: PulumiProject, ...more: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run([...UP, ...more]);
  if (code !== 0) throw new Error(`pulumi up failed:\n${stdout}${stderr}`);
  return stdout + stderr;
}

/** `pulumi up` that must fail; gives all that it said. */
export async function upFails(project: PulumiProject, ...more: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run([...UP, ...more]);
  const said = stdout + stderr;
  if (code === 0) throw new Error(`pulumi up was to fail, and did not:\n${said}`);
  expect(said).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);
  return said;
}

export async function destroy(project: PulumiProject): Promise<string> {
  const { code, stdout, stderr } = await project.run(DESTROY);
  if (code !== 0) throw new Error(`pulumi destroy failed:\n${stdout}${stderr}`);
  return stdout + stderr;
}

/** Another `up` has nothing to do, after a look at all hosts. */
export async function expectNothingToDo(project: PulumiProject): Promise<void> {
  await up(project, "--refresh");
  expect(await project.lastChanges()).toBe(0);
}

function processes(): Map<number, { parent: number; command: string }> {
  const found = new Map<number, { parent: number; command: string }>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      found.set(Number(name), { parent, command });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** The processes of a run that is going on: itself, and all that it started. */
function processesOf(run: RunningCommand): { pid: number; command: string }[] {
  const all = processes();
  const belongs = (pid: number): boolean => {
    if (pid === run.pid) return true;
    const parent = all.get(pid)?.parent;
    return parent !== undefined && parent > 1 && belongs(parent);
  };
  return [...all].filter(([pid]) => belongs(pid)).map(([pid, { command }]) => ({ pid, command }));
}

export type Victim = "provider" | "engine";

/** SIGKILL, as the kernel does it when memory runs out. */
export function kill(run: RunningCommand, victim: Victim): void {
  const pids =
    victim === "engine"
      ? [run.pid]
      : processesOf(run)
          .filter(({ command }) => /dynamic-provider/.test(command))
          .map(({ pid }) => pid);
  if (pids.length === 0) throw new Error("the run has no provider to kill");
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

/**
 * Waits for a killed run and all that it started to be gone, and takes the backend's lock off as a
 * user would.
 */
export async function afterKill(project: PulumiProject, run: RunningCommand): Promise<void> {
  await run.ended;
  await project.run(["cancel", "--yes"]);
}
