import type { HostLocks } from "../core/lock";

/** Keeps the work of this run apart, host by host and name by name. */
function locksOfThisProcess(): HostLocks {
  const last = new Map<string, Promise<unknown>>();
  return {
    async acquire(host, name) {
      const key = `${host.connection.host} ${name}`;
      let release: () => void = () => undefined;
      const mine = new Promise<void>((done) => (release = done));
      const before = last.get(key);
      last.set(
        key,
        Promise.resolve(before).then(() => mine),
      );
      await before;
      return {
        lost: false,
        release: () => {
          release();
          return Promise.resolve();
        },
      };
    },
  };
}

/** One process serves a whole run. */
export const hostLocks = locksOfThisProcess();
