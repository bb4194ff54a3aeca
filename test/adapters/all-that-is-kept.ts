import { execFileSync } from "node:child_process";
import { withParts } from "./on-host/here";

/**
 * All that a move keeps of everything below a folder, and every byte of its files, as a text to
 * compare.
 *
 * @param what words for `find`: only of these
 */
export function allThatIsKept(root: string, ...what: string[]): string {
  const script =
    `root=$1\nshift\nattributes=/none\n${withParts("cutover/facts.sh")}` +
    `cd "$root" && find . "$@" -print0 | FACTS_OF | tr '\\0' '\\n'; ` +
    "find . -type f -print0 | sort -z | xargs -0 -r sha256sum";
  return execFileSync("sh", ["-c", script, "sh", root, ...what], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
}
