import { formatBytes, formatRate } from "../../core/move/format";
import type { CopyRoute } from "../../core/move/move-ports";

const REPORT_EVERY_MS = 5_000;

/** "1.2 GB of 4.0 GB"; without a total that is not known, or was not all. */
export function outOf(bytes: number, total = 0): string {
  const came = formatBytes(bytes);
  return total >= bytes ? `${came} of ${formatBytes(total)}` : came;
}

/** Says how far a long round is, no more often than a reader wants to know. */
export class HowFar {
  private readonly began = performance.now();
  private reported = this.began;

  constructor(
    private readonly route: Pick<CopyRoute, "progress" | "label">,
    private readonly volume: string,
    /** Absent where all is copied at once. */
    private readonly round?: number,
  ) {}

  /** "48.0 MB/s", if this is all that came since it began. */
  rate(bytes: number): string {
    return formatRate(bytes, performance.now() - this.began);
  }

  /** @param now how much came, and how fast; undefined when that is not known. */
  tell(now: () => { came: string; rate: string } | undefined): void {
    if (performance.now() - this.reported < REPORT_EVERY_MS) return;
    const said = now();
    if (said === undefined) return;
    this.reported = performance.now();
    const { progress, label } = this.route;
    const inRound = this.round === undefined ? "" : `round ${this.round}: `;
    progress.info(
      `${label}: ${inRound}${said.came} of volume '${this.volume}' so far, ${said.rate}`,
    );
  }
}
