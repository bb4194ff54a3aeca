import { readdirSync, rmSync } from "node:fs";

import { run as runOn, start, type Lab } from "../../../lab";
import { makeDisk } from "../../../lab/disk";
import { exec } from "../../../lab/exec";
import { isRunning } from "../../../lab/host";
import { hostOf, type Host } from "../../../lab/identity";
import type { ReplicaInputs } from "../../../provider/core/replica/model";
import { JoinedHosts } from "../../lab/joined-hosts";
import { IP } from "../../lab/moving-redis";
import { ArpLookout } from "./arp-lookout";
import { Client } from "./client";
import type { Condition } from "./conditions";
import { fillerOf, mendLink } from "./faults";
import { HostView } from "./host-view";
import type { Strike } from "./lookout";
import { digestOf, makeMarker } from "./marker";
import { pause } from "./pause";
import { Watcher } from "./watcher";

const MOVERS = ["node1", "node2"];
/** Where the client and the lookout are; no fault touches it. */
const OUTSIDE = "node3";
const PROXY = "docker -H unix:///var/run/weave/weave.sock";
/** Room for the images, the data and a copy of it. */
const DISK_MIB = 3_072;

/** How a run ended. */
export interface Ending {
  /** Whether it did what the program says; undefined when it was gone before it could say. */
  readonly done?: boolean;
  /** What the user reads when it failed. */
  readonly failure?: string;
  /** It did something, rather than find everything as it should be. */
  readonly changed: boolean;
}

/** A move that is under way, and whom to strike. */
export interface RunningMove {
  readonly provider: Pick<Strike, "pids" | "processes">;
  readonly engine?: number;
  readonly ended: Promise<Ending>;
}

/**
 * Hosts of its own with one redis that moves between two of them. Cases take turns in a lane; lanes
 * run side by side. How a move is run - by the engine, or by the library's handler alone - is a
 * lane's own affair.
 */
export abstract class Lane {
  readonly hosts: JoinedHosts;
  /** Where the replica is between two cases. */
  at = "node1";
  marker = "";
  /** What the program says of the replica beside its host. */
  change: Partial<ReplicaInputs> = {};
  private views = new Map<string, HostView>();
  private cases = 0;
  private eyes: { watcher?: Watcher; arp?: ArpLookout } = {};

  protected constructor(
    readonly name: string,
    protected readonly replica: string,
    kinds: readonly string[],
  ) {
    this.hosts = new JoinedHosts(name, [...MOVERS, OUTSIDE], kinds);
  }

  get lab(): Lab {
    return this.hosts.lab;
  }

  get away(): string {
    return MOVERS.find((host) => host !== this.at)!;
  }

  get watcher(): Watcher {
    return this.eyes.watcher!;
  }

  get arp(): ArpLookout {
    return this.eyes.arp!;
  }

  view(host: string): HostView {
    return this.views.get(host)!;
  }

  protected abstract readonly spec: ReplicaInputs["spec"];
  /** Brings the hosts into one network. */
  protected abstract join(): Promise<void>;
  /** The replica at home, whatever is there already. */
  protected abstract create(): Promise<void>;
  /** Begins a move; the fault is armed by then. */
  abstract move(to: string): RunningMove;
  /** `pulumi refresh`: where the replica is now; undefined when no host has it. */
  abstract refresh(): Promise<string | undefined>;
  /** The next `pulumi up`, of a program that wants it on a host. */
  abstract upTo(host: string): Promise<Ending>;

  async up(): Promise<void> {
    await this.hosts.take();
    await Promise.all(MOVERS.map((host) => makeDisk(this.host(host), DISK_MIB)));
    await this.join();
    const subject = { replica: this.replica, volume: "mv_data", program: "redis-server" };
    this.views = new Map(
      this.hosts.names.map((name) => [name, new HostView(this.lab, name, subject)]),
    );
    this.eyes.watcher = new Watcher(this.lab, MOVERS, subject);
    // A lab that was kept: the replica may be on the other host since its last run.
    if (this.view(this.away).look().running.length > 0) this.at = this.away;
    await this.create();
    await this.outsideContainer("mv-lookout", "10.40.77.8");
    await this.outsideContainer("mv-client", "10.40.77.9");
    this.eyes.arp = await ArpLookout.start(await this.networkOf("mv-lookout"), IP, "10.40.77");
  }

  async down(): Promise<void> {
    this.eyes.arp?.stop();
    this.eyes.watcher?.stop();
    await this.hosts.down();
  }

