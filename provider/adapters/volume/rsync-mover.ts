import { setTimeout as sleep } from "timers/promises";
import { FerryError } from "../../core/errors";
import { NOTHING_COPIED, together, type Copied } from "../../core/move/copied";
import { formatBytes } from "../../core/move/format";
import type {
  ArmedCutover,
  Comparison,
  CopyPath,
  CopyRoute,
  CutoverPlan,
  DataMover,
  Round,
} from "../../core/move/move-ports";
import type { CommandResult } from "../../core/adapter-ports";
import { armCutover, cutoverProblem, handledBy } from "../cutover/arm";
import { sumBlocks } from "../cutover/block-sums";
import {
  parseProgress,
  parseSkipped,
  parseSpecials,
  parseStats,
  type RsyncProgress,
} from "../cutover/rsync-output";
import { verifyRound } from "../cutover/verify-round";
import type { OneOffKey } from "../move-key/one-off-key";
import type { Capabilities } from "./capabilities";
import { compareCopies } from "./compare";
import { firstCopy } from "./first-copy";
import { HowFar } from "./how-far";
import { putOnDisk } from "./on-disk";
import { rsyncCommand, type HowMuch } from "./rsync-command";
import { Skipped } from "./skipped";
import { Compression } from "./traffic";
import { hostProgram } from "../../on-host/load";

const BEGIN_ROUND = hostProgram("volume/begin-round.sh");
const DROP_SOCKETS = hostProgram("volume/drop-sockets.sh");
const DISTRUST = hostProgram("distrust/target.sh");
const FOUND = hostProgram("distrust/found.sh");
const CHANGED_SINCE_SOURCE = hostProgram("distrust/source.sh");

/** rsync's own words: some files vanished while it ran (24), or changed under its hands (23). */
const PARTIAL = [23, 24];

/** The connection was lost: rsync's own words for that, and ssh's (255). */
const LOST = [10, 12, 30, 35, 255];

/** Before each further try of a round. */
const WAITS_SECONDS = [2, 5, 10];

/** Listing millions of files takes a while; a source that runs does not wait for it. */
const LISTING_SECONDS = 24 * 3600;

/**
 * Copies from source to target directly, in rounds, over a connection that stays open between them.
 */
