import type { Duplex } from "stream";
import { inspect } from "util";
import type { Client, ClientChannel } from "ssh2";
import type { Machine } from "../../core/machine";
import type { Effort } from "../../core/adapter-ports";
import { failingFast, dial, openTcp, type Dialled } from "./dial";
import {
  asTrouble,
  behindJump,
  connectFailure,
  describeEndpoint,
  lateFault,
  lostFailure,
  silentBehindJump,
  type Endpoint,
} from "./failures";
import { describeKey } from "./host-key";
import { answers, ANSWER_DEADLINE_MILLISECONDS } from "./liveness";
import { ChannelRefused, openChannel, whenGone, type Open, type Patience } from "./channel";
import { requirePinned } from "./pinned-keys";
import { Reaching } from "./reaching";
import { Semaphore } from "./semaphore";
import { SESSION_LIMIT, SessionRoom } from "./session-room";
import { UnderWay } from "./under-way";
import { UntilLost } from "./until-lost";

/** Channels to sockets on the host, which are no sessions; no daemon is to be flooded. */
const SOCKET_LIMIT = 32;

/**
 * The one SSH connection to a host: made at the first use, shared by everything, made again when it
 * was lost while nothing was under way. It keeps the process alive only while something is under
 * way.
 */
export class SshConnection {
  private live: Dialled | undefined;
  private knownKey: Buffer | undefined;
  private readonly machine = new UntilLost<Machine>((forget) => this.onLost(forget));
  private checking: Promise<void> | undefined;
  private closed = false;
  private readonly underWay = new UnderWay(() => this.live);
  private readonly commands = new Semaphore(SESSION_LIMIT);
  private readonly room = new SessionRoom(SESSION_LIMIT);
  /** For what has no room on this one. */
  private further: SshConnection | undefined;
  private readonly sockets = new Semaphore(SOCKET_LIMIT);
  private readonly reaching = new Reaching<Dialled>({
    dial: (failFast) => this.connect(failFast),
    late: (seconds) => connectFailure(this.current, lateFault(seconds, false)),
  });
  private readonly lostListeners = new Set<() => void>();

  /** `gate` lets one handshake at a time through to an address: sshd's MaxStartups counts those. */
  constructor(
    private current: Endpoint,
    private readonly connecting: Semaphore,
    private readonly jump: SshConnection | undefined,
  ) {}

  /** Whoever prints it, a test's failure or a debugger's log, must not print the credentials. */
  [inspect.custom](): string {
    return `SshConnection to ${describeEndpoint(this.current)}`;
  }

  get endpoint(): Endpoint {
    return this.current;
  }

  /**
   * The newest credentials count for the next connection; a newly pinned key must fit the one
   * already open.
   */
  renew(endpoint: Endpoint): void {
    if (this.live) requirePinned(endpoint, this.live.hostKey);
    this.current = endpoint;
  }

  /** Kind and fingerprint of the key that it has shown; empty before that. */
  get shownKey(): string {
    return this.knownKey ? describeKey(this.knownKey) : "";
  }

  /** Resolves when the host has answered and let us in. */
  async ready(effort: Effort = "full"): Promise<void> {
    await this.whileUnderWay(() => this.client(effort));
  }

  /**
   * Starts a command; the channel counts as a session until it closes. `attach` is called as soon
   * as the channel is open: a quick command's output and end may come with the same packet, and
   * would go by whoever listens later. Commands wait for one another; one that is `lasting` may
   * well wait for others itself, and holds none of them up.
   */
  async exec<T>(
    commandLine: string,
    attach: (channel: ClientChannel) => T,
    { lasting }: { readonly lasting: boolean },
  ): Promise<T> {
    const leave = lasting ? () => undefined : await this.commands.acquire();
    return this.session(commandLine, attach, leave).catch((error: unknown) => {
      leave();
      throw error;
    });
  }

  /**
   * A channel to a Unix socket on the host. Rejects with ChannelRefused when the host would not
   * open it.
   */
  async openSocket(path: string): Promise<Duplex> {
    return this.socket((client, done) => client.openssh_forwardOutStreamLocal(path, done));
  }

