import { compressionPays, slowEnough } from "../../core/move/compression";
import type { CopyRoute } from "../../core/move/port";
import { MILLISECONDS, TICK_MS } from "../host-clock";
import type { OneOffKey } from "../move-key/one-off-key";

/** A round that carried less says nothing about a link. */
const LEAST_BYTES = 1 << 24;

/**
 * $1 the ssh_config: bytes per second of the best of eight stretches, within three seconds. A
 * stretch that a busy machine has held up, or the beginning of a connection, says nothing about the
 * link.
 */
const MEASURE = `
${MILLISECONDS}timeout 3 ssh -F "$1" ferry-source rate </dev/null 2>/dev/null | {
  head -c 1 >/dev/null
  best=0
  for stretch in 1 2 3 4 5 6 7 8; do
    began=$(milliseconds)
    bytes=$(head -c 2097152 | wc -c)
    rate=$((bytes * 1000 / ($(milliseconds) - began + ${TICK_MS})))
    [ "$bytes" -ge 2097151 ] || { [ "$best" -gt 0 ] || best=$rate; break; }
    [ "$rate" -le "$best" ] || best=$rate
  done
  echo "$best"
}
`;

/**
 * $@ folders: the size of a sample from their largest files, at four places of each, and its size
 * as gzip has it.
 */
const SAMPLE = `
LC_ALL=C
export LC_ALL
piece=262144
sample() {
  find "$@" -xdev -type f -size +0 -printf '%s %p\\0' | sort -z -r -n | head -z -n 512 | xargs -0 -r sh -c '
    for each in "$@"; do
      size=\${each%% *}
      if [ "$size" -le 1048576 ]; then cat -- "\${each#* }"; continue; fi
      for place in 0 1 2 3; do
        dd if="\${each#* }" bs='$piece' count=1 skip=$((size / 4 / '$piece' * place)) 2>/dev/null
      done
    done' sample 2>/dev/null | head -c 8388608
}
size=$(sample "$@" | wc -c)
echo "$size $(sample "$@" | gzip -1 | wc -c)"
`;

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
