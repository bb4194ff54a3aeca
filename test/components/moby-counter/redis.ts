import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { FakeRedis } from "./fake-redis";
import { connect } from "./modules";
import { tied } from "./processes";

/**
 * A redis that a test can take away and bring back. What it acknowledged survives everything but
 * `forget`.
 */
export interface TestRedis {
  readonly port: number;
  start(): Promise<void>;
  /** As `docker stop` does it. */
  stop(): Promise<void>;
  /** As a host that loses its power does it. */
  crash(): Promise<void>;
  /** Connections stay, answers do not come: as when packets are lost. */
  freeze(): void;
  thaw(): void;
  /** Loses everything, as a move that left its data behind. */
  forget(): Promise<void>;
  /** Stops it and removes what it kept. */
  dispose(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The real thing, set as the example's fig file sets it. */
class RealRedis implements TestRedis {
  private process: ChildProcess | undefined;
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "ferry-redis-"));

  constructor(readonly port: number) {}

  async start(): Promise<void> {
    const durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
    const where = ["--bind", "127.0.0.1", "--port", String(this.port), "--dir", this.folder];
    const command = tied(["redis-server", ...where, ...durable]);
    this.process = spawn(command[0], command.slice(1), { stdio: "ignore" });
    const deadline = Date.now() + 10_000;
    for (;;) {
      try {
        await this.ask(["PING"]);
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async stop(): Promise<void> {
    await this.end("SIGTERM");
  }

  async crash(): Promise<void> {
    await this.end("SIGKILL");
  }

  freeze(): void {
    this.process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.process?.kill("SIGCONT");
  }

  async forget(): Promise<void> {
    await this.ask(["FLUSHALL"]);
  }

  async dispose(): Promise<void> {
    await this.crash();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private async ask(args: readonly string[]): Promise<void> {
    const target = { host: "127.0.0.1", port: this.port, connectTimeoutMs: 500 };
    const connection = await connect(target);
    try {
      await connection.command(args, 2_000);
    } finally {
      connection.close();
    }
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const running = this.process;
    this.process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, "exit");
    running.kill(signal);
    await exited;
  }
}

const installed = spawnSync("redis-server", ["--version"]).status === 0;

/** The in-process redis always; the real one too where it is installed. */
export const kinds: readonly (readonly [string, () => Promise<TestRedis>])[] = [
  ["an in-process redis", async () => new FakeRedis(await freePort())],
  ...(installed ? [["redis-server", async () => new RealRedis(await freePort())] as const] : []),
];
