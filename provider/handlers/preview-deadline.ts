import { FerryError } from "../core/errors";

/** A preview is not kept waiting for a host that is slow to answer. */
const DEADLINE_SECONDS = 20;

/** Rejects when what is looked at in a preview takes too long. */
export async function withDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new FerryError({
          kind: "trouble",
          reason: `the hosts did not answer within ${DEADLINE_SECONDS} s.`,
        }),
      );
    }, DEADLINE_SECONDS * 1000);
  });
  try {
    return await Promise.race([work, passed]);
  } finally {
    clearTimeout(timer);
  }
}
