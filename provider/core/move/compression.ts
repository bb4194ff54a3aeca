/**
 * What zstd at its first level gets through within rsync, on a core that has other things to do:
 * bytes per second.
 */
const COMPRESSING = 100e6;
/** The least that it must save, since both figures are small samples. */
const WORTH = 0.75;

export interface Traffic {
  /** What the link carries at most, in bytes per second. */
  readonly rate: number;
  /** Size of the compressed data over its size. */
  readonly ratio: number;
}

/** Whether copying takes less time with compression than without. */
export function compressionPays({ rate, ratio }: Traffic): boolean {
  if (!(rate > 0) || !(ratio >= 0)) return false;
  const plain = 1 / rate;
  const packed = Math.max(ratio / rate, 1 / COMPRESSING);
  return packed <= plain * WORTH;
}

/** Whether it could pay for any data: else there is no need to look at the data. */
export function slowEnough(rate: number): boolean {
  return compressionPays({ rate, ratio: 0 });
}
