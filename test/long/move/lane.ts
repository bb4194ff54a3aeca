import { randomBytes } from "node:crypto";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import { run as runOn, start } from "../../../lab";
import { makeDisk } from "../../../lab/disk";
import { exec } from "../../../lab/exec";
import { isRunning } from "../../../lab/host";
import { hostOf, type Host } from "../../../lab/identity";
import type { PlacedReplica, ReplicaInputs, ReplicaState } from "../../../provider/core/replica/model";
import { JoinedHosts } from "../../lab/joined-hosts";
import { IP, MovingRedis, REPLICA } from "../../lab/moving-redis";
import { ArpLookout } from "./arp-lookout";
import { Client } from "./client";
import { fillerOf, mendLink } from "./faults";
import { HostView } from "./host-view";
import { pause } from "./pause";
import { ReplicaProcess, type Ending } from "./replica-process";
import { Watcher } from "./watcher";

const MOVERS = ["node1", "node2"];
/** Where the client and the lookout are; no fault touches it. */
const OUTSIDE = "node3";
const PROXY = "docker -H unix:///var/run/weave/weave.sock";
/** Room for the images, the data and a copy of it. */
const DISK_MIB = 3_072;
const MARKER_BYTES = 32 * 1024 * 1024;

/** Hosts of its own with one redis that moves between two of them. Cases take turns in a lane; lanes run side by side. */
export class Lane {
  readonly hosts: JoinedHosts;
  readonly redis: MovingRedis;
  /** Where the replica is between two cases. */
  at = "node1";
  watcher!: Watcher;
  arp!: ArpLookout;
  marker = "";
  private views = new Map<string, HostView>();
  private spare: ReplicaProcess | undefined;
  private cases = 0;

  constructor(readonly name: string) {
    this.hosts = new JoinedHosts(name, [...MOVERS, OUTSIDE]);
    this.redis = new MovingRedis(this.hosts);
  }

  get lab() {
    return this.hosts.lab;
  }

  get away(): string {
    return MOVERS.find((host) => host !== this.at)!;
  }

  view(host: string): HostView {
    return this.views.get(host)!;
  }

  async up(): Promise<void> {
    await Promise.all(MOVERS.map((host) => makeDisk(this.host(host), DISK_MIB)));
    await this.hosts.up();
    this.hosts.connections = Object.fromEntries(
      Object.entries(this.hosts.connections).map(([name, connection]) => [
        name,
        // A user can say so as well, and the matrix has no minute to spare for each host that is gone.
        { ...connection, perDialTimeout: 3, dialErrorLimit: 1 },
      ]),
    );
    const subject = { replica: REPLICA, volume: "mv_data", program: "redis-server" };
    this.views = new Map(
      this.hosts.names.map((name) => [name, new HostView(this.lab, name, subject)]),
    );
    this.watcher = new Watcher(this.lab, MOVERS, subject);
    await this.redis.volume.create(this.redis.volumeInputs());
    await this.createReplica();
    await this.outsideContainer("mv-lookout", "10.40.77.8");
    await this.outsideContainer("mv-client", "10.40.77.9");
    this.arp = await ArpLookout.start(await this.networkOf("mv-lookout"), IP, "10.40.77");
  }

  async down(): Promise<void> {
    await this.spare?.end();
    this.arp?.stop();
    this.watcher?.stop();
    await this.hosts.down();
  }

  /** Everything whole, the replica at home alone with little data, and a new file to copy. */
  async ready(): Promise<void> {
    await this.heal();
    const home = this.view(this.at).look();
    const elsewhere = this.view(this.away).look();
    if (home.running.length !== 1 || home.containers.length + elsewhere.containers.length !== 1) {
      await this.startOver();
    }
    for (const file of readdirSync(this.view(this.at).dataPath())) {
      if (file.startsWith("marker-")) rmSync(this.view(this.at).dataPath(file));
    }
    this.cases += 1;
    this.marker = `marker-${process.pid}-${this.cases}`;
    writeFileSync(this.view(this.at).dataPath(this.marker), randomBytes(MARKER_BYTES));
    await this.hosts.run(
      this.at,
      "docker exec mv-redis-0 redis-cli flushall; docker exec mv-redis-0 redis-cli bgrewriteaof",
    );
  }

