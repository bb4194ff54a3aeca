import { homedir } from "node:os";
import { join } from "node:path";

/** Everything slow is kept here, outside the work tree, so that a fresh checkout starts warm. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return (
    env["FERRY_CACHE"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "pulumi-ferry")
  );
}
