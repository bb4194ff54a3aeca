import type { Writable } from "stream";

/** Between two calls of a run there is hardly a pause; after this one nobody will call any more. */
const PAUSE_MS = 5_000;

let underWay = 0;
let abandoned = false;

/** Counts a call for as long as it lasts. */
export async function calling<T>(call: () => Promise<T>): Promise<T> {
  underWay += 1;
  try {
    return await call();
  } finally {
    underWay -= 1;
    endWhenIdle();
  }
}

/**
 * An engine that is killed leaves this process behind, and nobody reads what it writes. What is
 * under way goes on to its end, which is better than being interrupted, and then the process ends.
 * Without this, the SDK would write each failed write down as an error, which fails as well: a
 * process that never ends and grows for ever.
 */
export function endWithoutReaders(streams: readonly Writable[]): void {
  for (const stream of streams) {
    stream.on("error", () => {
      abandoned = true;
      endWhenIdle();
    });
  }
}

function endWhenIdle(): void {
  if (!abandoned || underWay > 0) return;
  setTimeout(() => {
    if (underWay === 0) process.exit(1);
  }, PAUSE_MS).unref();
}
