import type { Duplex } from "stream";
import { inspect } from "util";
import type { Client, ClientChannel } from "ssh2";
import type { Machine } from "../../core/machine";
import type { Effort } from "../../core/ports";
import { dial, openTcp, type Dialled } from "./dial";
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
import { describeKey, isTaken, parseHostKeys } from "./host-key";
import { answers, ANSWER_DEADLINE_MILLISECONDS } from "./liveness";
import { ChannelRefused, openChannel, type Open, type Patience } from "./channel";
import { BRIEF_SECONDS, Reaching } from "./reaching";
import { Semaphore } from "./semaphore";
import { SessionRoom } from "./session-room";

/**
 * Sessions of one connection at a time. sshd's MaxSessions is 10 unless set; two are left for
 * whatever else the user runs over the same one. What needs more gets a further connection.
 */
export const SESSION_LIMIT = 8;
/**
 * Channels to sockets on the host do not count as sessions; bounded so that a daemon is not
 * flooded.
 */
export const SOCKET_LIMIT = 32;

const IDLE_BEFORE_CHECK_MILLISECONDS = 5_000;
/**
 * A host that is gone is noticed within fifteen seconds: a replica may have to be put back for it.
 */
const LIVENESS_INTERVAL_MILLISECONDS = 5_000;
const LIVENESS_DEADLINE_MILLISECONDS = 10_000;

/**
 * The one SSH connection to a host: made at the first use, shared by everything, made again when it
 * was lost while nothing was under way. It keeps the process alive only while something is under
 * way.
 */
export class SshConnection {
  private live: Dialled | undefined;
  private knownKey: Buffer | undefined;
  private machine: Promise<Machine> | undefined;
  private lastUse = 0;
  /** Idle for so long that it must show that it is still there before it is used. */
  private stale = false;
  private checking: Promise<void> | undefined;
  private closed = false;
  private holds = 0;
  private watch: NodeJS.Timeout | undefined;
  private readonly commands = new Semaphore(SESSION_LIMIT);
  private readonly room = new SessionRoom(SESSION_LIMIT);
  /** For what has no room on this one. */
  private further: SshConnection | undefined;
  private readonly sockets = new Semaphore(SOCKET_LIMIT);
  private readonly reaching = new Reaching<Dialled>({
    dial: (brief) => this.connect(brief),
    late: (seconds) => connectFailure(this.current, lateFault(seconds, false)),
  });
  private readonly lostListeners = new Set<() => void>();

  /** `gate` lets one handshake at a time through to an address: sshd's MaxStartups counts those. */
  constructor(
    private current: Endpoint,
    private readonly gate: Semaphore,
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
    const { hostKey, knownHostKey } = endpoint.settings;
    const text = hostKey ?? knownHostKey;
    const keys = text === undefined ? undefined : parseHostKeys(text);
    if (this.live && typeof keys === "object" && !isTaken(keys, this.live.hostKey)) {
      const expected = keys.pinned.map((key) => key.fingerprint).join(" or ");
      throw connectFailure(endpoint, {
        kind: "refused",
        reason: `the host key is wrong: expected ${expected}, but it shows ${this.shownKey}`,
        advice: "Write the right `hostKey` in its connection",
        touched: "unsent",
      });
    }
    this.current = endpoint;
  }

  /** Kind and fingerprint of the key that it has shown; empty before that. */
  get shownKey(): string {
    return this.knownKey ? describeKey(this.knownKey) : "";
  }

  /** Resolves when the host has answered and let us in. */
  async ready(effort: Effort = "full"): Promise<void> {
    await this.held(() => this.client(effort));
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
   * Marks something as under way: the process stays, and the host is watched. Returns the end of
   * it.
   */
  hold(): () => void {
    this.holds += 1;
    if (this.holds === 1) {
      this.stale = performance.now() - this.lastUse > IDLE_BEFORE_CHECK_MILLISECONDS;
      this.attend();
    }
    const releaseJump = this.jump?.hold();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.holds -= 1;
      this.lastUse = performance.now();
      if (this.holds === 0) this.attend();
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
    if (this.machine) return this.machine;
    const reading = read();
    const forget = () => {
      if (this.machine === reading) this.machine = undefined;
    };
    this.machine = reading;
    this.onLost(forget);
    reading.catch(forget);
    return reading;
  }

  close(): void {
    this.closed = true;
    this.further?.close();
    this.live?.client.end();
    if (this.live) this.drop(this.live);
  }

  private async held<T>(work: () => Promise<T>): Promise<T> {
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
    if (this.live && this.stale) {
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
    this.stale = false;
    if (!alive) this.drop(live);
  }

  private async connect(brief: boolean): Promise<Dialled> {
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
    if (jump) await overJump(jump.ready(brief ? "brief" : "full"));
    const dialled = await this.gate.use(() =>
      dial(brief ? briefly(this.current) : this.current, openSocket, this.knownKey),
    );
    if (this.closed) {
      dialled.client.destroy();
      throw lostFailure(this.current, "the log-in");
    }
    this.knownKey = dialled.hostKey;
    this.live = dialled;
    dialled.client.on("close", () => this.drop(dialled));
    this.attend();
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
      const refused = { beside: false };
      let out: () => void = () => undefined;
      const open: Open = (client, done) => {
        out = this.room.enter();
        client.exec(commandLine, (error, channel) => {
          refused.beside = error !== undefined && this.room.refused(out, "reason" in error);
          done(error, channel);
        });
      };
      const gone = () => {
        out();
        leave();
      };
      try {
        return await this.channel(open, attach, { gone, busy: true });
      } catch (error) {
        out();
        if (!refused.beside || !(error instanceof ChannelRefused)) throw error;
      }
    }
    this.further ??= new SshConnection(this.current, this.gate, this.jump);
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
      // Without a listener, an error of a channel whose connection is lost would end the process.
      channel.on("error", () => undefined);
      channel.once("close", () => {
        release();
        // sshd counts a closed session until it has worked through all that lies in its input:
        // another one that came with the same packets would be one too many. Once it has answered,
        // the old one is gone.
        void answers(client, ANSWER_DEADLINE_MILLISECONDS).then(gone);
      });
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

  /** Keeps the process and watches the host while something is under way; lets both go when not. */
  private attend(): void {
    const socket = this.live?.socket as { ref?: () => void; unref?: () => void } | undefined;
    if (this.holds > 0) socket?.ref?.();
    else socket?.unref?.();
    clearInterval(this.watch);
    this.watch = undefined;
    const { live } = this;
    if (this.holds === 0 || !live) return;
    const received = () => (live.socket as { bytesRead?: number }).bytesRead;
    this.watch = setInterval(() => {
      const before = received();
      void answers(live.client, LIVENESS_DEADLINE_MILLISECONDS).then((alive) => {
        // On a link that is busy with data the answer may be late; the data itself shows that the
        // host is there.
        if (!alive && received() === before) live.client.destroy();
      });
    }, LIVENESS_INTERVAL_MILLISECONDS);
  }

  private drop(lost: Dialled): void {
    if (this.live !== lost) return;
    this.live = undefined;
    this.room.forget();
    this.attend();
    lost.client.destroy();
    const listeners = [...this.lostListeners];
    this.lostListeners.clear();
    for (const listener of listeners) listener();
  }
}

/** One try, and not for long. */
function briefly({ name, settings }: Endpoint): Endpoint {
  const perDialTimeout = Math.min(settings.perDialTimeout ?? BRIEF_SECONDS, BRIEF_SECONDS);
  return { name, settings: { ...settings, perDialTimeout, dialErrorLimit: 0 } };
}
