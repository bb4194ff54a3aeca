import { Transform } from "stream";

/** Lets no more bytes through in a second; time in which nothing came is not made up for. */
export function throttle(bytesPerSecond: number): Transform {
  let free = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const now = performance.now();
      free = Math.max(free, now) + (chunk.length * 1000) / bytesPerSecond;
      setTimeout(done, free - now, null, chunk);
    },
  });
}
