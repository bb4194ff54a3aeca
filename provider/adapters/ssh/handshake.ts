import type { Duplex } from "stream";
import { Client, type ServerHostKeyAlgorithm } from "ssh2";
import type { Authentication } from "./authentication";
import { isTaken, type HostKeys } from "./host-key";

/**
 * How one handshake ended. The host's key is undefined when the server never got as far as showing
 * one.
 */
export type HandshakeResult =
  | { readonly outcome: "ready"; readonly client: Client; readonly hostKey: Buffer }
  | { readonly outcome: "wrong-key"; readonly hostKey: Buffer }
  | { readonly outcome: "no-such-key" }
  | { readonly outcome: "refused" }
  /** `spoke`: at least something came from the other end. */
  | { readonly outcome: "late"; readonly spoke: boolean }
  /** `said`: the first words of whatever is there. */
  | { readonly outcome: "failed"; readonly error: Error; readonly said: string | undefined };

export interface HandshakeOptions {
  readonly socket: Duplex;
  readonly user: string;
  readonly authentication: Authentication;
  /** Where none is pinned, `trust` says what then. */
  readonly keys: HostKeys;
  readonly trust: boolean;
  readonly algorithms: ServerHostKeyAlgorithm[];
  readonly timeoutMilliseconds: number;
}

/**
 * SSH over a socket that is already there. The host's key is compared before any credential is
 * sent. The client is ended unless it is ready.
 */
export function handshake(options: HandshakeOptions): Promise<HandshakeResult> {
  const { socket, authentication, keys, trust } = options;
  return new Promise((resolve) => {
    const client = new Client();
    let shown: Buffer | undefined;
    let denied = false;
    let said: string | undefined;
    socket.once("data", (chunk: Buffer) => (said = chunk.toString("latin1").slice(0, 200)));
    const finish = (result: HandshakeResult) => {
      clearTimeout(timer);
      resolve(result);
      if (result.outcome === "ready") return;
      client.end();
      socket.destroy();
    };
    const timer = setTimeout(
      () => finish({ outcome: "late", spoke: said !== undefined }),
      options.timeoutMilliseconds,
    );
    // Stays for the client's life: an error without a listener would end the process.
    client.on("error", (error: Error & { level?: string }) => {
      if (denied && shown) finish({ outcome: "wrong-key", hostKey: shown });
      else if (error.message.includes("no matching host key")) finish({ outcome: "no-such-key" });
      else if (error.level === "client-authentication") finish({ outcome: "refused" });
      // An agent that does not answer is one refused method; the handler goes on to the next.
      else if (error.level !== "agent") finish({ outcome: "failed", error, said });
    });
    client.on("close", () =>
      finish({
        outcome: "failed",
        said,
        error: Object.assign(new Error("it ended the connection"), { code: "ECONNRESET" }),
      }),
    );
    client.on("ready", () => {
      if (shown) finish({ outcome: "ready", client, hostKey: shown });
    });
    client.connect({
      sock: socket,
      username: options.user,
      authHandler: authentication.handler,
      algorithms: { serverHostKey: options.algorithms },
      readyTimeout: 0,
      hostVerifier: (key: Buffer) => {
        // Asked again at each re-keying; the first key is the one that is told about.
        shown ??= key;
        denied = keys.pinned.length > 0 ? !isTaken(keys, key) : !trust;
        return !denied;
      },
    });
  });
}
