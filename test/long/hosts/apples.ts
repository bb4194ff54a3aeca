import { join } from "node:path";

import { writer } from "../../../examples/moby-counter/demo/application";
import type { PulumiProject } from "../../../lab";
import { until, type MeshLab } from "../../lab/weave/mesh-lab";
import { Probes } from "../../lab/weave/probes";
import { up } from "../../lab/weave/runs";

const PROGRAM = join(__dirname, "../../lab/programs/deployment");

/** A write is answered once it is on disk. */
const COMPOSE = `services:
  redis:
    image: ferry-demo/redis:1
    command: --appendonly yes --appendfsync always --save "" --protected-mode no --dir /data
    volumes: [data:/data]
    restart: always
  writer:
    image: ferry-demo/web:1
    command: [/app/writer.js, redis, "6379", --status, /tmp/writer.json]
    depends_on: [redis]
volumes:
  data:
`;

interface Replica {
  readonly host: string;
  readonly ip: string;
  readonly containerName: string;
}

/**
 * A cluster that is used while it is upgraded: redis on node1 with a client on node3 that writes
 * all along and counts what redis acknowledged, and a container on each host that pings those on
 * the others.
 */
export class Apples {
  readonly #probes: Probes;
  #project: PulumiProject | undefined;

  constructor(private readonly mesh: MeshLab) {
    this.#probes = new Probes(mesh);
    // What the demo's helpers take for the lab is this one.
    Object.assign(process.env, mesh.environment);
  }

  get project(): PulumiProject {
    if (this.#project === undefined) throw new Error("it has not been started");
    return this.#project;
  }

  async start(): Promise<void> {
    this.#project = await this.mesh.project(PROGRAM, this.mesh.names);
    await this.set({});
    await up(this.project);
    await writer.waitFor(300);
    await this.#probes.add(...this.mesh.names);
  }

  /** @param cluster further args of the cluster */
  set(cluster: object, redisHost = "node1"): Promise<void> {
    const connections = this.mesh.names.map((name) => {
      const { host, port, user, hostKey } = this.mesh.connection(name);
      return [name, { host, port, user, hostKey }] as const;
    });
    const deployment = {
      compose: COMPOSE,
      hosts: { redis: redisHost, writer: "node3" },
      deleteData: true,
    };
    const args = { cluster, hosts: Object.fromEntries(connections), deployment };
    return this.project.setConfig("args", JSON.stringify(args));
  }

  /** Something that is done while all of it runs; what pings were lost is told. */
  async during(what: string, action: () => Promise<unknown>) {
    const { loss } = await this.#probes.during(action);
    const { acknowledged } = await writer.status();
    console.log(what, { ...loss, acknowledged });
    await writer.waitFor(acknowledged + 100);
    return loss;
  }

  async redis(): Promise<Replica> {
    const { replicas } = await this.project.outputs();
    return (replicas as Replica[]).find(({ containerName }) => containerName.includes("redis"))!;
  }

  /** Addresses that containers have on the network, by container, as the hosts show them. */
  async addresses(): Promise<Record<string, string>> {
    const { host, containerName } = await this.redis();
    const places: [string, string][] = [
      [host, containerName],
      ...this.mesh.names.map((name): [string, string] => [name, "prober"]),
    ];
    const shown = await Promise.all(
      places.map(async ([name, container]): Promise<[string, string]> => {
        const ask = `docker exec ${container} ip -4 -o addr show ethwe | awk '{print $4}'`;
        const address = await until(`${container} on ${name} has an address`, 60, async () =>
          (await this.mesh.tryRun(name, ask)).stdout.trim(),
        );
        return [container === "prober" ? `prober-${name}` : container, address];
      }),
    );
    return Object.fromEntries(shown);
  }

  /** The image and the environment of each router. */
  routers(): Promise<string[]> {
    const ask = "docker inspect -f '{{.Config.Image}} {{json .Config.Env}}' weave";
    return Promise.all(this.mesh.names.map((name) => this.mesh.run(name, ask)));
  }

  answering(): Promise<void> {
    return this.#probes.answering(90);
  }

  removeProbes(): Promise<void> {
    return this.#probes.removeAll();
  }

  /** Ends the client, which asks redis for every number that it acknowledged. */
  async expectNothingLost(): Promise<void> {
    const { acknowledged, found, lost, longestGapMs } = await writer.finish();
    console.log("the writer", { acknowledged, found, lost, longestGapMs });
    expect(acknowledged).toBeGreaterThan(1_000);
    expect({ found, lost }).toEqual({ found: acknowledged, lost: 0 });
  }
}
