import { hostname, userInfo } from "os";

/** Who holds a host's lock, for those who wait for it: "root@ci-7, process 4711". */
export function runOwner(): string {
  return `${userName()}@${hostname()}, process ${process.pid}`;
}

/** A process whose user has no entry in the machine's user list has a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "somebody");
  }
}
