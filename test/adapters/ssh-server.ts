import { spawn } from "child_process";
import { connect, type AddressInfo, type Socket } from "net";
import { Server, utils, type AuthContext, type Connection as Peer, type Session } from "ssh2";
import type { Connection } from "../../provider/core/connection";
import { fingerprint } from "../../provider/adapters/ssh/host-key";

export interface Key {
  readonly privateKey: string;
  /** "ssh-ed25519 AAAA...". */
  readonly publicKey: string;
  readonly fingerprint: string;
}

export function newKey(type: "ed25519" | "rsa" = "ed25519"): Key {
  const pair =
    type === "rsa"
      ? utils.generateKeyPairSync("rsa", { bits: 2048 })
      : utils.generateKeyPairSync("ed25519");
  // ssh2 writes some ed25519 keys (2 in 1,000) so that nobody can read it, itself included.
  if (utils.parseKey(pair.private) instanceof Error) return newKey(type);
  const blob = Buffer.from(pair.public.split(" ")[1] ?? "", "base64");
  return { privateKey: pair.private, publicKey: pair.public, fingerprint: fingerprint(blob) };
}

export interface Said {
  readonly code: number;
  readonly stdout?: string;
  readonly stderr: string;
  /** Said by the shell or by sudo, which did not run the command. */
  readonly notBegun?: boolean;
}

export const userKey = newKey();
export const hostKey = newKey();
export const rsaHostKey = newKey("rsa");

/**
 * An SSH server in this process: commands run in this machine's `sh`, sockets lead wherever the
 * test says.
 */
export class TestServer {
  /** Every command line that arrived. */
  readonly commands: string[] = [];
  readonly sockets = new Map<string, string>();
  /** Ports that a forwarding to gets no answer from, as its packets are dropped on the way. */
  readonly unroutable = new Set<number>();
  /** Attempts to log in, after which it hangs up as sshd does. */
  maxAuthTries = Infinity;
  handshakes = 0;
  connections = 0;
  sessions = 0;
  mostSessions = 0;
  /** Stands in for the shell: `undefined` leaves the command to `sh`. */
  answer: (line: string) => Said | undefined = () => undefined;
  /** The user's, with words in front of `-c`. */
  loginShell: readonly string[] = ["sh"];
  environment: () => NodeJS.ProcessEnv = () => process.env;
  /** Called once a command has begun here, before the client hears of it. */
  spawned: () => void = () => undefined;
  /** What happens before it confirms that a command begins; false refuses it. */
  begins: () => boolean = () => true;
  private readonly peers = new Set<Peer>();
  private readonly server: Server;
  private readonly openSessions = new Map<Peer, number>();

