import { setTimeout as sleep } from "timers/promises";
import { FerryError } from "../../core/errors";
import { NOTHING_COPIED, together, type Copied } from "../../core/move/copied";
import { formatBytes } from "../../core/move/format";
import type {
  ArmedCut,
  Comparison,
  CopyPath,
  CopyRoute,
  CutPlan,
  DataMover,
  Round,
} from "../../core/move/port";
import type { CommandResult } from "../../core/ports";
import { armCut, cutProblem, handledBy } from "../cut/arm";
import { sumBlocks } from "../cut/block-sums";
import {
  parseProgress,
  parseSkipped,
  parseSpecials,
  parseStats,
  type RsyncProgress,
} from "../cut/rsync-output";
import { verifyRound } from "../cut/verify";
import type { OneOffKey } from "../move-key/one-off-key";
import type { Capabilities } from "./capabilities";
import { compareCopies } from "./compare";
import { firstCopy } from "./first-copy";
import { HowFar } from "./how-far";
import { BEGIN_ROUND, DISTRUST, DROP_SOCKETS, PUT_ON_DISK } from "./copy-scripts";
import { rsyncCommand, type HowMuch } from "./rsync-command";
import { Skipped } from "./skipped";
import { Compression } from "./traffic";

/** rsync's own words: some files vanished while it ran (24), or changed under its hands (23). */
const PARTIAL = [23, 24];

/** The connection was lost: rsync's own words for that, and ssh's (255). */
const LOST = [10, 12, 30, 35, 255];

/** Before each further try of a round. */
const WAITS_SECONDS = [2, 5, 10];

/** Copies from source to target directly, in rounds, over a connection that stays open between them. */
export class RsyncMover implements DataMover {
  readonly way = "direct";
  private rounds = 0;
  private lastBegan: number | undefined;
  private lastRoundSeconds = 0;
  private streamed = false;
  private brokenOff = false;
  private readonly skipped: Skipped;
  private readonly compression: Compression;

  constructor(
    private readonly route: CopyRoute,
    private readonly key: OneOffKey,
    private readonly source: Capabilities,
    private readonly target: Capabilities,
  ) {
    const possible = [source, target].every(({ programs }) => programs.has("zstd"));
    this.skipped = new Skipped(route);
    this.compression = new Compression(route, key, possible);
  }

  async round({ final }: { final: boolean }): Promise<Round> {
    if (!final) await this.compression.measure();
    const started = performance.now();
    this.rounds += 1;
    // The stopped source's pages need no flushing: nobody writes any more, and reading sees them as they are.
    if (!final) {
      await this.distrustRecent();
      this.lastBegan = await this.beginRound();
    }
    const parts: Copied[] = [];
    // All at once, but where the sum of them has a limit.
    if (final && this.route.maxBandwidth === undefined) {
      const all = this.route.paths.map((path, index) => this.copy(path, index, true));
      parts.push(...(await Promise.all(all)));
    } else {
      for (const [index, path] of this.route.paths.entries()) {
        parts.push(await this.copy(path, index, final));
      }
    }
    const durationMs = performance.now() - started;
    this.lastRoundSeconds = durationMs / 1000;
    const copied = together(parts);
    this.compression.learn(copied.bytesCopied, durationMs);
    return { ...copied, durationMs };
  }

  /**
   * rsync takes a file of the same size and time for unchanged. A file that was written in the very tick in which it was
   * read would fool it, so everything as young as the last round is looked into again.
   */
  async distrustRecent(): Promise<void> {
    if (this.lastBegan === undefined) return;
    const { target, paths } = this.route;
    const args = [String(this.lastBegan - 1), ...paths.map((path) => path.target)];
    const { exitCode, stderr } = await target.shell.script(DISTRUST, args, {
      root: true,
      timeoutSeconds: 600,
    });
    if (exitCode !== 0) {
      throw new FerryError(
        `looking for young files failed on host '${target.name}': ${stderr.trim()}.`,
      );
    }
  }

  compare(options: { content: boolean }): Promise<Comparison> {
    return compareCopies(this.route, options, this.source, this.target);
  }

  async armCut(plan: CutPlan): Promise<ArmedCut | undefined> {
    const { route, key } = this;
    const problem = await cutProblem(route);
    if (problem !== undefined) {
      route.progress.warn(
        `${route.label}: ${problem}; the cut is made step by step from here, so it takes longer`,
      );
      return undefined;
    }
    const attributes = this.bothHave("getfattr");
    const folders = route.paths.map((path) => path.target);
    const [compared] = await Promise.all([
      this.lastBegan !== undefined && verifyRound(route, key, attributes),
      // So that little is left of it for the cut.
      route.target.shell.script(PUT_ON_DISK, folders, { root: true, timeoutSeconds: 24 * 3600 }),
    ]);
    // Without a round to build upon, the cut looks through everything; what is young it looks into.
    if (!compared) await this.distrustRecent();
    // As the last of all that reads the copies: it holds only for as long as nobody writes to them.
    else if (!plan.content) await sumBlocks(route, key, this.lastRoundSeconds);
    const copies = route.paths.map((path, index) => ({
      some: this.argv(path, index, [
        "--files-from=:changed",
        "--from0",
        `--exclude-from=${key.directory}/${handledBy(index)}`,
        "--ignore-times",
        "--force",
      ]),
      all: this.argv(path, index, compared ? ["--ignore-times"] : []),
    }));
    return armCut({ route, key, copies, attributes, python: this.bothHave("python3") }, plan);
  }

  cleanup(): Promise<void> {
    return this.key.remove();
  }

