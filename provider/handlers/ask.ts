import type { Connections } from "../core/connection";
import { FerryError } from "../core/errors";

/**
 * Asks a host something that changes nothing. A request that was interrupted in the middle says
 * nothing about the host, so it is made once more: the host then answers, or is found silent.
 */
export async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof FerryError) || error.fault.touched !== "unknown") throw error;
    return ask();
  }
}

/** What hosts said, and why the others did not. */
export interface Answers<T> {
  readonly answers: ReadonlyMap<string, T>;
  /** Hosts that gave no sign of life: only these may ever count as lost. */
  readonly silent: ReadonlyMap<string, FerryError>;
  /**
   * Hosts that are there and answered with an error, or whose way has trouble: nothing may be
   * concluded from that.
   */
  readonly troubled: ReadonlyMap<string, FerryError>;
}

/**
 * Asks all of them at the same time; each answer, or failure to answer, is noted with its cause.
 */
export async function askAll<T>(
  names: readonly string[],
  ask: (name: string) => Promise<T>,
): Promise<Answers<T>> {
  const answers = new Map<string, T>();
  const silent = new Map<string, FerryError>();
  const troubled = new Map<string, FerryError>();
  await Promise.all(
    names.map(async (name) => {
      try {
        answers.set(name, await asked(() => ask(name)));
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        (error.fault.kind === "silent" ? silent : troubled).set(name, error);
      }
    }),
  );
  // In the order of their names, so that the same answers give the same words.
  return { answers: byName(answers), silent: byName(silent), troubled: byName(troubled) };
}

/**
 * Rejects with the cause of the first host, by name, that answered with an error. With a replica,
 * only hosts of the program count: one that was taken out of it, broken as it may be, keeps nobody
 * from going on without it, unless something says that the replica may be there.
 */
export function refuseTrouble(
  { troubled }: Pick<Answers<unknown>, "troubled">,
  of?: { readonly connections: Connections },
): void {
  for (const [name, error] of troubled) {
    if (of === undefined || name in of.connections) throw error;
  }
}

function byName<T>(map: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
