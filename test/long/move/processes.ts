import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Texts that a process has in its environment and in its command line. */
export interface Marks {
  readonly environment: string;
  readonly command: string;
}

/** Of this machine, by their numbers. */
export function processesWith({ environment, command }: Marks): number[] {
  const text = (pid: string, file: string) => {
    try {
      return readFileSync(join("/proc", pid, file), "utf8");
    } catch {
      return "";
    }
  };
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && text(pid, "cmdline").includes(command))
    .filter((pid) => text(pid, "environ").includes(environment))
    .map(Number);
}
