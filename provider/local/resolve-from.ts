import { homedir } from "os";
import { join, resolve } from "path";

/** A path of a compose file, seen from its folder; `~` is the home of whoever runs the program. */
export function resolveFrom(folder: string, path: string): string {
  return /^~(\/|$)/.test(path) ? join(homedir(), path.slice(1)) : resolve(folder, path);
}
