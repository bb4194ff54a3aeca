import type { Duplex } from "stream";
import { Client, type ServerHostKeyAlgorithm } from "ssh2";
import type { Authentication } from "./authentication";
import type { PinnedKey } from "./host-key";
import { fingerprint } from "./host-key";

/** How one handshake ended. The host's key is undefined when the server never got as far as showing one. */
export type HandshakeResult =
  | { readonly outcome: "ready"; readonly client: Client; readonly hostKey: Buffer }
  | { readonly outcome: "wrong-key"; readonly hostKey: Buffer }
  | { readonly outcome: "no-such-key" }
  | { readonly outcome: "refused" }
  /** `spoke`: at least something came from the other end. */
  | { readonly outcome: "late"; readonly spoke: boolean }
  | { readonly outcome: "failed"; readonly error: Error };

export interface HandshakeOptions {
  readonly socket: Duplex;
  readonly user: string;
  readonly authentication: Authentication;
  /** undefined: no key was pinned; `trust` says what then. */
  readonly pinned: PinnedKey | undefined;
  readonly trust: boolean;
  readonly algorithms: ServerHostKeyAlgorithm[];
  readonly timeoutMilliseconds: number;
}

/**
 * SSH over a socket that is already there. The host's key is compared before any credential is sent. The client is ended
 * unless it is ready.
 */
export function handshake(options: HandshakeOptions): Promise<HandshakeResult> {
  const { socket, authentication, pinned, trust } = options;
  return new Promise((resolve) => {
    const client = new Client();
    let shown: Buffer | undefined;
    let denied = false;
    let spoke = false;
    socket.once("data", () => (spoke = true));
    const finish = (result: HandshakeResult) => {
      clearTimeout(timer);
      resolve(result);
      if (result.outcome === "ready") return;
      client.end();
      socket.destroy();
    };
    const timer = setTimeout(() => finish({ outcome: "late", spoke }), options.timeoutMilliseconds);
    // Stays for the client's life: an error without a listener would end the process.
    client.on("error", (error: Error & { level?: string }) => {
      if (denied && shown) finish({ outcome: "wrong-key", hostKey: shown });
      else if (error.message.includes("no matching host key")) finish({ outcome: "no-such-key" });
      else if (error.level === "client-authentication") finish({ outcome: "refused" });
      // An agent that does not answer is one refused method; the handler goes on to the next.
      else if (error.level !== "agent") finish({ outcome: "failed", error });
    });
    client.on("close", () =>
      finish({
        outcome: "failed",
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
        denied = pinned ? fingerprint(key) !== pinned.fingerprint : !trust;
        return !denied;
      },
    });
  });
}
