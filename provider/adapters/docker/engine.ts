import { Readable, type Duplex } from "stream";
import Dockerode from "dockerode";
import { FerryError } from "../../core/errors";
import { network } from "../../core/network";
import { ChannelRefused } from "../ssh/channel";
import type { SshConnection } from "../ssh/connection";
import { lostFailure, type Endpoint } from "../ssh/failures";
import { Semaphore } from "../ssh/semaphore";
import { SshShell } from "../ssh/shell";
import { ChannelAgent } from "./channel-agent";
import { DOCKER_SOCKET, dockerFailure, lateFailure } from "./failures";
import { socketFailure, type SocketTrouble } from "./failures";
import { stdioSocket } from "./stdio-socket";
import { hostProgram } from "../../on-host/load";

/** Requests at a time; together they stay within the connection's own bound (SOCKET_LIMIT). */
const DOCKER_REQUESTS = 12;
const PROXY_REQUESTS = 4;

const DEFAULT_DEADLINE_SECONDS = 60;

const DIAGNOSE = hostProgram("docker/socket.sh");

export interface CallOptions {
  /** Without an answer for so long, the call rejects. @default 60; Infinity for none */
  readonly seconds?: number;
  /** Strings that must not show in an error. */
  readonly secrets?: readonly string[];
  /** Asks the network's proxy instead of Docker. @default false */
  readonly proxied?: boolean;
}

/** What is done with the client that the call is for. */
export type Work<T> = (docker: Dockerode, signal: AbortSignal) => Promise<T>;

/**
 * Docker's API on one host, and the network's proxy in front of it, with deadlines and errors that
 * name the host.
 */
export class Engine {
  private readonly shell: SshShell;
  /** Sockets to which sshd lets no channel through. */
  private readonly byCommand = new Set<string>();
  private readonly docker: Dockerode;
  private readonly proxy: Dockerode;
  private readonly dockerRequests = new Semaphore(DOCKER_REQUESTS);
  private readonly proxyRequests = new Semaphore(PROXY_REQUESTS);

  constructor(
    private readonly connection: SshConnection,
    private readonly endpoint: () => Endpoint,
  ) {
    this.shell = new SshShell(connection, endpoint);
    this.docker = this.client(DOCKER_SOCKET);
    this.proxy = this.client(network.socket);
  }

  /** Runs one request. `what` begins the sentence when it fails: "creating container 'x'". */
  async call<T>(what: string, work: Work<T>, options: CallOptions = {}): Promise<T> {
    const requests = options.proxied ? this.proxyRequests : this.dockerRequests;
    return requests.use(() => this.attempt(what, work, options));
  }

  /**
   * As `call`, for an answer that is a stream: it counts as a request, and keeps the connection up,
   * until it closes.
   */
  async stream(what: string, work: Work<NodeJS.ReadableStream>): Promise<Readable> {
    const leave = await this.dockerRequests.acquire();
    try {
      const stream = readable(await this.attempt(what, work, {}));
      const release = this.connection.hold();
      stream.once("close", () => {
        leave();
        release();
      });
      return stream;
    } catch (error) {
      leave();
      throw error;
    }
  }

  fail(what: string, error: unknown, secrets?: readonly string[]): FerryError {
    return dockerFailure(this.endpoint(), what, error, secrets);
  }

  private async attempt<T>(what: string, work: Work<T>, options: CallOptions): Promise<T> {
    try {
      return await this.bounded(what, work, options);
    } catch (error) {
      throw this.translated(what, error, options);
    }
  }

  private translated(what: string, error: unknown, options: CallOptions): unknown {
    // dockerode passes our own errors on, those of a channel that could not be opened among them.
    if (error instanceof FerryError) return error;
    if (isInterrupted(error)) return lostFailure(this.endpoint(), what);
    return this.fail(what, error, options.secrets);
  }

  private async bounded<T>(what: string, work: Work<T>, options: CallOptions): Promise<T> {
    const client = options.proxied ? this.proxy : this.docker;
    const seconds = options.seconds ?? DEFAULT_DEADLINE_SECONDS;
    const abort = new AbortController();
    const release = this.connection.hold();
    let callOffLost: (() => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    // docker-modem never calls back for an answer that is interrupted in the middle, hence the
    // race.
    const interrupted = new Promise<never>((_resolve, reject) => {
      const interrupt = (error: FerryError) => {
        reject(error);
        abort.abort();
      };
      callOffLost = this.connection.onLost(() => interrupt(lostFailure(this.endpoint(), what)));
      if (Number.isFinite(seconds)) {
        timer = setTimeout(
          () => interrupt(lateFailure(this.endpoint(), what, seconds)),
          seconds * 1000,
        );
      }
    });
    try {
      return await Promise.race([work(client, abort.signal), interrupted]);
    } finally {
      clearTimeout(timer);
      callOffLost?.();
      release();
    }
  }

  private client(path: string): Dockerode {
    const agent = new ChannelAgent(() => this.openSocket(path));
    // All that docker-modem would take from DOCKER_* in the environment is given, as that is about
    // another Docker.
    const options = { host: "http://docker", port: 80, protocol: "http" as const, pathPrefix: "/" };
    return new Dockerode({ ...options, timeout: 0, agent, version: "" } as Dockerode.DockerOptions);
  }

  private async openSocket(path: string): Promise<Duplex> {
    if (this.byCommand.has(path)) return this.openByCommand(path);
    try {
      return await this.connection.openSocket(path);
    } catch (error) {
      if (!(error instanceof ChannelRefused)) throw error;
      const trouble = await this.diagnose(path);
      if (trouble !== "silent") throw socketFailure(this.endpoint(), path, trouble);
      // Either nothing listens, or sshd forbids it: it does not say which.
      this.byCommand.add(path);
      return this.openByCommand(path);
    }
  }

  private openByCommand(path: string): Promise<Duplex> {
    return stdioSocket(this.shell, path, async () => {
      this.byCommand.delete(path);
      return socketFailure(this.endpoint(), path, await this.diagnose(path));
    });
  }

  private async diagnose(path: string): Promise<SocketTrouble> {
    const trouble = (await this.shell.script(DIAGNOSE, [path])).stdout.trim();
    return isTrouble(trouble) ? trouble : "silent";
  }
}

/** The answer itself, which is an `IncomingMessage` whatever the types say. */
export function readable(stream: NodeJS.ReadableStream): Readable {
  if (stream instanceof Readable) return stream;
  throw new TypeError("an HTTP answer is a Readable");
}

function isTrouble(word: string): word is SocketTrouble {
  return word === "absent" || word === "denied" || word === "silent";
}

function isInterrupted(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === "ECONNRESET" || code === "EPIPE" || code === "ERR_STREAM_PREMATURE_CLOSE";
}