  async client(): Promise<Client> {
    return new Client(await this.networkOf("mv-client"), IP, `case-${this.cases}`);
  }

  /** A process with the library loaded; the next one is being loaded meanwhile. */
  process(): ReplicaProcess {
    const ready = this.spare ?? new ReplicaProcess();
    this.spare = new ReplicaProcess();
    return ready;
  }

  inputs(host: string, change: Partial<ReplicaInputs> = {}): PlacedReplica {
    return this.redis.inputs(host, change);
  }

  get state(): ReplicaState {
    return this.redis.state;
  }

  set state(state: ReplicaState) {
    this.redis.state = state;
  }

  /** `pulumi refresh`: where the replica is now; undefined when no host has it. */
  async refresh(): Promise<{ host: string | undefined; inputs: PlacedReplica | undefined; said: string }> {
    const library = this.process();
    try {
      const { id, props, inputs } = await library.read(REPLICA, this.state);
      if (id === "") return { host: undefined, inputs: undefined, said: "" };
      this.state = props;
      return { host: props.host, inputs, said: "" };
    } finally {
      await library.end();
    }
  }

  /** `pulumi up` of a program that wants it on a host. Does nothing where Pulumi would do nothing. */
  async upTo(host: string, known: PlacedReplica | undefined, partial: boolean): Promise<Ending> {
    const news = this.inputs(host);
    const library = this.process();
    try {
      const same = known !== undefined && isDeepStrictEqual(plain(known), plain(news));
      if (same && !partial) return { said: "", state: this.state };
      const ending = await library.update(REPLICA, this.state, news);
      if (ending.state !== undefined) this.state = ending.state;
      return ending;
    } finally {
      await library.end();
    }
  }

  /** Whatever a fault has broken is whole again, as its owner would have it: hosts up, links mended, disks with room. */
  async heal(): Promise<void> {
    for (const name of MOVERS) {
      rmSync(fillerOf(this.lab, name), { force: true });
      for (const command of mendLink(this.lab, name)) await exec(command);
    }
    await Promise.all(
      MOVERS.map(async (name) => {
        if (!isRunning(this.host(name))) await start(name, this.lab);
        await this.settled(name);
      }),
    );
  }

  private host(name: string): Host {
    return hostOf(this.lab, Number(name.slice("node".length)));
  }

  /** Docker answers, and Weave is connected to both other hosts. */
  private async settled(name: string): Promise<void> {
    const question =
      "systemctl start docker.service && docker version >/dev/null && weave status connections | grep -c established";
    const deadline = Date.now() + 60_000;
    for (;;) {
      const { code, stdout, stderr } = await runOn(name, question, { timeoutMs: 30_000 }, this.lab);
      if (code === 0 && Number(stdout.trim()) >= this.hosts.names.length - 1) return;
      if (Date.now() > deadline) throw new Error(`${name} is not back: ${stdout}${stderr}`);
      await pause(100);
    }
  }

  private async createReplica(): Promise<void> {
    const library = this.process();
    try {
      const { outs } = await library.create(this.inputs(this.at));
      this.state = outs;
    } finally {
      await library.end();
    }
  }

  /** After a case that went wrong: by hand, so that the next one has a chance. */
  private async startOver(): Promise<void> {
    const remove =
      "docker ps -aq --filter label=pulumi-ferry.replica | xargs -r docker rm -f >/dev/null; " +
      "docker volume ls -q --filter label=pulumi-ferry.volume | xargs -r docker volume rm >/dev/null; rm -rf /var/lib/ferry /run/ferry*";
    await Promise.all(MOVERS.map((name) => this.hosts.run(name, remove)));
    await this.createReplica();
  }

  private async outsideContainer(name: string, ip: string): Promise<void> {
    await this.hosts.run(
      OUTSIDE,
      `docker rm -f ${name} >/dev/null 2>&1; ${PROXY} run -d --name ${name} -e WEAVE_CIDR=${ip}/24 ferry-demo/box:1 sleep 1000000`,
    );
  }

  private async networkOf(container: string): Promise<number> {
    const id = await this.hosts.run(OUTSIDE, `docker inspect -f '{{.Id}}' ${container}`);
    const pid = this.view(OUTSIDE).processOf(id.trim());
    if (pid === undefined) throw new Error(`${container} does not run.`);
    return pid;
  }
}

/** As it comes out of Pulumi's state: without what is undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

