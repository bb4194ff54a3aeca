/** Large blocks keep the sums of a large file few; small files have one block either way. */
const BLOCK_BYTES = 131_072;
const DIFFERENCE = ["--no-whole-file", `--block-size=${BLOCK_BYTES}`];

/**
 * What is read and sent of a file that the copy has: all of one whose size or time differ; the
 * differing blocks of such a one; or those of every file, whatever its size and time say.
 */
export type HowMuch = "whole" | "difference" | "doubted";

const HOW_MUCH: Readonly<Record<HowMuch, readonly string[]>> = {
  whole: ["--whole-file"],
  difference: DIFFERENCE,
  doubted: ["--ignore-times", ...DIFFERENCE],
};

export interface RsyncCall {
  readonly sshConfig: string;
  /** The volume's number on the source. */
  readonly volume: number;
  /** The copy's folder. */
  readonly into: string;
  readonly howMuch: HowMuch;
  /** Both sides know this sum, which is the quickest. */
  readonly xxh3: boolean;
  readonly compress: boolean;
  /** Bytes per second. */
  readonly maxBandwidth?: number;
}

/** Program and arguments, to be run on the target. */
export function rsyncCommand(call: RsyncCall, more: readonly string[] = []): string[] {
  const { maxBandwidth } = call;
  return [
    "rsync",
    // Twice X: attributes that rsync itself keeps in backups (--fake-super) are data here.
    "-aHAXXS",
    "--numeric-ids",
    "--no-devices",
    "--specials",
    "--delete",
    "--inplace",
    // Compare times to the nanosecond; without it, whole seconds count.
    "--modify-window=-1",
    "--timeout=300",
    "--stats",
    "--info=progress2",
    "--no-human-readable",
    ...(call.xxh3 ? ["--checksum-choice=xxh3"] : []),
    ...HOW_MUCH[call.howMuch],
    ...(call.compress ? ["--compress", "--compress-choice=zstd", "--compress-level=1"] : []),
    ...(maxBandwidth === undefined ? [] : [`--bwlimit=${kibibytes(maxBandwidth)}`]),
    ...more,
    "-e",
    `ssh -F ${call.sshConfig}`,
    `ferry-source:volume-${call.volume}/`,
    `${call.into}/`,
  ];
}

/** rsync counts in these, and takes 0 for no limit. */
function kibibytes(bytes: number): number {
  return Math.max(1, Math.round(bytes / 1024));
}
