import type { CopyRoute } from "../../core/move/move-ports";
import type { OneOffKey } from "../move-key/one-off-key";
import { hostProgram } from "../../on-host/load";

const BLOCK_SOURCE = hostProgram("cutover/block_source.py");
const BLOCK_TARGET = hostProgram("cutover/block_target.py");
const SUM_BLOCKS = hostProgram("cutover/sum-blocks.sh");

/**
 * However short the last round was; what is written meanwhile is left to the cutover, so it is not
 * longer without need.
 */
const LEAST_SECONDS = 60;

/**
 * While the source still runs: sums of the blocks of the target's copies of large files go to the
 * source, which compares them and lets its kernel note what is written from then on, so that the
 * cutover reads such a file only there, and only where it may have been written to, and sends only
 * those of its blocks that differ.
 */
export async function sumBlocks(
  { source, target, paths }: CopyRoute,
  key: OneOffKey,
  lastRoundSeconds: number,
): Promise<void> {
  const write = { mode: 0o600, root: true };
  await Promise.all([
    source.shell.writeFile(`${key.served}/blocks`, BLOCK_SOURCE, write),
    target.shell.writeFile(`${key.directory}/blocks`, BLOCK_TARGET, write),
  ]);
  const seconds = Math.max(LEAST_SECONDS, Math.round(lastRoundSeconds));
  const args = [key.directory, String(seconds), ...paths.map((_, n) => String(n))];
  const timeoutSeconds = 600 + seconds * paths.length;
  await target.shell.script(SUM_BLOCKS, args, { root: true, timeoutSeconds });
}
