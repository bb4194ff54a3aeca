import { counted, formatBytes, formatDuration } from "./format";

/** What a look at both hosts says of a move that has not begun. */
export interface Estimate {
  /** Data on the source, on disk. */
  readonly bytes: number;
  readonly volumes: number;
  /** As much of it, at most, is on the target already as an older copy. */
  readonly there: number;
  readonly target: string;
  /** Bytes per second of the slower link; absent where the hosts do not know. */
  readonly linkRate?: number;
  /** The program's bound, in bytes per second. */
  readonly maxBandwidth?: number;
}

/** A gigabit link, in bytes per second: what is taken where the hosts do not know. */
export const ASSUMED_RATE = 125_000_000;

/** What is left of a link for data, past its frames and the encryption. */
const USEFUL = 0.9;

/** "107 MB in 1 volume; about 1.0 s at 1 Gbit/s, while it runs". */
export function estimateInWords(of: Estimate): string {
  const { bytes, volumes, there, target, linkRate, maxBandwidth } = of;
  if (volumes === 0) return "no data to copy; it stops for a stop and a start";
  const data = `${formatBytes(bytes)} in ${counted(volumes, "volume")}`;
  const older =
    there > 0 ? `, of which an older copy on ${target} has up to ${formatBytes(there)}` : "";
  const link = (linkRate ?? ASSUMED_RATE) * USEFUL;
  const rate = Math.min(link, maxBandwidth ?? Infinity);
  const bound = maxBandwidth !== undefined && maxBandwidth < link;
  const at = bound
    ? `at its bound of ${formatBytes(maxBandwidth)}/s`
    : `at ${formatBits(linkRate ?? ASSUMED_RATE)}${linkRate === undefined ? " (assumed)" : ""}`;
  const most = formatDuration(Math.max(1000, (bytes / rate) * 1000));
  return `${data}${older}; copied while it runs, in ${there > 0 ? "at most" : "about"} ${most} ${at}`;
}

function formatBits(bytesPerSecond: number): string {
  const megabits = (bytesPerSecond * 8) / 1e6;
  return megabits >= 1000
    ? `${Number((megabits / 1000).toFixed(1))} Gbit/s`
    : `${Math.round(megabits)} Mbit/s`;
}
