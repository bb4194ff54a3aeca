import { together, type Copied } from "../../core/move/copied";
import { formatBytes } from "../../core/move/format";
import type { CopyPath, CopyRoute } from "../../core/move/move-ports";
import type { OneOffKey } from "../move-key/one-off-key";
import { HowFar, outOf } from "./how-far";
import { hostProgram } from "../../on-host/load";

const ENTRIES_SOURCE = hostProgram("cutover/entries_source.py");
const ENTRIES_TARGET = hostProgram("cutover/entries_target.py");
const FIRST_SOURCE = hostProgram("first-copy/source.sh");
const LARGE_TARGET = hostProgram("first-copy/large-target.sh");
const SMALL_TARGET = hostProgram("first-copy/small-target.sh");

export interface FirstCopy {
  readonly route: CopyRoute;
  readonly key: OneOffKey;
  readonly path: CopyPath;
  /** The volume's number. */
  readonly index: number;
  /** Whether both hosts have the program that small files need. */
  readonly python: boolean;
}

/**
 * Into an empty volume, before rsync, which takes sums of all that it sends, on both sides, and
 * small files one after the other. What it leaves is no worse than what rsync leaves when it is
 * interrupted; rsync goes over all of it next.
 */
export async function firstCopy(copy: FirstCopy): Promise<Copied> {
  const { source } = copy.route;
  await source.shell.writeFile(`${copy.key.served}/first`, FIRST_SOURCE, { root: true });
  const large = await streamLarge(copy);
  return copy.python ? together([large, await streamSmall(copy)]) : large;
}

/** As thin as `ssh cat`. */
async function streamLarge(copy: FirstCopy): Promise<Copied> {
  const files: Copied[] = [];
  let all = 0;
  await onTarget(copy, LARGE_TARGET, ([word, figure], howFar) => {
    const bytes = Number(figure);
    if (word === "all") all = bytes;
    else if (word === "copied") files.push({ bytesCopied: bytes, filesChanged: 1 });
    else howFar.tell(() => ({ came: outOf(bytes, all), rate: howFar.rate(bytes) }));
  });
  return together(files);
}

/** In several streams, with as few calls for each file as can be. */
async function streamSmall(copy: FirstCopy): Promise<Copied> {
  const { source, target } = copy.route;
  const { served, directory } = copy.key;
  await Promise.all([
    source.shell.writeFile(`${served}/entries`, ENTRIES_SOURCE, { root: true }),
    target.shell.writeFile(`${directory}/entries`, ENTRIES_TARGET, { root: true }),
  ]);
  const streams = new Map<string, Copied>();
  let all = 0;
  await onTarget(copy, SMALL_TARGET, ([stream = "", bytes, files], howFar) => {
    if (stream === "all") {
      all = Number(bytes);
      return;
    }
    streams.set(stream, { bytesCopied: Number(bytes), filesChanged: Number(files) });
    howFar.tell(() => {
      const { bytesCopied, filesChanged } = together(streams.values());
      const came = `${filesChanged} of ${all} small files, ${formatBytes(bytesCopied)},`;
      return { came, rate: howFar.rate(bytesCopied) };
    });
  });
  return together(streams.values());
}

/** Runs a script there, and hands on what it says, line by line, in words. */
async function onTarget(
  { route, key, path, index }: FirstCopy,
  script: string,
  heard: (words: string[], howFar: HowFar) => void,
): Promise<void> {
  const args = [key.sshConfig, String(index), path.target, key.directory];
  const argv = ["sh", "-c", script, "first", ...args];
  const running = await route.target.shell.stream({ argv, root: true });
  running.stdin.end();
  const howFar = new HowFar(route, path.name, 1);
  let rest = "";
  running.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) heard(line.split(" "), howFar);
  });
  await running.done;
}
