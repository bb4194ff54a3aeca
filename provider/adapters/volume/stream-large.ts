import { formatBytes } from "../../core/move/format";
import type { CopyPath, CopyRoute, Round } from "../../core/move/port";
import type { OneOffKey } from "./one-off-key";
import { PLAIN_TARGET } from "./plain-scripts";

/**
 * The first copy of large files, as thin as `ssh cat`: rsync takes sums of all that it sends, on both sides. What it leaves
 * is no worse than what rsync leaves when it is cut off; rsync goes over all of it next.
 */
export async function streamLarge(
  { target, progress, label }: CopyRoute,
  { sshConfig, directory }: OneOffKey,
  path: CopyPath,
  index: number,
): Promise<Omit<Round, "durationMs">> {
  const args = [sshConfig, String(index), path.target, `${directory}/plain-${index}`];
  const argv = ["sh", "-c", PLAIN_TARGET, "plain", ...args];
  const running = await target.shell.stream({ argv, root: true });
  running.stdin.end();
  const began = performance.now();
  let rest = "";
  let bytesCopied = 0;
  let filesChanged = 0;
  running.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [word, figure] = line.split(" ");
      const bytes = Number(figure);
      if (word === "copied") {
        bytesCopied += bytes;
        filesChanged += 1;
      } else if (word === "so-far") {
        const rate = (bytes / (performance.now() - began)) * 1000;
        progress.info(
          `${label}: round 1: ${formatBytes(bytes)} of volume '${path.name}' so far, ${formatBytes(rate)}/s`,
        );
      }
    }
  });
  await running.done;
  return { bytesCopied, filesChanged };
}