  private async beginRound(): Promise<number> {
    const { source, paths } = this.route;
    const args = [this.key.served, ...paths.map((_, index) => String(index))];
    const options = { root: true, timeoutSeconds: 600 };
    const { exitCode, stdout, stderr } = await source.shell.script(BEGIN_ROUND, args, options);
    if (exitCode === 0) return Number(stdout.trim());
    throw new FerryError(
      `beginning a round of copying failed on host '${source.name}': ${stderr.trim()}.`,
    );
  }

  private async copy(path: CopyPath, index: number, final: boolean): Promise<Copied> {
    const { source, target } = this.route;
    const first = await this.first(path, index);
    // The container stands still in the final round: taking back is quicker than trying again.
    const ended = await (final ? this.rsync(path, index) : this.persist(path, index));
    const { exitCode, stdout } = ended;
    if (exitCode !== 0 && (final || !PARTIAL.includes(exitCode))) {
      throw new FerryError(
        `copying volume '${path.name}' from host '${source.name}' failed on host '${target.name}': ${reasonOf(ended)}.`,
      );
    }
    this.skipped.tell(path, parseSkipped(stdout));
    if (parseSpecials(stdout) > 0) await this.dropSockets(path);
    return together([first, parseStats(stdout)]);
  }

  /** Over a new connection where one is lost: rsync goes on with what is there. */
  private async persist(path: CopyPath, index: number): Promise<CommandResult> {
    const { source, target, progress, label } = this.route;
    for (const seconds of WAITS_SECONDS) {
      const ended = await this.rsync(path, index);
      if (!LOST.includes(ended.exitCode)) return ended;
      this.brokenOff = true;
      progress.warn(
        `${label}: the connection from host '${target.name}' to host '${source.name}' was lost while volume '${path.name}' ` +
          `was copied (${reasonOf(ended)}); it goes on from where it was in ${seconds} s`,
      );
      await this.disconnect();
      await sleep(seconds * 1000);
    }
    return this.rsync(path, index);
  }

  /** The next ssh makes a new connection, and does not wait for one that is dead. */
  private async disconnect(): Promise<void> {
    const argv = ["ssh", "-F", this.key.sshConfig, "-O", "exit", "ferry-source"];
    await this.route.target.shell.run({ argv, root: true });
  }

  /** With the end of what it said. */
  private async rsync(path: CopyPath, index: number): Promise<CommandResult> {
    const command = { argv: this.argv(path, index), root: true };
    const running = await this.route.target.shell.stream(command);
    running.stdin.end();
    let stdout = "";
    const howFar = new HowFar(this.route, path.name, this.rounds);
    running.stdout.on("data", (chunk: Buffer) => {
      stdout = (stdout + chunk.toString()).slice(-65_536);
      howFar.tell(() => {
        const now = parseProgress(stdout);
        return now && { came: this.came(now), rate: now.rate };
      });
    });
    return { ...(await running.done), stdout };
  }

  /** Only a round that takes every file tells by what it took how much of all that is. */
  private came({ bytes, percent }: RsyncProgress): string {
    const part = percent === undefined || this.howMuch() === "difference" ? "" : ` (${percent} %)`;
    return `${formatBytes(bytes)}${part}`;
  }

  private async dropSockets(path: CopyPath): Promise<void> {
    const { target } = this.route;
    const options = { root: true, timeoutSeconds: 600 };
    const { exitCode, stderr } = await target.shell.script(DROP_SOCKETS, [path.target], options);
    if (exitCode === 0) return;
    throw new FerryError(
      `removing sockets from the copy of volume '${path.name}' failed on host '${target.name}': ${stderr.trim()}.`,
    );
  }

  /** Not where a rate is to be kept, or where sending less is quicker. */
  private async first(path: CopyPath, index: number): Promise<Copied> {
    const { route, key } = this;
    if (this.rounds > 1 || route.resumed === true) return NOTHING_COPIED;
    if (route.maxBandwidth !== undefined || this.compression.pays) return NOTHING_COPIED;
    const copied = await firstCopy({ route, key, path, index, python: this.bothHave("python3") });
    if (copied.filesChanged > 0) this.streamed = true;
    return copied;
  }

  private argv(path: CopyPath, index: number, more: readonly string[] = []): string[] {
    const { maxBandwidth } = this.route;
    return rsyncCommand(
      {
        sshConfig: this.key.sshConfig,
        volume: index,
        into: path.target,
        howMuch: this.howMuch(),
        xxh3: this.bothHave("xxh3"),
        compress: this.compression.pays,
        ...(maxBandwidth === undefined ? {} : { maxBandwidth }),
      },
      more,
    );
  }

  /**
   * The first copy of all is quickest as whole files. What a run that was cut off has left may be half a file with the
   * right size and time: it is looked into, and kept where it is right.
   */
  private howMuch(): HowMuch {
    // What was streamed may have changed since: most of it is right.
    if (this.rounds > 1 || this.streamed) return "difference";
    if (this.route.resumed === true) return "doubted";
    // A file that came in part has another time, and its beginning need not come again.
    return this.brokenOff ? "difference" : "whole";
  }

  private bothHave(program: string): boolean {
    return [this.source, this.target].every(({ programs }) => programs.has(program));
  }
}

function reasonOf({ exitCode, stderr }: CommandResult): string {
  const said = stderr
    .trim()
    .split("\n")
    .filter((line) => line.trim() !== "");
  const reason = said.find((line) => !line.startsWith("rsync error:")) ?? said.at(-1);
  return reason ?? `rsync ended with ${exitCode}`;
}