export class RsyncMover implements DataMover {
  readonly way = "direct";
  private rounds = 0;
  private lastBegan: number | undefined;
  private lastRoundSeconds = 0;
  private readonly skipped: Skipped;
  /** There was something before rsync's first round, most of it right. */
  private mostlyThere = false;
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
    // The stopped source's pages need no flushing: nobody writes any more, and reading sees them as
    // they are.
    if (!final) {
      const before = this.lastBegan;
      this.lastBegan = await this.beginRound();
      // In this order: what changes while the source looks is found by the next look.
      if (before !== undefined) await this.distrust(before, 2);
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
   * rsync takes a file of the same size and time for unchanged: whatever changed since the last
   * round is looked into again.
   */
  async distrustRecent(): Promise<void> {
    if (this.lastBegan !== undefined) await this.distrust(this.lastBegan, 1);
  }

  compare(options: { content: boolean }): Promise<Comparison> {
    return compareCopies(this.route, options, this.source, this.target);
  }

  async armCutover(plan: CutoverPlan): Promise<ArmedCutover | undefined> {
    const { route, key } = this;
    const problem = await cutoverProblem(route);
    if (problem !== undefined) {
      route.progress.warn(
        `${route.label}: ${problem}; the cutover is made step by step from here, so it takes longer`,
      );
      return undefined;
    }
    const attributes = this.bothHave("getfattr");
    const folders = route.paths.map((path) => path.target);
    const [compared] = await Promise.all([
      this.lastBegan !== undefined && verifyRound(route, key, attributes),
      // So that little is left of it for the cutover.
      putOnDisk(route.target, folders),
    ]);
    if (!compared) await this.doubtAll();
    // As the last of all that reads the copies: it holds only for as long as nobody writes to them.
    else if (!plan.content) await sumBlocks(route, key, this.lastRoundSeconds);
    const copies = route.paths.map((path, index) => ({
      some: this.argv(path, index, this.howMuch(), [
        "--files-from=:changed",
        "--from0",
        `--exclude-from=${key.directory}/${handledBy(index)}`,
        "--ignore-times",
        "--force",
      ]),
      all: this.argv(path, index, this.howMuch(), compared ? ["--ignore-times"] : []),
    }));
    return armCutover({ route, key, copies, attributes, python: this.bothHave("python3") }, plan);
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
    throw new FerryError({
      kind: "trouble",
      reason: `beginning a round of copying failed on host '${source.name}': ${stderr.trim()}.`,
    });
  }

  /**
   * Without a round to build upon, the cutover looks through everything by size and time, and into
   * what is young. So all of it is looked into once more while the source still runs.
   */
  private async doubtAll(): Promise<void> {
    for (const [index, path] of this.route.paths.entries()) {
      await this.fetch(path, index, false, "doubted");
    }
    await this.distrustRecent();
  }

  /** Since the beginning of a round, in seconds since 1970, that many beginnings ago. */
  private async distrust(since: number, ago: number): Promise<void> {
    const { source, target, paths } = this.route;
    const { served, sshConfig, directory } = this.key;
    await source.shell.writeFile(`${served}/young`, CHANGED_SINCE_SOURCE, { root: true });
    const options = { root: true, timeoutSeconds: LISTING_SECONDS };
    for (const [index, path] of paths.entries()) {
      const args = [sshConfig, index, path.target, directory, ago, since - 1].map(String);
      const { exitCode, stderr } = await target.shell.script(DISTRUST, args, options);
      if (exitCode === 0) continue;
      throw new FerryError({
        kind: "trouble",
        reason: `looking for young files failed on host '${target.name}': ${stderr.trim()}.`,
      });
    }
  }

  private async copy(path: CopyPath, index: number, final: boolean): Promise<Copied> {
    const doubted = this.rounds === 1 && ((await this.found(path)) || this.route.resumed === true);
    if (doubted) {
      this.mostlyThere = true;
      return this.fetch(path, index, final, "doubted");
    }
    const first = await this.first(path, index);
    return together([first, await this.fetch(path, index, final, this.howMuch())]);
  }

  private async fetch(
    path: CopyPath,
    index: number,
    final: boolean,
    howMuch: HowMuch,
  ): Promise<Copied> {
    const { source, target } = this.route;
    // The container stands still in the final round: taking back is quicker than trying again.
    const ended = await (final
      ? this.rsync(path, index, howMuch)
      : this.persist(path, index, howMuch));
    const { exitCode, stdout } = ended;
    if (exitCode !== 0 && (final || !PARTIAL.includes(exitCode))) {
      throw new FerryError({
        kind: "trouble",
        reason: `copying volume '${path.name}' from host '${source.name}' failed on host '${target.name}': ${reasonOf(ended)}.`,
      });
    }
    this.skipped.tell(path, parseSkipped(stdout));
    if (parseSpecials(stdout) > 0) await this.dropSockets(path);
    return parseStats(stdout);
  }

  /** Over a new connection where one is lost: rsync goes on with what is there. */
  private async persist(path: CopyPath, index: number, howMuch: HowMuch): Promise<CommandResult> {
    const { source, target, progress, label } = this.route;
    let left = howMuch;
    for (const seconds of WAITS_SECONDS) {
      const ended = await this.rsync(path, index, left);
      if (!LOST.includes(ended.exitCode)) return ended;
      // A file that came in part has another time, and its beginning need not come again.
      if (left === "whole") left = "difference";
      progress.warn(
        `${label}: the connection from host '${target.name}' to host '${source.name}' was lost while volume '${path.name}' ` +
          `was copied (${reasonOf(ended)}); it goes on from where it was in ${seconds} s`,
      );
      await this.disconnect();
      await sleep(seconds * 1000);
    }
    return this.rsync(path, index, left);
  }

  /** The next ssh makes a new connection, and does not wait for one that is dead. */
  private async disconnect(): Promise<void> {
    const argv = ["ssh", "-F", this.key.sshConfig, "-O", "exit", "ferry-source"];
    await this.route.target.shell.run({ argv, root: true });
  }

  /** With the end of what it said. */
  private async rsync(path: CopyPath, index: number, howMuch: HowMuch): Promise<CommandResult> {
    const command = { argv: this.argv(path, index, howMuch), root: true };
    const running = await this.route.target.shell.stream(command);
    running.stdin.end();
    let stdout = "";
    const howFar = new HowFar(this.route, path.name, this.rounds);
    running.stdout.on("data", (chunk: Buffer) => {
      stdout = (stdout + chunk.toString()).slice(-65_536);
      howFar.tell(() => {
        const now = parseProgress(stdout);
        return now && { came: came(now, howMuch), rate: now.rate };
      });
    });
    return { ...(await running.done), stdout };
  }

  private async dropSockets(path: CopyPath): Promise<void> {
    const { target } = this.route;
    const options = { root: true, timeoutSeconds: 600 };
    const { exitCode, stderr } = await target.shell.script(DROP_SOCKETS, [path.target], options);
    if (exitCode === 0) return;
    throw new FerryError({
      kind: "trouble",
      reason: `removing sockets from the copy of volume '${path.name}' failed on host '${target.name}': ${stderr.trim()}.`,
    });
  }

  /** A retired copy, what a broken move has left, or what Docker put there from the image. */
  private async found(path: CopyPath): Promise<boolean> {
    const { target } = this.route;
    const options = { root: true, timeoutSeconds: LISTING_SECONDS };
    const { exitCode, stdout, stderr } = await target.shell.script(FOUND, [path.target], options);
    if (exitCode === 0) return stdout.trim() === "found";
    throw new FerryError({
      kind: "trouble",
      reason: `looking into volume '${path.name}' failed on host '${target.name}': ${stderr.trim()}.`,
    });
  }

  /** Into an empty volume. Not where a rate is to be kept, or where sending less is quicker. */
  private async first(path: CopyPath, index: number): Promise<Copied> {
    const { route, key } = this;
    if (this.rounds > 1) return NOTHING_COPIED;
    if (route.maxBandwidth !== undefined || this.compression.pays) return NOTHING_COPIED;
    const copied = await firstCopy({ route, key, path, index, python: this.bothHave("python3") });
    // It may have changed since.
    if (copied.filesChanged > 0) this.mostlyThere = true;
    return copied;
  }

  private argv(
    path: CopyPath,
    index: number,
    howMuch: HowMuch,
    more: readonly string[] = [],
  ): string[] {
    const { maxBandwidth } = this.route;
    return rsyncCommand(
      {
        sshConfig: this.key.sshConfig,
        volume: index,
        into: path.target,
        howMuch,
        xxh3: this.bothHave("xxh3"),
        compress: this.compression.pays,
        ...(maxBandwidth === undefined ? {} : { maxBandwidth }),
      },
      more,
    );
  }

  /** The first copy of all is quickest as whole files. */
  private howMuch(): HowMuch {
    return this.rounds > 1 || this.mostlyThere ? "difference" : "whole";
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

/** Only a round that takes every file tells by what it took how much of all that is. */
function came({ bytes, percent }: RsyncProgress, howMuch: HowMuch): string {
  const part = percent === undefined || howMuch === "difference" ? "" : ` (${percent} %)`;
  return `${formatBytes(bytes)}${part}`;
}
