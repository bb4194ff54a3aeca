import { spawnSync } from "node:child_process";
import { join } from "node:path";

const FOLDER = join(__dirname, "../../../provider/on-host");

/** The shells that hosts' `sh` is, of those that this machine has; each as program and arguments. */
export const hostShells: [string, ...string[]][] = (
  [["dash"], ["busybox", "sh"]] as [string, ...string[]][]
).filter(([program, ...args]) => spawnSync(program, [...args, "-c", "exit 0"]).status === 0);

/** A line of shell that takes in parts of a program as they lie there. */
export const withParts = (...names: string[]): string =>
  names.map((name) => `. '${join(FOLDER, name)}'\n`).join("");
