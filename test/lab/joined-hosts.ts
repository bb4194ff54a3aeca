import { labConnections, mustRun, type Lab } from "../../lab";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import type { Connections } from "../../provider/core/connection";
import type { HandlerContext, Props } from "../../provider/handlers/handler";
import { meshHandler } from "../../provider/handlers/weave/mesh";
import { peerHandler } from "../../provider/handlers/weave/peer";
import { OwnLab } from "./own-lab";

/** Hosts of a test's own, joined by Weave, and what was told while the library worked on them. */
export class JoinedHosts {
  readonly reported: string[] = [];
  readonly warned: string[] = [];
  readonly context: HandlerContext = {
    hosts: sshHostDirectory(),
    progress: {
      info: (message) => void this.reported.push(message),
      warn: (message) => void this.warned.push(message),
    },
  };
  connections: Connections = {};
  private readonly own: OwnLab;

  /** @param kinds as OwnLab takes them */
  constructor(
    purpose: string,
    readonly names: readonly string[],
    private readonly kinds: readonly string[] = [],
  ) {
    this.own = new OwnLab(purpose);
  }

  get lab(): Lab {
    return this.own.lab;
  }

  /** See OwnLab. */
  take(): Promise<void> {
    return this.own.take();
  }

  /** The hosts alone, which nobody has joined yet. */
  start(): Promise<void> {
    return this.own.up(this.names.length, this.kinds);
  }

  async up(): Promise<void> {
    await this.start();
    this.connections = labConnections(this.lab);
    const peer = peerHandler(this.context);
    const mesh = meshHandler(this.context);
    const address = (name: string) => this.connections[name]!.host;
    const electors = this.names.length;
    const made = <T>({ inputs, problems }: { inputs: T; problems: readonly unknown[] }) => {
      // Not by jest's own word: the benchmarks have these hosts as well.
      if (problems.length > 0) throw new Error(JSON.stringify(problems));
      return inputs;
    };
    const props = (host: string): Props => ({
      cluster: "net",
      host,
      connection: this.connections[host],
      targets: this.names.filter((other) => other !== host).map(address),
      electors,
      ipallocRange: "10.32.0.0/13",
      discovery: true,
    });
    await Promise.all(this.names.map((name) => peer.create(made(peer.check({}, props(name))))));
    const peers = this.names.map((host) => ({ host, address: address(host) }));
    const { connections } = this;
    const all = { cluster: "net", connections, peers, electors, timeoutSeconds: 60 };
    await mesh.create(made(mesh.check({}, all)));
  }

  async down(): Promise<void> {
    await this.context.hosts.close();
    await this.own.down();
  }

  /** A command of the test's own on a host, beside the library. */
  run(name: string, command: string, timeoutMs?: number): Promise<string> {
    return mustRun(name, command, this.lab, timeoutMs);
  }
}
