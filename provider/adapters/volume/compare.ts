import { FerryError } from "../../core/errors";
import { manifestDifferences } from "../../core/move/manifest";
import type { Comparison, CopyRoute } from "../../core/move/move-ports";
import type { Host } from "../../core/adapter-ports";
import type { Capabilities } from "./capabilities";
import { hostProgram } from "../../on-host/load";
import { putOnDisk } from "./on-disk";

const MANIFEST = hostProgram("cutover/manifest.sh");

/** Content of a terabyte takes its time; a listing does not. */
const DEADLINE_SECONDS = 24 * 3600;

/**
 * Compares source and target: a digest each at first, which is all that a good move transfers.
 * Equal copies are on the target's disk when this resolves, as nobody has the old one any more once
 * the move is committed.
 */
export async function compareCopies(
  { source, target, paths }: CopyRoute,
  { content }: { content: boolean },
  ofSource: Capabilities,
  ofTarget: Capabilities,
): Promise<Comparison> {
  const attributes = [ofSource, ofTarget].every(({ programs }) => programs.has("getfattr"));
  const onDisk = putOnDisk(
    target,
    paths.map((path) => path.target),
  );
  const comparing = Promise.all(
    paths.map(async (path) => {
      const list = (host: Host, folder: string, time: string, as: string) =>
        manifest(host, [
          folder,
          time,
          attributes ? "attributes" : "-",
          content ? "content" : "-",
          as,
        ]);
      const both = (time: string, as: string) =>
        Promise.all([list(source, path.source, time, as), list(target, path.target, time, as)]);
      const same = async (time: string) => {
        const [left, right] = await both(time, "digest");
        return left === right;
      };
      if (await same("fine")) return [];
      // A file system that keeps whole seconds is no reason to refuse; anything else is.
      const time = (await sameKeeping(source, path.source, target, path.target)) ? "fine" : "whole";
      if (time === "whole" && (await same(time))) return [];
      const [inSource, inTarget] = await both(time, "list");
      const found = manifestDifferences(
        { host: source.name, manifest: inSource },
        { host: target.name, manifest: inTarget },
      );
      // Lists are truncated at 32 MB; digests are of the whole.
      if (found.length === 0) return [`${path.name}: the copies differ`];
      return found.map((difference) => `${path.name}: ${difference}`);
    }),
  );
  const [compared] = await Promise.all([comparing, onDisk]);
  const differences = compared.flat();
  return { equal: differences.length === 0, differences };
}

async function manifest(host: Host, args: readonly string[]): Promise<string> {
  const options = { root: true, timeoutSeconds: DEADLINE_SECONDS };
  const { exitCode, stdout, stderr } = await host.shell.script(MANIFEST, args, options);
  if (exitCode === 0) return stdout;
  throw new FerryError({
    kind: "trouble",
    reason: `listing '${args[0] ?? ""}' failed on host '${host.name}': ${stderr.trim()}.`,
  });
}

async function sameKeeping(
  source: Host,
  left: string,
  target: Host,
  right: string,
): Promise<boolean> {
  const kind = (host: Host, path: string) =>
    host.shell.check({ argv: ["stat", "-f", "-c", "%T", "--", path], root: true });
  const [one, other] = await Promise.all([kind(source, left), kind(target, right)]);
  return one === other;
}
