import type { Dialled } from "./dial";
import { answers } from "./liveness";

const IDLE_BEFORE_CHECK_MILLISECONDS = 5_000;
/**
 * A host that is gone is noticed within fifteen seconds: a replica may have to be put back for it.
 */
const LIVENESS_INTERVAL_MILLISECONDS = 5_000;
const LIVENESS_DEADLINE_MILLISECONDS = 10_000;

/**
 * What is under way on one connection: while anything is, it keeps the process alive and the host
 * is watched; both are let go when not.
 */
export class UnderWay {
  /** Idle for so long that it must show that it is still there before it is used. */
  stale = false;
  private lastUse = 0;
  private holds = 0;
  private watch: NodeJS.Timeout | undefined;

  constructor(private readonly connected: () => Dialled | undefined) {}

  /** Returns the end of it; calling that more than once does no harm. */
  hold(): () => void {
    this.holds += 1;
    if (this.holds === 1) {
      this.stale = performance.now() - this.lastUse > IDLE_BEFORE_CHECK_MILLISECONDS;
      this.attend();
    }
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds -= 1;
      this.lastUse = performance.now();
      if (this.holds === 0) this.attend();
    };
  }

  /** To be called as well when it was connected, or lost. */
  attend(): void {
    const live = this.connected();
    const socket = live?.socket as { ref?: () => void; unref?: () => void } | undefined;
    if (this.holds > 0) socket?.ref?.();
    else socket?.unref?.();
    clearInterval(this.watch);
    this.watch = undefined;
    if (this.holds === 0 || !live) return;
    const received = () => (live.socket as { bytesRead?: number }).bytesRead;
    this.watch = setInterval(() => {
      const before = received();
      void answers(live.client, LIVENESS_DEADLINE_MILLISECONDS).then((alive) => {
        // On a link that is busy with data the answer may be late; the data itself shows that the
        // host is there.
        if (!alive && received() === before) live.client.destroy();
      });
    }, LIVENESS_INTERVAL_MILLISECONDS);
  }
}
