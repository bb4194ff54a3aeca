import { connect, type Socket } from "net";
import type { Duplex } from "stream";
import { setTimeout as sleep } from "timers/promises";
import type { Client } from "ssh2";
import { FerryError } from "../../core/errors";
import { authentication, type Authentication } from "./authentication";
import { connectFailure, dialFault, lateFault, userOf } from "./failures";
import type { DialFault, Endpoint } from "./failures";
import { FAIL_FAST_SECONDS } from "./reaching";
import { handshake, type HandshakeResult } from "./handshake";
import { algorithmsFor, type HostKeys } from "./host-key";
import { hostKeys, wrongKey } from "./pinned-keys";

export interface Dialled {
  readonly client: Client;
  readonly socket: Duplex;
  readonly hostKey: Buffer;
}

/**
 * Opens the way to the host: a TCP connection of this machine, or a channel of the jump host's
 * connection.
 */
export type OpenSocket = (timeoutMilliseconds: number) => Promise<Duplex>;

const DEFAULT_DIAL_SECONDS = 15;
const DEFAULT_RETRIES = 3;
const FIRST_PAUSE_MILLISECONDS = 200;
const LONGEST_PAUSE_MILLISECONDS = 5_000;
/** SSH_DISCONNECT_PROTOCOL_ERROR. */
const PROTOCOL_ERROR = 2;
/**
 * MaxStartups empties as log-ins end, after two minutes at the latest; a first penalty of
 * PerSourcePenalties is shorter.
 */
const BUSY_MILLISECONDS = 45_000;

/**
 * Dials and logs in. Tries again, with growing pauses, when the host does not answer; never when it
 * shows the wrong key or refuses ours. `knownKey` is the key it showed earlier in this run, which
 * `trustOnFirstUse` then holds it to.
 */
export async function dial(
  endpoint: Endpoint,
  openSocket: OpenSocket,
  knownKey: Buffer | undefined,
): Promise<Dialled> {
  const { settings } = endpoint;
  const keys = hostKeys(endpoint, knownKey);
  const seconds = settings.perDialTimeout ?? DEFAULT_DIAL_SECONDS;
  const limit = settings.dialErrorLimit ?? DEFAULT_RETRIES;
  // -1 means "for ever" to @pulumi/command, whose field this is.
  const retries = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  const began = performance.now();
  for (let attempt = 1; ; attempt++) {
    const result = await attemptOnce(endpoint, openSocket, keys, seconds * 1000);
    if (!("reason" in result)) return result;
    // An sshd that has too much to do, or has had enough of us, is asked for longer, unless the
    // user says how often.
    const waited = performance.now() - began;
    const patient =
      result.busy && settings.dialErrorLimit === undefined && waited < BUSY_MILLISECONDS;
    if (!result.retry || (attempt > retries && !patient)) {
      const time = result.busy ? ` within ${Math.ceil(waited / 1000)} s` : "";
      const tries = attempt > 1 ? `, tried ${attempt} times${time}` : "";
      throw connectFailure(endpoint, { ...result, reason: `${result.reason}${tries}` });
    }
    await sleep(
      Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** (attempt - 1), LONGEST_PAUSE_MILLISECONDS),
    );
  }
}

async function attemptOnce(
  endpoint: Endpoint,
  openSocket: OpenSocket,
  keys: HostKeys,
  milliseconds: number,
): Promise<Dialled | DialFault> {
  const { settings } = endpoint;
  let last: HandshakeResult = { outcome: "no-such-key" };
  for (const algorithms of algorithmsFor(keys.pinned)) {
    // Its own each time: a handler goes through the credentials once.
    const auth = authentication(endpoint);
    const started = performance.now();
    let socket: Duplex;
    try {
      socket = await openSocket(milliseconds);
    } catch (error) {
      if (error instanceof FerryError) throw error;
      return dialFault(error as Error);
    }
    const result = await handshake({
      socket,
      user: userOf(settings),
      authentication: auth,
      keys,
      trust: settings.trustOnFirstUse ?? false,
      algorithms,
      timeoutMilliseconds: Math.max(1, milliseconds - (performance.now() - started)),
    });
    if (result.outcome === "ready") return { ...result, socket };
    if (result.outcome === "late") return lateFault(milliseconds / 1000, result.spoke);
    if (result.outcome === "failed") {
      if (hadEnough(result.error, auth)) throw tooManyKeys(endpoint, auth);
      return dialFault(result.error, result.said);
    }
    if (result.outcome === "refused") throw keyRefused(endpoint, auth);
    if (last.outcome !== "wrong-key") last = result;
  }
  throw wrongKey(endpoint, keys, last.outcome === "wrong-key" ? last.hostKey : undefined);
}

function keyRefused(endpoint: Endpoint, auth: Authentication) {
  const user = userOf(endpoint.settings);
  const offered = auth.offered().join(", ") || "nothing";
  return connectFailure(endpoint, {
    kind: "refused",
    reason: `it refused ${auth.tried().join(" and ")} of user '${user}' (it accepts: ${offered})`,
    advice: "Check `user` and that the public key is in that user's authorized_keys",
  });
}

/**
 * sshd ends the connection for a fault of the protocol's, and says which; another server may leave
 * out the words.
 */
function hadEnough(error: Error & { readonly code?: unknown }, auth: Authentication): boolean {
  if (/too many authentication failures/i.test(error.message)) return true;
  return error.code === PROTOCOL_ERROR && auth.keys() > 1;
}

/**
 * sshd hangs up after MaxAuthTries attempts, and each key is one: the right one may not have had
 * its turn.
 */
function tooManyKeys(endpoint: Endpoint, auth: Authentication) {
  const user = userOf(endpoint.settings);
  return connectFailure(endpoint, {
    kind: "refused",
    reason: `it ended the log-in of user '${user}' after too many keys (MaxAuthTries), of ${auth.tried().join(" and ")}`,
    advice: "Name the right one: `agentKey` with its public half or fingerprint, or `privateKey`",
  });
}

/** One try, and not for long. */
export function failingFast({ name, settings }: Endpoint): Endpoint {
  const perDialTimeout = Math.min(settings.perDialTimeout ?? FAIL_FAST_SECONDS, FAIL_FAST_SECONDS);
  return { name, settings: { ...settings, perDialTimeout, dialErrorLimit: 0 } };
}

/**
 * A TCP connection without Nagle's delay, which would cost 40 ms for every small request over SSH.
 */
export function openTcp(host: string, port: number, timeoutMilliseconds: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 10_000,
    });
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" }));
    }, timeoutMilliseconds);
    const failed = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", failed);
      resolve(socket);
    });
  });
}
