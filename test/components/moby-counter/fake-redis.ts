import { once } from "node:events";
import * as net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { resp } from "./modules";
import type { TestRedis } from "./redis";

/** The few commands that the example uses, in this process, with the moods that a test needs. */
export class FakeRedis implements TestRedis {
  /** Every command it got, upper case, without arguments. */
  readonly commands: string[] = [];
  /** Answers byte by byte. */
  drip = false;
  /** Refuses every command, as a redis that reads its data at its start. */
  loading = false;
  appendfsync = "always";

  private server: net.Server | undefined;
  private readonly sockets = new Set<net.Socket>();
  private readonly lists = new Map<string, string[]>();
  private readonly sets = new Map<string, Set<string>>();
  private frozen: (() => void)[] | undefined;

  constructor(
    readonly port: number,
    private readonly address = "127.0.0.1",
  ) {}

  async start(): Promise<void> {
    this.server = net.createServer((socket) => this.serve(socket));
    this.server.listen(this.port, this.address);
    await once(this.server, "listening");
  }

  async stop(): Promise<void> {
    const server = this.server;
    if (server === undefined) return;
    this.server = undefined;
    this.frozen = undefined;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  crash(): Promise<void> {
    return this.stop();
  }

  freeze(): void {
    this.frozen = [];
  }

  thaw(): void {
    const frozen = this.frozen ?? [];
    this.frozen = undefined;
    for (const answer of frozen) answer();
  }

  forget(): Promise<void> {
    this.lists.clear();
    this.sets.clear();
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    return this.stop();
  }

  private serve(socket: net.Socket): void {
    const parser = new resp.ReplyParser();
    this.sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.sockets.delete(socket));
    let answered = Promise.resolve();
    socket.on("data", (chunk) => {
      for (const command of parser.push(chunk) as string[][]) {
        const answer = () => {
          const reply = this.execute(command);
          answered = answered.then(() => this.send(socket, reply));
        };
        if (this.frozen) this.frozen.push(answer);
        else answer();
      }
    });
  }

  private async send(socket: net.Socket, reply: string): Promise<void> {
    if (!this.drip) {
      if (!socket.destroyed) socket.write(reply);
      return;
    }
    for (const byte of Buffer.from(reply)) {
      await sleep(1);
      if (!socket.destroyed) socket.write(Buffer.from([byte]));
    }
  }

  private execute([name = "", ...args]: readonly string[]): string {
    this.commands.push(name.toUpperCase());
    if (this.loading) return "-LOADING Redis is loading the dataset in memory\r\n";
    const [key = "", ...rest] = args;
    switch (name.toUpperCase()) {
      case "PING":
        return "+PONG\r\n";
      case "SAVE":
        return "+OK\r\n";
      case "CONFIG":
        return array([rest[0] ?? "", rest[0] === "appendonly" ? "yes" : this.appendfsync]);
      case "RPUSH": {
        const list = [...(this.lists.get(key) ?? []), ...rest];
        this.lists.set(key, list);
        return `:${list.length}\r\n`;
      }
      case "LRANGE":
        return array(this.lists.get(key) ?? []);
      case "SADD": {
        const set = this.sets.get(key) ?? new Set();
        const before = set.size;
        for (const member of rest) set.add(member);
        this.sets.set(key, set);
        return `:${set.size - before}\r\n`;
      }
      case "SMISMEMBER":
        return `*${rest.length}\r\n${rest.map((member) => (this.sets.get(key)?.has(member) ? ":1\r\n" : ":0\r\n")).join("")}`;
      default:
        return `-ERR unknown command '${name}'\r\n`;
    }
  }
}

function array(items: readonly string[]): string {
  const bulk = (item: string) => `$${Buffer.byteLength(item)}\r\n${item}\r\n`;
  return `*${items.length}\r\n${items.map(bulk).join("")}`;
}