  constructor(
    hostKeys: readonly Key[] = [hostKey],
    private readonly maxSessions = 10,
  ) {
    const options = { hostKeys: hostKeys.map(({ privateKey }) => privateKey) };
    this.server = new Server(options, (peer) => this.serve(peer));
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, "127.0.0.1", () => resolve()));
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How a program would be told to reach it. */
  connection(more: Partial<Connection> = {}): Connection {
    return {
      host: "127.0.0.1",
      port: this.port,
      user: "ferry",
      privateKey: userKey.privateKey,
      hostKey: hostKey.publicKey,
      perDialTimeout: 5,
      dialErrorLimit: 0,
      ...more,
    };
  }

  /** Cuts every connection without a word, as a power cut would. */
  disconnect(): void {
    for (const peer of this.peers) socketOf(peer).destroy();
  }

  /** Stays connected, and neither reads nor answers any more: a host that hangs. */
  freeze(): void {
    for (const peer of this.peers) socketOf(peer).pause();
  }

  async close(): Promise<void> {
    this.disconnect();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private serve(peer: Peer): void {
    this.handshakes += 1;
    // As sshd does: else every answer waits 40 ms for the acknowledgement of the one before.
    socketOf(peer).setNoDelay(true);
    this.peers.add(peer);
    let tries = 0;
    peer.on("authentication", (context) => {
      if (context.method !== "none" && tries++ >= this.maxAuthTries) tooMany(peer);
      else this.authenticate(context);
    });
    peer.on("ready", () => (this.connections += 1));
    peer.on("error", () => undefined);
    peer.on("close", () => {
      this.peers.delete(peer);
      this.sessions -= this.openSessions.get(peer) ?? 0;
      this.openSessions.delete(peer);
    });
    peer.on("session", (accept, reject) => {
      if ((this.openSessions.get(peer) ?? 0) >= this.maxSessions) {
        reject();
        return;
      }
      this.count(peer, 1);
      this.run(peer, accept());
    });
    peer.on("tcpip", (accept, reject, { destIP, destPort }) => {
      if (this.unroutable.has(destPort)) return;
      const socket = connect({ host: destIP, port: destPort });
      socket.once("error", () => reject());
      socket.once("connect", () => {
        const channel = accept();
        channel.pipe(socket).pipe(channel);
        channel.on("error", () => socket.destroy());
      });
    });
    peer.on("openssh.streamlocal", (accept, reject, info) => {
      const { socketPath } = info;
      const target = this.sockets.get(socketPath);
      if (target === undefined) {
        reject();
        return;
      }
      const socket = connect(target);
      socket.once("error", () => reject());
      socket.once("connect", () => {
        const channel = accept();
        channel.pipe(socket).pipe(channel);
        socket.on("close", () => channel.end());
      });
    });
  }

  private authenticate(context: AuthContext): void {
    if (context.method === "password" && context.password === "open sesame") {
      context.accept();
      return;
    }
    if (context.method !== "publickey") {
      context.reject(["publickey", "password"]);
      return;
    }
    const key = utils.parseKey(userKey.publicKey);
    if (key instanceof Error) throw key;
    const known = context.key.data.equals(key.getPublicSSH());
    if (!known) {
      context.reject(["publickey", "password"]);
      return;
    }
    context.accept();
  }

  private run(peer: Peer, session: Session): void {
    session.on("close", () => this.count(peer, -1));
    session.on("exec", (accept, reject, { command }) => {
      this.commands.push(command);
      if (!this.begins()) {
        reject();
        return;
      }
      const channel = accept();
      const said = this.answer(command);
      if (said) {
        const mark = said.notBegun ? undefined : markOf(command);
        channel.write(mark ? `${mark}\n${said.stdout ?? ""}${mark}${said.code}\n` : "");
        channel.stderr.write(mark ? `${mark}\n${said.stderr}${mark}\n` : said.stderr);
        channel.exit(said.code);
        channel.end();
        return;
      }
      const [shell = "sh", ...args] = this.loginShell;
      const child = spawn(shell, [...args, "-c", command], { env: this.environment() });
      this.spawned();
      channel.pipe(child.stdin);
      child.stdin.on("error", () => undefined);
      child.stdout.pipe(channel, { end: false });
      child.stderr.pipe(channel.stderr, { end: false });
      child.on("close", (code) => {
        channel.exit(code ?? 143);
        channel.end();
      });
      channel.on("close", () => child.stdin.destroy());
    });
  }

  private count(peer: Peer, by: number): void {
    if (by < 0 && !this.openSessions.has(peer)) return;
    this.openSessions.set(peer, (this.openSessions.get(peer) ?? 0) + by);
    this.sessions += by;
    this.mostSessions = Math.max(this.mostSessions, this.sessions);
  }
}

/** The library does not give its socket away. */
function socketOf(peer: Peer): Socket {
  return (peer as unknown as { _sock: Socket })._sock;
}

/** The mark that the command is to print around its answer. */
function markOf(command: string): string {
  const plain = command.replace(/\\0([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(parseInt(octal, 8)),
  );
  const [, first = "", second = ""] = /'([0-9a-f]{16})' '([0-9a-f]{16})'/.exec(plain) ?? [];
  return first + second;
}

/** As sshd's MaxAuthTries, which the library does not know. */
function tooMany(peer: Peer): void {
  const protocol = (peer as unknown as { _protocol: { disconnect: (reason: number) => void } })
    ._protocol;
  protocol.disconnect(2);
}
