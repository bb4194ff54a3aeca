import type Dockerode from "dockerode";

interface Modem {
  dial(options: object, done: (error: Error | null, answer: unknown) => void): void;
}

/** A request that dockerode has no method for, or another one than is needed here. */
export function dial<T>(docker: Dockerode, options: object): Promise<T> {
  return new Promise((resolve, reject) => {
    (docker.modem as Modem).dial(options, (error, answer) =>
      error === null ? resolve(answer as T) : reject(error),
    );
  });
}
