import { compressionPays, slowEnough } from "../../core/move/compression";
import type { CopyRoute } from "../../core/move/move-ports";
import type { OneOffKey } from "../move-key/one-off-key";
import { hostProgram } from "../../on-host/load";

const MEASURE = hostProgram("volume/link-rate.sh");
const SAMPLE = hostProgram("volume/sample.sh");

/** A round that carried less says nothing about a link. */
const LEAST_BYTES = 1 << 24;

/**
 * Bytes per second from source to target. A limit holds for measuring, too, so it stands for the
 * link. 0 when unknown.
 */
async function linkRate({ target, maxBandwidth }: CopyRoute, key: OneOffKey): Promise<number> {
  if (maxBandwidth !== undefined) return maxBandwidth;
  const { stdout } = await target.shell.script(MEASURE, [key.sshConfig], { root: true });
  return Number(stdout.trim());
}

/** How much smaller a sample of the data gets; NaN when there is none. */
async function sampleRatio({ source, paths }: CopyRoute): Promise<number> {
  const folders = paths.map((path) => path.source);
  const { stdout } = await source.shell.script(SAMPLE, folders, { root: true });
  const [size = NaN, packed = NaN] = stdout.trim().split(" ").map(Number);
  return size > 0 ? packed / size : NaN;
}

/** Whether this data over this link is to be compressed. */
export class Compression {
  private rate = NaN;
  private ratio = NaN;
  private measured = false;

  constructor(
    private readonly route: CopyRoute,
    private readonly key: OneOffKey,
    private readonly possible: boolean,
  ) {}

  get pays(): boolean {
    return this.possible && compressionPays({ rate: this.rate, ratio: this.ratio });
  }

  /** Once, before anything is copied. */
  async measure(): Promise<void> {
    if (!this.possible || this.measured) return;
    this.measured = true;
    this.rate = await linkRate(this.route, this.key);
    if (slowEnough(this.rate)) this.ratio = await sampleRatio(this.route);
  }

  /**
   * What a round carried shows what the link carries, better than a first short measure on a line
   * of high latency.
   */
  learn(bytes: number, milliseconds: number): void {
    if (this.route.maxBandwidth !== undefined || bytes < LEAST_BYTES) return;
    this.rate = Math.max(this.rate, (bytes / milliseconds) * 1000);
  }
}
