import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

import { LabError } from "./errors";

/**
 * Runs `action` while holding the lock file. A helper under flock(1) holds it for as long as its
 * input stays open, so the kernel lets go whatever ends this process, SIGKILL included: there are
 * no stale locks to break.
 */
export async function withLock<T>(
  path: string,
  onWait: () => void,
  action: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const holder = spawn("flock", ["--no-fork", path, "sh", "-c", "echo held; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    // Its own group: Ctrl-C must end the work first and the lock after it.
    detached: true,
  });
  holder.stdin.on("error", () => undefined);
  const waiting = setTimeout(onWait, 500);
  try {
    await new Promise<void>((resolve, reject) => {
      holder.stdout.once("data", () => resolve());
      holder.once("error", (error) =>
        reject(new LabError(`cannot lock ${path}: ${error.message}. Install util-linux.`)),
      );
      holder.once("exit", (code) =>
        reject(new LabError(`cannot lock ${path}: flock ended with ${String(code)}.`)),
      );
    });
    clearTimeout(waiting);
    return await action();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
  }
}