  /** Everything whole, the replica at home alone with little data, and something new to copy. */
  async ready(smallFiles?: number): Promise<void> {
    await this.heal();
    const home = this.view(this.at).look();
    const elsewhere = this.view(this.away).look();
    if (home.running.length !== 1 || home.containers.length + elsewhere.containers.length !== 1) {
      await this.startOver();
    }
    for (const file of readdirSync(this.view(this.at).dataPath())) {
      if (!file.startsWith("marker-")) continue;
      rmSync(this.view(this.at).dataPath(file), { recursive: true });
    }
    this.cases += 1;
    this.marker = `marker-${process.pid}-${this.cases}`;
    makeMarker(this.view(this.at).dataPath(this.marker), smallFiles);
    await this.hosts.run(
      this.at,
      "docker exec mv-redis-0 redis-cli flushall; docker exec mv-redis-0 redis-cli bgrewriteaof",
    );
  }

  /** A sum of what there was to copy, as it is on a host; undefined when it is not there. */
  copied(host: string): string | undefined {
    return digestOf(this.view(host).dataPath(this.marker));
  }

  async client(): Promise<Client> {
    return new Client(await this.networkOf("mv-client"), IP, `case-${this.cases}`);
  }

  /**
   * The program says of the replica what a condition wants. One that lasts is there before the move
   * begins.
   */
  async become({ change, lasting }: Condition): Promise<void> {
    this.change = change?.(this.spec) ?? {};
    if (lasting !== true) return;
    const { done, failure } = await this.upTo(this.at);
    if (done !== true) throw new Error(`the replica did not become so: ${failure ?? "cut off"}`);
  }

  /** Runs beside the program until the container ends. */
  async inContainer(host: string, command: string): Promise<void> {
    await this.hosts.run(host, `docker exec -d mv-redis-0 sh -c '${command}' `);
  }

  /**
   * What moves leave on the hosts for their own use only, and a restart policy that is not the
   * program's.
   */
  async leftovers(): Promise<string[]> {
    const ask =
      "ls -d /run/ferry-[!i]* /var/lib/ferry/moves 2>/dev/null; grep -h ferry-move /root/.ssh/authorized_keys; " +
      "docker ps -aq --filter label=pulumi-ferry.replica | xargs -r docker inspect -f '{{.Name}} has restart policy {{.HostConfig.RestartPolicy.Name}}' | grep -v always; exit 0";
    const found = await Promise.all(
      MOVERS.map(async (name) => {
        const said = await this.hosts.run(name, ask);
        return said.trim() === "" ? [] : [`left on ${name}: ${said.trim().replaceAll("\n", ", ")}`];
      }),
    );
    return found.flat();
  }

  /**
   * Whatever a fault has broken is whole again, as its owner would have it: hosts up, links mended,
   * disks with room.
   */
  async heal(): Promise<void> {
    for (const name of MOVERS) {
      rmSync(fillerOf(this.lab, name), { force: true });
      for (const command of mendLink(this.lab, name)) await exec(command);
    }
    await Promise.all(
      MOVERS.map(async (name) => {
        if (!isRunning(this.host(name))) await start(name, this.lab);
        await this.waitUntilDone(name);
      }),
    );
  }

  private host(name: string): Host {
    return hostOf(this.lab, Number(name.slice("node".length)));
  }

  /** Docker answers, and Weave is connected to both other hosts. */
  private async waitUntilDone(name: string): Promise<void> {
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

  /** After a case that went wrong: by hand, so that the next one has a chance. */
  private async startOver(): Promise<void> {
    const remove =
      "docker ps -aq --filter label=pulumi-ferry.replica | xargs -r docker rm -f >/dev/null; " +
      "docker volume ls -q --filter label=pulumi-ferry.volume | xargs -r docker volume rm >/dev/null; rm -rf /var/lib/ferry /run/ferry*";
    await Promise.all(MOVERS.map((name) => this.hosts.run(name, remove)));
    await this.create();
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

/**
 * Short tries: a user can say so as well, and the matrix has no minute to spare for each host that
 * is gone.
 */
export function impatient<C extends object>(connections: Readonly<Record<string, C>>) {
  return Object.fromEntries(
    Object.entries(connections).map(([name, connection]) => [
      name,
      { ...connection, perDialTimeout: 3, dialErrorLimit: 1 },
    ]),
  );
}
