import { FerryError } from "../../core/errors";
import { connectFailure, describeEndpoint, lostFailure, userOf } from "../ssh/failures";
import type { Endpoint } from "../ssh/failures";
import type { FakeHost, FakeState } from "./fake-state";
import { hostAt, type FakeWorld } from "./fake-world";

/** Turns away as a real host would, in the same words, before anything is done. */
export function reach(host: FakeHost, endpoint: Endpoint): void {
  const { down, otherHostKey, refusesKey } = host.faults;
  const user = userOf(endpoint.settings);
  if (down) throw connectFailure(endpoint, "it does not answer (timed out)", "Nothing was changed");
  if (otherHostKey) throw connectFailure(endpoint, "the host key is wrong", "Nothing was sent");
  if (refusesKey) {
    const reason = `it refused the key of user '${user}' (it accepts: publickey)`;
    throw connectFailure(endpoint, reason, "Nothing was changed");
  }
}

/**
 * One call of a port's method on a host: reachable or not, the failures that were asked for, and the change itself, all
 * at once. A promise, as the real ones are.
 */
export function onHost<T>(
  world: FakeWorld,
  endpoint: Endpoint,
  call: string,
  work: (host: FakeHost, state: FakeState) => T,
): Promise<T> {
  return new Promise((resolve) => {
    world.around.before?.(call, endpoint.name);
    const done = world.change((state) => {
      const host = hostAt(state, endpoint);
      reach(host, endpoint);
      const at = host.failures.findIndex((failure) => failure.call === call);
      const failure = at < 0 ? undefined : host.failures.splice(at, 1)[0];
      if (failure?.when === "before") {
        const where = describeEndpoint(endpoint);
        throw new FerryError(`${call} failed on ${where}: ${failure.reason}.`);
      }
      const result = work(host, state);
      if (failure) throw lostFailure(endpoint, call);
      return result;
    });
    world.around.after?.(call, endpoint.name);
    resolve(done);
  });
}
