/** Time, as handlers wait and count it; tests bring their own. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Asks again and again until the answer is not undefined; undefined when the time has passed. */
export async function poll<T>(
  clock: Clock,
  deadline: number,
  ask: () => Promise<T | undefined>,
  everyMilliseconds = 500,
): Promise<T | undefined> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || clock.now() >= deadline) return answer;
    await clock.sleep(everyMilliseconds);
  }
}
