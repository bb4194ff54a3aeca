import type { Copied } from "../../core/move/copied";

/** What rsync's `--stats` say, with `--no-human-readable`. */
export function parseStats(output: string): Copied {
  const figure = (label: string) =>
    Number(new RegExp(`^${label}: ([\\d,]+)`, "m").exec(output)?.[1]?.replace(/,/g, "") ?? "0");
  return {
    bytesCopied: figure("Total bytes received"),
    filesChanged: figure("Number of regular files transferred") + figure("Number of deleted files"),
  };
}

/** How many pipes and sockets there are: rsync counts them together. */
export function parseSpecials(output: string): number {
  return Number(
    /^Number of files: .*\bspecial: ([\d,]+)/m.exec(output)?.[1]?.replace(/,/g, "") ?? "0",
  );
}

export interface RsyncProgress {
  readonly bytes: number;
  /** In rsync's own words. */
  readonly rate: string;
  /** Of the size of all files; absent while rsync still looks for files, or does not say. */
  readonly percent?: number;
}

/** The last progress line so far. */
export function parseProgress(output: string): RsyncProgress | undefined {
  const lines = output.split(/[\r\n]/);
  for (const line of lines.reverse()) {
    const found = /^\s*([\d,]+)\s+(\d+)%\s+(\S+\/s)/.exec(line);
    if (!found) continue;
    const [, bytes = "", percent, rate = ""] = found;
    const known = output.includes("to-chk=") ? { percent: Number(percent) } : {};
    return { bytes: Number(bytes.replace(/,/g, "")), rate, ...known };
  }
  return undefined;
}

/** Devices: they have no content to copy. */
export function parseSkipped(output: string): string[] {
  return [...output.matchAll(/^skipping non-regular file "(.*)"$/gm)].map(
    (found) => found[1] ?? "",
  );
}
