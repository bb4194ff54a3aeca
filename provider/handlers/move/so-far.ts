import { formatDuration } from "../../core/move/format";
import type { Clock } from "../clock";

const EVERY_MILLISECONDS = 5_000;

/**
 * Does the work, and says every five seconds how long it has taken so far. What ends sooner says
 * nothing.
 */
export async function tellingSoFar<T>(
  clock: Pick<Clock, "now">,
  say: (time: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const begun = clock.now();
  const timer = setInterval(() => say(formatDuration(clock.now() - begun)), EVERY_MILLISECONDS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
