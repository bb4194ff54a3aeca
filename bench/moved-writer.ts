import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hostDataMovers } from "../provider/adapters/volume/data-movers";
import type { ContainerRequest, Host } from "../provider/core/adapter-ports";
import { containerRequest } from "../provider/core/replica/request";
import type { ReplicaInputs, ReplicaState } from "../provider/core/replica/model";
import { replicaHandler } from "../provider/handlers/replica";
import { volumeHandler } from "../provider/handlers/volume";
import type { BenchHosts } from "./hosts";

export type WriterKind = "append" | "inplace" | "files";

export interface Seen {
  readonly acknowledged: number;
  readonly found: number;
  readonly longestGapMs: number;
}

const IMAGE = "ferry-demo/node:18";
const REPLICA = "bench/bench/bench/writer/0";
const IP = "10.40.90.2";
const CLIENT = "bench-client";
const BY_HAND = "bench-by-hand";
const DATA = "/var/lib/docker/volumes/bench_data/_data";
const IDENTITY = { project: "bench", stack: "bench", deployment: "bench" };
const VOLUME = { name: "bench_data", driver: "local", driverOptions: {}, external: false };

const program = (name: string) => readFileSync(join(__dirname, "program", name), "utf8");

/**
 * A writer with its data, moved through the handler that Pulumi calls, and a client on the third
 * host.
 */
export class MovedWriter {
  private readonly replica;
  private readonly volume;
  private created: ReplicaState | undefined;
  /** No two clients write the same numbers. */
  private next = 1;

  constructor(
    private readonly hosts: BenchHosts,
    private readonly kind: WriterKind,
    private readonly sizeMiB: number,
  ) {
    this.replica = replicaHandler(hosts.context);
    this.volume = volumeHandler(hosts.context);
  }

  async create(): Promise<void> {
    await this.volume.create(this.volumeInputs());
    const host = await this.host("node1");
    await host.docker.createVolume({
      ...VOLUME,
      options: {},
      labels: { "pulumi-ferry.volume": "bench/bench/bench/data" },
    });
    await this.hosts.run("node1", this.fill());
    this.created = (await this.replica.create(this.inputs("node1"))).outs;
  }

  async remove(): Promise<void> {
    for (const name of this.hosts.names) await (await this.host(name)).docker.remove(CLIENT);
    if ((this.state as ReplicaState | undefined) !== undefined)
      await this.replica.delete(REPLICA, this.state);
    await this.volume.delete("bench/bench/bench/data", this.volumeInputs());
    for (const name of this.hosts.names)
      await (await this.host(name)).docker.removeVolume(VOLUME.name);
  }

  async restart(): Promise<void> {
    await this.hosts.run(this.state.host, `docker restart ${this.state.containerName}`);
  }

  async move(): Promise<void> {
    const to = this.state.host === "node1" ? "node2" : "node1";
    // A move back would find most of its data there already: what is measured is a first one.
    await (await this.host(to)).docker.removeVolume(VOLUME.name);
    this.created = await this.replica.update(REPLICA, this.state, this.inputs(to));
  }

  /**
   * As it is done by hand: stopped, everything copied by rsync, another container of the same image
   * started with the same address. MiB per second of the copy. `undoByHand` brings it all back to
   * the replica's own container.
   */
  async stopCopyStart(): Promise<number> {
    const [from, to] = await this.bothHosts();
    await to.docker.removeVolume(VOLUME.name);
    await this.hosts.waitUntilIdle();
    await from.docker.stop(this.containerId(), 10);
    await to.docker.createVolume({ ...VOLUME, options: {}, labels: {} });
    const { bytesCopied, durationMs } = await this.copyAll(from, to);
    const request = containerRequest(this.state, this.state.epoch);
    const id = await to.docker.create({ ...request, name: BY_HAND, labels: {} });
    await to.docker.start(id, { proxied: true });
    return (bytesCopied / 2 ** 20 / durationMs) * 1000;
  }

  /**
   * What was written there is carried back, so that nothing that was acknowledged is missing where
   * it goes on.
   */
  async undoByHand(): Promise<void> {
    const [from, to] = await this.bothHosts();
    await to.docker.stop(BY_HAND, 10);
    await this.copyAll(to, from);
    await to.docker.remove(BY_HAND);
    await to.docker.removeVolume(VOLUME.name);
    await from.docker.start(this.containerId(), { proxied: true });
  }

  private async copyAll(source: Host, target: Host) {
    const mover = await hostDataMovers.open({
      replica: "bench/by/hand/writer/0",
      source,
      target,
      paths: [{ name: VOLUME.name, source: DATA, target: DATA }],
      progress: this.hosts.context.progress,
      label: "bench",
    });
    try {
      return await mover.round({ final: true });
    } finally {
      await mover.cleanup();
    }
  }

