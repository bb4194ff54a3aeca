import { formatBytes, formatRate } from "../../core/move/format";
import type { CopyPath, CopyRoute, Round } from "../../core/move/port";
import { ENTRIES_SOURCE, ENTRIES_TARGET } from "../cut/entries-programs";
import type { OneOffKey } from "./one-off-key";
import { SMALL_SOURCE, SMALL_TARGET } from "./small-scripts";

/** How often it says how far it is. */
const TOLD_EVERY_MS = 5_000;

/**
 * The first copy of many small files, in several streams: rsync takes them one after the other, and makes several calls for
 * each. What it leaves is no worse than what rsync leaves when it is cut off; rsync goes over all of it next.
 */
export async function streamSmall(
  { source, target, progress, label }: CopyRoute,
  { sshConfig, directory, served }: OneOffKey,
  path: CopyPath,
  index: number,
): Promise<Omit<Round, "durationMs">> {
  await Promise.all([
    source.shell.writeFile(`${served}/few`, SMALL_SOURCE, { root: true }),
    source.shell.writeFile(`${served}/entries`, ENTRIES_SOURCE, { root: true }),
    target.shell.writeFile(`${directory}/entries`, ENTRIES_TARGET, { root: true }),
  ]);
  const args = [sshConfig, String(index), path.target, directory];
  const argv = ["sh", "-c", SMALL_TARGET, "small", ...args];
  const running = await target.shell.stream({ argv, root: true });
  running.stdin.end();
  const began = performance.now();
  const streams = new Map<string, { bytes: number; files: number }>();
  const sum = (of: "bytes" | "files") =>
    [...streams.values()].reduce((total, each) => total + each[of], 0);
  let told = began;
  let rest = "";
  running.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [stream = "", bytes, files] = line.split(" ");
      streams.set(stream, { bytes: Number(bytes), files: Number(files) });
    }
    const now = performance.now();
    if (now - told < TOLD_EVERY_MS) return;
    told = now;
    progress.info(
      `${label}: round 1: ${sum("files")} small files, ${formatBytes(sum("bytes"))}, of volume '${path.name}' so far, ` +
        formatRate(sum("bytes"), now - began),
    );
  });
  await running.done;
  return { bytesCopied: sum("bytes"), filesChanged: sum("files") };
}
