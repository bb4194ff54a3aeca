import type { ReplicaInputs, ReplicaState, ReplicaVolume } from "../../provider/core/replica/model";
import { aliveInThisRun } from "../../provider/handlers/alive";
import type { Props } from "../../provider/handlers/handler";
import { replicaHandler } from "../../provider/handlers/replica";
import { volumeHandler } from "../../provider/handlers/volume";
import type { JoinedHosts } from "./joined-hosts";

export const REPLICA = "lab/test/mv/redis/0";
export const IP = "10.40.77.2";
/** The volume's folder, the same on every host. */
export const DATA = "/var/lib/docker/volumes/mv_data/_data";

const IDENTITY = { project: "lab", stack: "test", deployment: "mv" };
const VOLUME = { name: "mv_data", driver: "local", driverOptions: {}, external: false };
const DURABLE = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];

/** What a client saw that writes once a millisecond. */
export interface Written {
  readonly acknowledged: number;
  readonly lost: number;
  readonly longestGapMs: number;
}

/** One redis with a volume, on the hosts of a test, through the handlers that Pulumi calls. */
export class MovingRedis {
  readonly replica;
  readonly volume;
  /** As Pulumi would keep it. */
  state!: ReplicaState;

  /**
   * @param kept what is said of its volume, beside its name
   */
  constructor(
    private readonly hosts: JoinedHosts,
    private readonly kept: Partial<ReplicaVolume> = {},
  ) {
    this.replica = replicaHandler(hosts.context);
    this.volume = volumeHandler(hosts.context);
  }

  volumeInputs(said: Props = {}) {
    const { connections } = this.hosts;
    const news = {
      ...{ ...IDENTITY, ...VOLUME, ...this.kept },
      ...{ key: "data", deleteData: true, connections, ...said },
    };
    return this.volume.check({}, news).inputs;
  }

  /** What a program says of it. */
  program(host: string, change: Partial<ReplicaInputs> = {}): ReplicaInputs {
    return {
      ...IDENTITY,
      service: "redis",
      index: 0,
      host,
      suggestedHost: "node3",
      spec: {
        image: "ferry-demo/redis:1",
        command: [...DURABLE, "--protected-mode", "no"],
        mounts: [{ type: "volume", volume: "data", target: "/data" }],
        workingDir: "/data",
        restart: { name: "always" },
        healthcheck: { test: ["CMD", "/usr/bin/redis-cli", "ping"], intervalSeconds: 5 },
      },
      environment: { GREETING: 'it\'s a $ecret "word"' },
      volumes: { data: { id: "lab/test/mv/data", ...VOLUME, ...this.kept } },
      ip: IP,
      subnet: "10.40.77.0/24",
      dnsDomain: "weave.local",
      connections: this.hosts.connections,
      healthTimeoutSeconds: 30,
      ...change,
    };
  }

  inputs(host: string, change: Partial<ReplicaInputs> = {}) {
    const { inputs, problems } = this.replica.check({}, { ...this.program(host, change) });
    expect(problems).toEqual([]);
    return inputs;
  }

  /** A run of its own, which knows nothing of the hosts that earlier ones have seen alive. */
  update(host: string, change: Partial<ReplicaInputs> = {}): Promise<ReplicaState> {
    aliveInThisRun.forget();
    return this.replica.update(REPLICA, this.state, this.inputs(host, change));
  }

  async moveTo(host: string, change: Partial<ReplicaInputs> = {}) {
    this.state = await this.update(host, change);
    return this.state.lastMove!;
  }

  /** Hosts where it runs: never two. */
  async running(): Promise<string[]> {
    const list = `docker ps -q --filter label=pulumi-ferry.replica=${REPLICA}`;
    const found = await Promise.all(
      this.hosts.names.map(async (name) =>
        (await this.hosts.run(name, list)).trim() === "" ? [] : [name],
      ),
    );
    return found.flat();
  }

  async cli(host: string, command: string): Promise<string> {
    return (await this.hosts.run(host, `docker exec mv-redis-0 redis-cli ${command}`)).trim();
  }

  inspect(host: string, format: string): Promise<string> {
    return this.hosts.run(host, `docker inspect -f '${format}' mv-redis-0`);
  }

  /**
   * Does something while a client on a third host writes, which has begun before and goes on after.
   */
  async whileWriting<T>(
    action: () => Promise<T>,
  ): Promise<Written & { result: T; before: number }> {
    const run = (command: string) => this.hosts.run("node3", command);
    await run(
      "docker -H unix:///var/run/weave/weave.sock run -d --name mv-writer -e WEAVE_CIDR=10.40.77.9/24 " +
        "--hostname writer --domainname mv.weave.local " +
        `ferry-demo/web:1 /app/writer.js ${IP} 6379 --status /tmp/status`,
    );
    const acknowledged = async () => {
      const status = await run("docker exec mv-writer cat /tmp/status || echo {}");
      return (JSON.parse(status) as Partial<Written>).acknowledged ?? 0;
    };
    let before = 0;
    for (let attempt = 0; before < 300; attempt++) {
      expect(attempt).toBeLessThan(100);
      await pause(200);
      before = await acknowledged();
    }
    const result = await action();
    await pause(1_000);
    await run("docker kill -s TERM mv-writer && docker wait mv-writer");
    const report = await run("docker logs mv-writer 2>/dev/null | tail -n 1");
    await run("docker rm mv-writer");
    return { result, before, ...(JSON.parse(report) as Written) };
  }
}

const pause = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));