  /**
   * Marks something as under way: the process stays, and the host is watched, and so is the one
   * that it is reached by. Returns the end of it.
   */
  hold(): () => void {
    const release = this.underWay.hold();
    const releaseJump = this.jump?.hold();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      release();
      releaseJump?.();
    };
  }

  /**
   * Calls back once when the connection that is open now is lost. Returns the way to call that off.
   */
  onLost(listener: () => void): () => void {
    this.lostListeners.add(listener);
    return () => this.lostListeners.delete(listener);
  }

  /**
   * Which machine it leads to: read once, and again only when the connection was lost or the
   * reading failed.
   */
  remembered(read: () => Promise<Machine>): Promise<Machine> {
    return this.machine.get(read);
  }

  close(): void {
    this.closed = true;
    this.further?.close();
    this.live?.client.end();
    if (this.live) this.drop(this.live);
  }

  private async whileUnderWay<T>(work: () => Promise<T>): Promise<T> {
    const release = this.hold();
    try {
      return await work();
    } finally {
      release();
    }
  }

  /**
   * A live client. One that was idle for long shows that it is still there first, so that nothing
   * goes into a void.
   */
  private async client(effort: Effort = "full"): Promise<Client> {
    if (this.live && this.underWay.stale) {
      this.checking ??= this.check(this.live).finally(() => (this.checking = undefined));
      await this.checking;
    }
    if (!this.live) {
      await this.reaching.get(effort);
    }
    if (!this.live) throw lostFailure(this.current, "the log-in");
    return this.live.client;
  }

  private async check(live: Dialled): Promise<void> {
    const alive = await answers(live.client, ANSWER_DEADLINE_MILLISECONDS);
    this.underWay.stale = false;
    if (!alive) this.drop(live);
  }

  private async connect(failFast: boolean): Promise<Dialled> {
    const { settings } = this.current;
    const { jump } = this;
    const port = settings.port ?? 22;
    const overJump = <T>(work: Promise<T>) =>
      work.catch((error: unknown) => {
        throw asTrouble(this.current, error);
      });
    const openSocket = (milliseconds: number) =>
      jump
        ? overJump(jump.forward(settings.host, port, milliseconds))
        : openTcp(settings.host, port, milliseconds);
    if (jump) await overJump(jump.ready(failFast ? "failFast" : "full"));
    const dialled = await this.connecting.use(() =>
      dial(failFast ? failingFast(this.current) : this.current, openSocket, this.knownKey),
    );
    if (this.closed) {
      dialled.client.destroy();
      throw lostFailure(this.current, "the log-in");
    }
    this.knownKey = dialled.hostKey;
    this.live = dialled;
    dialled.client.on("close", () => this.drop(dialled));
    this.underWay.attend();
    return dialled;
  }

  /**
   * A channel to a port that the host can reach, or cannot: its own attempt may go on for minutes.
   */
  private forward(host: string, port: number, milliseconds: number): Promise<Duplex> {
    const { settings } = this.current;
    return this.socket((client, done) => client.forwardOut("127.0.0.1", 0, host, port, done), {
      milliseconds,
      whenLate: () => silentBehindJump(settings, milliseconds / 1000),
    }).catch((error: unknown) => {
      throw error instanceof ChannelRefused ? behindJump(settings, error.message) : error;
    });
  }

  /**
   * A command has its own connection's session, or that of a further one where sshd allows only so
   * many at a time.
   */
  private async session<T>(
    commandLine: string,
    attach: (channel: ClientChannel) => T,
    leave: () => void,
  ): Promise<T> {
    if (!this.room.full) {
      const { open, out, refusedBeside } = this.room.command(commandLine);
      const gone = () => {
        out();
        leave();
      };
      try {
        return await this.channel(open, attach, { gone, busy: true });
      } catch (error) {
        out();
        if (!refusedBeside() || !(error instanceof ChannelRefused)) throw error;
      }
    }
    this.further ??= new SshConnection(this.current, this.connecting, this.jump);
    this.further.current = this.current;
    this.further.knownKey ??= this.knownKey;
    return this.further.session(commandLine, attach, leave).catch((error: unknown) => {
      // The host is there, as this connection shows.
      throw asTrouble(this.current, error);
    });
  }

  private async socket(open: Open, patience?: Patience): Promise<Duplex> {
    const gone = await this.sockets.acquire();
    const socket = this.channel(open, (channel) => channel, { gone, busy: false }, patience);
    return socket.catch((error: unknown) => {
      gone();
      throw error;
    });
  }

  /**
   * `busy`: something is under way until it closes; a socket's channel may lie idle in somebody's
   * pool.
   */
  private async channel<T>(
    open: Open,
    attach: (channel: ClientChannel) => T,
    { gone, busy }: { gone: () => void; busy: boolean },
    patience?: Patience,
  ): Promise<T> {
    const release = this.hold();
    const attached = (client: Client, channel: ClientChannel) => {
      whenGone(client, channel, release, gone);
      if (!busy) release();
      return attach(channel);
    };
    try {
      const lost = () => lostFailure(this.current, "the opening of a channel");
      return await openChannel(await this.client(), open, attached, lost, patience);
    } catch (error) {
      release();
      throw error;
    }
  }

  private drop(lost: Dialled): void {
    if (this.live !== lost) return;
    this.live = undefined;
    this.room.forget();
    this.underWay.attend();
    lost.client.destroy();
    const listeners = [...this.lostListeners];
    this.lostListeners.clear();
    for (const listener of listeners) listener();
  }
}
