import { readFileSync, rmSync } from "node:fs";
import { sep } from "node:path";

import { LabError } from "../errors";

/** Mount points at or below `dir`, from the text of /proc/self/mountinfo. */
export function mountsUnder(mountinfo: string, dir: string): string[] {
  return mountinfo
    .split("\n")
    .map((line) => line.split(" ")[4])
    .filter((path): path is string => path !== undefined)
    .map((path) => path.replaceAll("\\040", " "))
    .filter((path) => path === dir || path.startsWith(dir + sep));
}

/**
 * Removes a tree, but never through a mount: a half-made base tree may have the machine's own /proc
 * or /sys mounted inside, and deleting through that would harm the machine.
 */
export function discard(dir: string): void {
  const [mounted] = mountsUnder(readFileSync("/proc/self/mountinfo", "utf8"), dir);
  if (mounted !== undefined) {
    throw new LabError(
      `${mounted} is still mounted; unmount it ('umount ${mounted}') and run this again.`,
    );
  }
  rmSync(dir, { recursive: true, force: true });
}
