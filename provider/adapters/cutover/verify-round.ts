import { explainDifferences } from "../../core/move/explain-differences";
import type { CopyRoute } from "../../core/move/move-ports";
import type { OneOffKey } from "../move-key/one-off-key";
import { hostProgram } from "../../on-host/load";

const KEEP_BASE = hostProgram("cutover/keep-base.sh");
const SOURCE_SCRIPT = hostProgram("cutover/source.sh");
const VERIFY = hostProgram("cutover/verify-round.sh");

/** Listing millions of files takes a while; nothing stands still for it. */
const DEADLINE_SECONDS = 24 * 3600;

/**
 * Compares both sides while the source runs, and when all is well notes that the cutover may build
 * upon the last round: it then copies and compares only what changed since that round began.
 */
export async function verifyRound(
  route: CopyRoute,
  key: OneOffKey,
  attributes: boolean,
): Promise<boolean> {
  const { source, target, paths, progress, label } = route;
  const options = { root: true, timeoutSeconds: DEADLINE_SECONDS };
  const write = { mode: 0o600, root: true };
  await Promise.all([
    source.shell.writeFile(`${key.served}/agent`, SOURCE_SCRIPT, write),
    ...(attributes
      ? [
          source.shell.writeFile(`${key.served}/cut/attributes`, "", write),
          target.shell.writeFile(`${key.directory}/attributes`, "", write),
        ]
      : []),
    ...paths.map((path, n) =>
      target.shell.writeFile(`${key.directory}/path-${n}`, `${path.target}\n`, write),
    ),
  ]);
  for (const [n, path] of paths.entries()) {
    const args = [key.directory, String(n)];
    const { exitCode, stdout } = await target.shell.script(VERIFY, args, options);
    if (exitCode !== 0) return false;
    const { unexplained } = explainDifferences(stdout);
    if (unexplained.length === 0) continue;
    progress.info(
      `${label}: volume '${path.name}' is looked through as a whole in the cutover: ` +
        `${unexplained.length} of its entries differ, such as '${unexplained[0] ?? ""}'`,
    );
    return false;
  }
  const numbers = paths.map((_, n) => String(n));
  const kept = await source.shell.script(KEEP_BASE, [key.served, ...numbers], options);
  return kept.exitCode === 0;
}