  private bothHosts(): Promise<[Host, Host]> {
    const other = this.state.host === "node1" ? "node2" : "node1";
    return Promise.all([this.host(this.state.host), this.host(other)]);
  }

  private containerId(): string {
    const { containerId } = this.state;
    if (containerId === undefined) throw new Error("the writer has no container");
    return containerId;
  }

  /** Does something while a client writes, which has begun before and goes on after. */
  async whileWriting(action: () => Promise<void>): Promise<Seen> {
    const node3 = await this.host("node3");
    const first = this.next;
    const id = await node3.docker.create(this.clientRequest(first));
    await node3.docker.start(id, { proxied: true });
    await this.untilWriting();
    await action();
    await sleep(1_000);
    await node3.docker.kill(id, "TERM");
    const seen = await this.lastWords(node3, id);
    await node3.docker.remove(id);
    this.next += seen.acknowledged + 1;
    return seen;
  }

  private get state(): ReplicaState {
    if (this.created === undefined) throw new Error("the writer has not been made yet");
    return this.created;
  }

  private async untilWriting(): Promise<void> {
    const node3 = await this.host("node3");
    for (let tries = 0; tries < 600; tries++) {
      if ((await node3.docker.logs(CLIENT, 5)).includes("warm")) return;
      await sleep(100);
    }
    throw new Error(`the client does not get to write: ${await node3.docker.logs(CLIENT, 5)}`);
  }

  private async lastWords(host: Host, id: string): Promise<Seen> {
    for (let tries = 0; tries < 1_200; tries++) {
      const said = (await host.docker.logs(id, 1)).trim();
      if (said.startsWith("{")) {
        const { found, ...seen } = JSON.parse(said) as Omit<Seen, "found"> & {
          found: number | null;
        };
        if (found === null) throw new Error("the writer could not be asked what it has");
        return { ...seen, found };
      }
      await sleep(100);
    }
    throw new Error("the client does not end");
  }

  private fill(): string {
    switch (this.kind) {
      case "append":
        // The first record is a line of its own, whatever noise ends with.
        return `{ head -c ${this.sizeMiB}M /dev/urandom; echo; } >${DATA}/log; sync`;
      case "inplace":
        return `head -c ${this.sizeMiB}M /dev/urandom >${DATA}/heap; sync`;
      case "files":
        return (
          `cd ${DATA} && docker run --rm -v bench_data:/d ${IMAGE} -e '` +
          'const fs = require("fs"); for (let d = 0; d < 1000; d++) { fs.mkdirSync("/d/d" + d); ' +
          'for (let f = 0; f < 100; f++) fs.writeFileSync("/d/d" + d + "/f" + f, "0".padEnd(200)); }' +
          "'; sync"
        );
    }
  }

  private clientRequest(first: number): ContainerRequest {
    return {
      name: CLIENT,
      spec: { image: IMAGE, command: ["-e", program("client.js"), IP, String(first)] },
      environment: {},
      volumeNames: {},
      labels: {},
      hostname: "client",
      dnsSearch: [],
      restart: { name: "no" },
      overlayAddresses: ["10.40.90.9/24"],
    };
  }

  private host(name: string): Promise<Host> {
    const connection = this.hosts.connections[name];
    if (connection === undefined) throw new Error(`there is no host '${name}'`);
    return this.hosts.context.hosts.open(name, connection);
  }

  private volumeInputs() {
    const { connections } = this.hosts;
    const news = { ...IDENTITY, ...VOLUME, key: "data", deleteData: true, connections };
    return this.volume.check({}, news).inputs;
  }

  private inputs(host: string) {
    const inputs: ReplicaInputs = {
      ...IDENTITY,
      service: "writer",
      index: 0,
      host,
      suggestedHost: host,
      spec: {
        image: IMAGE,
        command: ["-e", program("server.js"), this.kind, "/data"],
        mounts: [{ type: "volume", volume: "data", target: "/data" }],
        restart: { name: "always" },
      },
      environment: {},
      volumes: { data: { id: "bench/bench/bench/data", ...VOLUME } },
      ip: IP,
      subnet: "10.40.90.0/24",
      dnsDomain: "weave.local",
      connections: this.hosts.connections,
      healthTimeoutSeconds: 60,
    };
    const checked = this.replica.check({}, { ...inputs });
    if (checked.problems.length > 0) throw new Error(JSON.stringify(checked.problems));
    return checked.inputs;
  }
}
