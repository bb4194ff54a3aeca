import { pipeline } from "stream/promises";
import { Transform } from "stream";
import { FerryError } from "../../core/errors";
import type { Comparison, CopyPath, CopyRoute, DataMover, Round } from "../../core/move/move-ports";
import type { Host } from "../../core/adapter-ports";
import type { Capabilities } from "./capabilities";
import { compareCopies } from "./compare";
import { HowFar, outOf } from "./how-far";
import { Skipped } from "./skipped";
import { throttle } from "./throttle";
import { hostProgram } from "../../on-host/load";

const DEVICES = hostProgram("volume/devices.sh");
const EMPTY = hostProgram("volume/empty.sh");
const ESTIMATE = hostProgram("volume/estimate.sh");

const TAR = ["--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner", "--sparse"];

const LONG = { root: true, timeoutSeconds: 3600 };

/**
 * tar itself takes no name that leads out of the folder, and follows no link that came with the
 * archive. It ends with the archive, before its input does; whoever still writes must not find it
 * gone.
 */
export function unpackArgv(into: string): string[] {
  const tar = ["tar", "-C", into, ...TAR, "--same-owner", "-xpf", "-"];
  return ["sh", "-c", '"$@" && exec cat >/dev/null', "unpack", ...tar];
}

/**
 * Copies through the operator's machine with tar, for hosts that do not reach each other or have no
 * rsync. A copy of a running replica would have to be made again anyway, so everything is copied in
 * the cutover: downtime grows with the data.
 */
export class RelayMover implements DataMover {
  readonly way = "relay";
  /** Bytes of each volume, by its name. */
  private readonly totals = new Map<string, number>();
  private readonly skipped: Skipped;

  constructor(
    private readonly route: CopyRoute,
    private readonly source: Capabilities,
    private readonly target: Capabilities,
  ) {
    this.skipped = new Skipped(route);
  }

  async round({ final }: { final: boolean }): Promise<Round> {
    if (!final) {
      await this.measure();
      return { bytesCopied: 0, filesChanged: 0, durationMs: 0 };
    }
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

  /**
   * Its data goes through this machine, and so must every step of the cutover; `open` has told so.
   */
  armCutover(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  cleanup(): Promise<void> {
    return Promise.resolve();
  }

  /** While the replica still runs. Only tells how far the copy is, so nothing depends on it. */
  private async measure(): Promise<void> {
    const { source, paths } = this.route;
    for (const path of paths) {
      const measured = await source.shell
        .script(ESTIMATE, [path.source], LONG)
        .catch(() => undefined);
      this.totals.set(path.name, Number(measured?.stdout.trim()));
    }
  }

  /** Words for tar, which leaves out sockets by itself. */
  private async withoutDevices(path: CopyPath): Promise<string[]> {
    const { stdout } = await this.route.source.shell.script(DEVICES, [path.source], LONG);
    const devices = stdout.split("\0").slice(0, -1);
    this.skipped.tell(path, devices);
    return ["--anchored", "--no-wildcards", ...devices.map((device) => `--exclude=./${device}`)];
  }

  private async copy(path: CopyPath): Promise<number> {
    const { source, target, maxBandwidth } = this.route;
    const [without] = await Promise.all([
      this.withoutDevices(path),
      target.shell.script(EMPTY, [path.target], LONG),
    ]);
    const packing = await source.shell.stream({
      argv: ["tar", "-C", path.source, "--format=posix", ...TAR, ...without, "-cf", "-", "."],
      root: true,
    });
    packing.stdin.end();
    const unpacking = await target.shell.stream({
      argv: unpackArgv(path.target),
      root: true,
    });
    unpacking.stdout.resume();
    let bytes = 0;
    const total = this.totals.get(path.name);
    const howFar = new HowFar(this.route, path.name);
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        howFar.tell(() => ({ came: outOf(bytes, total), rate: howFar.rate(bytes) }));
        done(null, chunk);
      },
    });
    try {
      const limits = maxBandwidth === undefined ? [] : [throttle(maxBandwidth)];
      await pipeline([packing.stdout, ...limits, count, unpacking.stdin]);
    } catch (error) {
      packing.kill();
      unpacking.kill();
      // One of the two ended too early; what it said of that is worth more than that its stream
      // broke.
      const ends = await Promise.allSettled([unpacking.done, packing.done]);
      const said = [target, source].flatMap((host, i) => {
        const end = ends[i];
        const stderr = end?.status === "fulfilled" ? end.value.stderr.trim() : "";
        return stderr === "" ? [] : [failure(path, host, stderr)];
      });
      throw said[0] ?? failure(path, target, (error as Error).message);
    }
    const [packed, unpacked] = await Promise.all([packing.done, unpacking.done]);
    for (const [host, result] of [[source, packed] as const, [target, unpacked] as const]) {
      if (result.exitCode !== 0) throw failure(path, host, result.stderr.trim());
    }
    return bytes;
  }
}

function failure(path: CopyPath, host: Host, said: string): FerryError {
  return new FerryError({
    kind: "trouble",
    what: `copying volume '${path.name}'`,
    host: host.name,
    reason: said.split("\n").at(-1) ?? "",
  });
}
