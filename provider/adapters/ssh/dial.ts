import { connect, type Socket } from "net";
import type { Duplex } from "stream";
import { setTimeout as sleep } from "timers/promises";
import type { Client } from "ssh2";
import { FerryError } from "../../core/errors";
import { authentication, type Authentication } from "./authentication";
import { connectFailure, dialFault, lateFault, userOf } from "./failures";
import type { DialFault, Endpoint } from "./failures";
import { handshake, type HandshakeResult } from "./handshake";
import { algorithmsFor, fingerprint, keyType, parsePinnedKey, type PinnedKey } from "./host-key";

export interface Dialled {
  readonly client: Client;
  readonly socket: Duplex;
  readonly hostKey: Buffer;
}

/** Opens the way to the host: a TCP connection of this machine, or a channel of the jump host's connection. */
export type OpenSocket = (timeoutMilliseconds: number) => Promise<Duplex>;

const DEFAULT_DIAL_SECONDS = 15;
const DEFAULT_RETRIES = 3;
const FIRST_PAUSE_MILLISECONDS = 200;
const LONGEST_PAUSE_MILLISECONDS = 5_000;

/**
 * Dials and logs in. Tries again, with growing pauses, when the host does not answer; never when it shows the wrong key
 * or refuses ours. `knownKey` is the key it showed earlier in this run, which `trustOnFirstUse` then holds it to.
 */
export async function dial(
  endpoint: Endpoint,
  openSocket: OpenSocket,
  knownKey: Buffer | undefined,
): Promise<Dialled> {
  const { settings } = endpoint;
  const pinned = pinnedKey(endpoint, knownKey);
  const seconds = settings.perDialTimeout ?? DEFAULT_DIAL_SECONDS;
  const limit = settings.dialErrorLimit ?? DEFAULT_RETRIES;
  // -1 means "for ever" to @pulumi/command, whose field this is.
  const retries = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  for (let attempt = 1; ; attempt++) {
    const result = await attemptOnce(endpoint, openSocket, pinned, seconds * 1000);
    if (!("reason" in result)) return result;
    if (!result.retry || attempt > retries) {
      const tries = attempt > 1 ? `, tried ${attempt} times` : "";
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
  pinned: PinnedKey | undefined,
  milliseconds: number,
): Promise<Dialled | DialFault> {
  const { settings } = endpoint;
  let last: HandshakeResult = { outcome: "no-such-key" };
  for (const algorithms of algorithmsFor(pinned)) {
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
      pinned,
      trust: settings.trustOnFirstUse ?? false,
      algorithms,
      timeoutMilliseconds: Math.max(1, milliseconds - (performance.now() - started)),
    });
    if (result.outcome === "ready") return { ...result, socket };
    if (result.outcome === "late") return lateFault(milliseconds / 1000, result.spoke);
    if (result.outcome === "failed") return dialFault(result.error);
    if (result.outcome === "refused") throw keyRefused(endpoint, auth);
    if (last.outcome !== "wrong-key") last = result;
  }
  throw wrongKey(endpoint, pinned, last.outcome === "wrong-key" ? last.hostKey : undefined);
}

function pinnedKey(endpoint: Endpoint, knownKey: Buffer | undefined): PinnedKey | undefined {
  const { hostKey } = endpoint.settings;
  if (hostKey === undefined) {
    return knownKey && { fingerprint: fingerprint(knownKey), type: keyType(knownKey) };
  }
  const pinned = parsePinnedKey(hostKey);
  if (pinned) return pinned;
  throw connectFailure(endpoint, {
    kind: "settings",
    reason: "its `hostKey` is neither a public key nor a fingerprint",
    advice: 'Write "ssh-ed25519 AAAA..." or "SHA256:..."',
    touched: "unsent",
  });
}

function wrongKey(endpoint: Endpoint, pinned: PinnedKey | undefined, shown: Buffer | undefined) {
  const seen = shown ? `${keyType(shown)} ${fingerprint(shown)}` : undefined;
  if (!pinned) {
    return connectFailure(endpoint, {
      kind: "settings",
      reason: `no host key is pinned, and it shows ${seen ?? "none"}`,
      advice:
        `Compare that with \`ssh-keygen -lf\` on the host and write ` +
        `hostKey: "${shown ? fingerprint(shown) : "SHA256:..."}" in its connection, ` +
        `or trustOnFirstUse: true to accept any key`,
      touched: "unsent",
    });
  }
  const expected = `${pinned.type ? `${pinned.type} ` : ""}${pinned.fingerprint}`;
  const found = seen ? `it shows ${seen}` : `it has no key of the kind ${pinned.type ?? "pinned"}`;
  return connectFailure(endpoint, {
    kind: "refused",
    reason: `the host key is wrong: expected ${expected}, but ${found}`,
    advice: "If the host was set up anew, write its new `hostKey`, else somebody may be in between",
    touched: "unsent",
  });
}

function keyRefused(endpoint: Endpoint, auth: Authentication) {
  const user = userOf(endpoint.settings);
  const offered = auth.offered().join(", ") || "nothing";
  return connectFailure(endpoint, {
    kind: "refused",
    reason: `it refused ${auth.tried.join(" and ")} of user '${user}' (it accepts: ${offered})`,
    advice: "Check `user` and that the public key is in that user's authorized_keys",
  });
}

/** A TCP connection without Nagle's delay, which would cost 40 ms for every small request over SSH. */
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
