import { pipeline } from "stream/promises";
import { Transform } from "stream";
import { FerryError } from "../../core/errors";
import type { Comparison, CopyPath, CopyRoute, DataMover, Round } from "../../core/move/port";
import type { Capabilities } from "./capabilities";
import { compareCopies } from "./compare";
import { EMPTY } from "./copy-scripts";

const TAR = ["--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner", "--sparse"];

/**
 * Copies through the operator's machine with tar, for hosts that do not reach each other or have no rsync. A copy of a
 * running replica would have to be made again anyway, so everything is copied in the cut: downtime grows with the data.
 */
export class RelayMover implements DataMover {
  readonly way = "relay";

  constructor(
    private readonly route: CopyRoute,
    private readonly source: Capabilities,
    private readonly target: Capabilities,
  ) {}

  async round({ final }: { final: boolean }): Promise<Round> {
    if (!final) return { bytesCopied: 0, filesChanged: 0, durationMs: 0 };
    const started = performance.now();
    let bytesCopied = 0;
    for (const path of this.route.paths) bytesCopied += await this.copy(path);
    return { bytesCopied, filesChanged: 0, durationMs: performance.now() - started };
  }

  distrustRecent(): Promise<void> {
    return Promise.resolve();
  }

  compare(options: { content: boolean }): Promise<Comparison> {
    return compareCopies(this.route, options, this.source, this.target);
  }

  cleanup(): Promise<void> {
    return Promise.resolve();
  }

  private async copy(path: CopyPath): Promise<number> {
    const { source, target } = this.route;
    await target.shell.script(EMPTY, [path.target], { root: true, timeoutSeconds: 3600 });
    const packing = await source.shell.stream({
      argv: ["tar", "-C", path.source, "--format=posix", ...TAR, "-cf", "-", "."],
      root: true,
    });
    packing.stdin.end();
    const unpacking = await target.shell.stream({
      argv: ["tar", "-C", path.target, ...TAR, "--same-owner", "-xpf", "-"],
      root: true,
    });
    unpacking.stdout.resume();
    let bytes = 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        done(null, chunk);
      },
    });
    try {
      await pipeline(packing.stdout, count, unpacking.stdin);
    } catch (error) {
      packing.kill();
      unpacking.kill();
      throw new FerryError(
        `copying volume '${path.name}' from host '${source.name}' failed on host '${target.name}': ${(error as Error).message}.`,
      );
    }
    const [packed, unpacked] = await Promise.all([packing.done, unpacking.done]);
    for (const [host, result] of [[source, packed] as const, [target, unpacked] as const]) {
      if (result.exitCode === 0) continue;
      throw new FerryError(
        `copying volume '${path.name}' failed on host '${host.name}': ${result.stderr.trim().split("\n").at(-1) ?? ""}.`,
      );
    }
    return bytes;
  }
}
