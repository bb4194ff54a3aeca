import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sharedFolder } from "../../lab";
import type { Node } from "../adapters/flocker-agents";
import { FlockerServer } from "../adapters/flocker-server";
import { Attaching, type PluginHosts } from "./attaching";

/**
 * Flocker on the hosts of a lab: its plugin in their Docker, a node's certificate on each, and its
 * control service beside the test, whose agents attach by a folder that all reach.
 */
export class FlockerLab {
  readonly plugin: Attaching;
  server!: FlockerServer;
  #watch?: NodeJS.Timeout;

  constructor(private readonly hosts: PluginHosts) {
    this.plugin = new Attaching(hosts, "flocker", true);
  }

  async up(): Promise<void> {
    await this.plugin.install();
    const nodes = this.hosts.names.map((_, i) => ({
      uuid: `00000000-0000-4000-8000-00000000000${i + 1}`,
      host: `192.0.2.${i + 1}`,
    }));
    const nameOf = ({ uuid }: Node) => this.hosts.names[nodes.findIndex((n) => n.uuid === uuid)]!;
    this.server = await FlockerServer.start(nodes, {
      attached: (name, node) => {
        mkdirSync(this.#path(name, "data"), { recursive: true });
        writeFileSync(this.#path(name, "attached"), nameOf(node));
      },
      // What is mounted is busy.
      detached: (name, node) => {
        if (this.plugin.holder(name) === nameOf(node)) return false;
        rmSync(this.#path(name, "attached"), { force: true });
        return true;
      },
      deleted: (name) => {
        rmSync(this.#path(name), { recursive: true, force: true });
      },
    });
    const certificates = nodes.map(({ uuid }) => this.server.certificates.node(uuid).cert);
    await Promise.all(
      this.hosts.names.map((host, i) =>
        this.hosts.run(
          host,
          `mkdir -p -m 700 /etc/flocker && printf '%s' '${certificates[i]}' > /etc/flocker/node.crt`,
        ),
      ),
    );
    this.#watch = setInterval(() => this.#hearPlugins(), 100);
  }

  async down(): Promise<void> {
    clearInterval(this.#watch);
    await this.server.end();
  }

  /** The host that has it, as its agents tell. */
  on(volume: string): string | undefined {
    const [dataset] = this.server.named(volume);
    const index = this.#indexOf(dataset && this.server.agents.on(dataset.dataset_id));
    return this.hosts.names[index];
  }

  /** The host that a lease keeps it on. */
  leasedTo(volume: string): string | undefined {
    const [dataset] = this.server.named(volume);
    return this.hosts.names[
      this.#indexOf(dataset && this.server.agents.leases.get(dataset.dataset_id))
    ];
  }

  #indexOf(node: string | undefined): number {
    return this.server.agents.nodes.findIndex(({ uuid }) => uuid === node);
  }

  /** The plugin's own word to the control service: its volume is to be where it is mounted. */
  #hearPlugins(): void {
    const all = this.#path("");
    for (const name of existsSync(all) ? readdirSync(all) : []) {
      const path = this.#path(name, "wanted");
      const wanted = existsSync(path) ? readFileSync(path, "utf8") : "";
      if (wanted === "") continue;
      rmSync(path);
      const { uuid } = this.server.agents.nodes[this.hosts.names.indexOf(wanted)]!;
      const [dataset] = this.server.named(name);
      if (dataset === undefined) this.server.add(uuid, { name });
      else dataset.primary = uuid;
    }
  }

  #path(...parts: string[]): string {
    return join(sharedFolder(this.hosts.lab), "volumes", ...parts);
  }
}
