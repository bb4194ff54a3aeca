import type { CopyRoute } from "../../core/move/port";
import type { OneOffKey } from "../move-key/one-off-key";
import { BLOCK_SOURCE } from "./block-source-program";
import { BLOCK_TARGET } from "./block-target-program";

/**
 * However short the last round was; what is written meanwhile is left to the cut, so it is not
 * longer without need.
 */
const LEAST_SECONDS = 60;

/**
 * On the target: $1 the key's folder, $2 seconds for each volume, $@ the volumes' numbers. A volume
 * without "summed-N" is rsync's alone; whatever is missing or fails here is no more than that.
 */
const SUM_BLOCKS = `
umask 077
cd "$1" || exit 0
seconds=$2
shift 2
for n in "$@"; do
  rm -f "summed-$n" "sums-$n"
  IFS= read -r path <"path-$n" &&
    ssh -F config ferry-source "large-$n" </dev/null >"large-$n" &&
    python3 -ISB blocks sum "$n" "$path" "$seconds" && [ -s "summed-$n.new" ] &&
    ssh -F config ferry-source "sums-$n" <"sums-$n" &&
    mv "summed-$n.new" "summed-$n" &&
    ssh -F config ferry-source "watch-$n" </dev/null
  rm -f "sums-$n"
done >/dev/null 2>&1
exit 0
`;

/**
 * While the source still runs: sums of the blocks of the target's copies of large files go to the
 * source, which compares them and lets its kernel note what is written from then on, so that the
 * cut reads such a file only there, and only where it may have been written to, and sends only
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
