import { FerryError } from "../../core/errors";
import { at, connectFailure, dialFault, lateFault, lostFailure, userOf } from "../ssh/failures";
import type { Endpoint } from "../ssh/failures";
import type { FakeFailure, FakeHost, FakeState } from "./fake-state";
import { hostAt, type FakeWorld } from "./fake-world";

/** Kind and fingerprint of a fake host's key: another machine has another one. */
export function fakeKeyOf({ machine }: FakeHost): string {
  return `ssh-ed25519 SHA256:${machine.id.repeat(2).slice(0, 43)}`;
}

/** Turns away as a real host would, in the same words, before anything is done. */
export function reach(host: FakeHost, endpoint: Endpoint): void {
  const { down, otherHostKey, refusesKey, withoutSshd, tooBusy } = host.faults;
  if (down) throw connectFailure(endpoint, dialFault(failed("ETIMEDOUT")));
  if (withoutSshd) throw connectFailure(endpoint, dialFault(failed("ECONNREFUSED")));
  if (tooBusy) throw connectFailure(endpoint, lateFault(15, true));
  const { hostKey: pinned, knownHostKey: known } = endpoint.settings;
  const isAnother = pinned === undefined && known !== undefined && known !== fakeKeyOf(host);
  if (otherHostKey || isAnother) {
    const reason = "the host key is wrong";
    throw connectFailure(endpoint, { kind: "refused", reason, touched: "unsent" });
  }
  if (refusesKey) {
    const user = userOf(endpoint.settings);
    const reason = `it refused the key of user '${user}' (it accepts: publickey)`;
    throw connectFailure(endpoint, { kind: "refused", reason });
  }
}

function failed(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** What was asked to go wrong with this call of a port's method, once. */
export function nextFailure(host: FakeHost, call: string): FakeFailure | undefined {
  const index = host.failures.findIndex((failure) => failure.call === call);
  return index < 0 ? undefined : host.failures.splice(index, 1)[0];
}

export function failureOf(endpoint: Endpoint, { call, kind, reason }: FakeFailure): FerryError {
  return new FerryError({ kind: kind ?? "trouble", what: call, ...at(endpoint), reason });
}

/**
 * One call of a port's method on a host: reachable or not, the failures that were asked for, and
 * the change itself, all at once. A promise, as the real ones are.
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
      const failure = nextFailure(host, call);
      if (failure?.when === "before") throw failureOf(endpoint, failure);
      const result = work(host, state);
      if (failure) throw lostFailure(endpoint, call);
      return result;
    });
    world.around.after?.(call, endpoint.name);
    resolve(done);
  });
}
