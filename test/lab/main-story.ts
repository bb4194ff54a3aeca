import { join } from "node:path";

import { writer } from "../../examples/moby-counter/demo/application";
import type { PulumiProject } from "../../lab";
import { until, type MeshLab } from "./weave/mesh-lab";
import { destroy, up } from "./weave/runs";

const PROGRAM = join(__dirname, "..", "..", "examples", "moby-counter");
const CONTAINER = "apples-redis-0";

/**
 * The demo's application on hosts of a test's own, step by step: a client writes to its redis from
 * the first `up` to the last move. The hosts must be what the demo's helpers take for the lab.
 */
export class MainStory {
  /** All that the engine's runs have said. */
  readonly said: string[] = [];
  private project!: PulumiProject;

  constructor(private readonly hosts: MeshLab) {}

  async begin(): Promise<void> {
    const { names } = this.hosts;
    // With the first port that is published, Docker 29 makes a table of its own, which it keeps.
    const publishing = "docker run --rm -p 9:9 ferry-demo/box:1 true";
    await Promise.all(names.map((name) => this.hosts.run(name, publishing)));
    await this.hosts.takeSnapshots();
    this.project = await this.hosts.project(PROGRAM, names, { password: "open sesame" });
  }

  async comesUp(): Promise<void> {
    await this.up();
    await writer.waitFor(300);
  }

  /** What another `up` changes. */
  async upAgain(...more: string[]): Promise<number> {
    await this.up(...more);
    return this.project.lastChanges();
  }

  /** Moves redis; for how long nobody answered its client, in milliseconds. */
  async moveTo(host: string): Promise<number> {
    const { ip } = await this.redis();
    await this.project.setConfig("redisHost", host);
    const down = await writer.longestGapDuring(() => this.up());
    expect(await this.redis()).toEqual({ host, ip });
    await this.aloneAnswers();
    return down;
  }

  /** The same of what is done to the host of redis. */
  async restartContainer(): Promise<number> {
    return this.goesOnAfter((host) => this.hosts.run(host, `docker restart -t 2 ${CONTAINER}`));
  }

  async restartDaemon(): Promise<number> {
    return this.goesOnAfter((host) => this.hosts.run(host, "systemctl restart docker.service"));
  }

  async reboot(): Promise<number> {
    return this.goesOnAfter((host) => this.hosts.reboot(host));
  }

  /** A collector of dead addresses is at work on every host, and has never ended. */
  async collectorsAreWell(): Promise<void> {
    const ask = "systemctl show -P NRestarts -P ActiveState pulumi-ferry-sweep.service";
    for (const name of this.hosts.names) {
      expect(await this.hosts.run(name, ask)).toBe("0\nactive\n");
    }
  }

  /** How many writes were acknowledged; all of them are there. */
  async nothingIsLost(): Promise<number> {
    const { acknowledged, found, lost } = await writer.finish();
    expect(acknowledged).toBeGreaterThan(1_000);
    expect({ found, lost }).toEqual({ found: acknowledged, lost: 0 });
    return acknowledged;
  }

  async leavesNothing(): Promise<void> {
    this.said.push(await destroy(this.project));
    await this.hosts.expectAsFresh();
  }

  private async goesOnAfter(action: (host: string) => Promise<unknown>): Promise<number> {
    const { host, ip } = await this.redis();
    const shown = `docker exec ${CONTAINER} ip -4 -o addr show ethwe`;
    const down = await writer.longestGapDuring(async () => {
      await action(host);
      await until(`${CONTAINER} has ${ip}`, 60, async () => {
        const { stdout } = await this.hosts.tryRun(host, shown);
        return stdout.includes(`${ip}/`);
      });
    });
    await this.aloneAnswers();
    return down;
  }

  /** It goes on answering, and nobody else answers for its address. */
  private async aloneAnswers(): Promise<void> {
    const { ip } = await this.redis();
    const { acknowledged } = await writer.status();
    await writer.waitFor(acknowledged + 200);
    const asked = "docker exec apples-writer-0 arping -I ethwe -c";
    const { stdout } = await this.hosts.tryRun("node3", `${asked} 1 -q ${ip}; ${asked} 3 ${ip}`);
    expect(new Set(stdout.match(/[0-9a-f]{2}(:[0-9a-f]{2}){5}/g)).size).toBe(1);
  }

  private async redis(): Promise<{ host: string; ip: string }> {
    const { redisHost, redisIp } = await this.project.outputs();
    return { host: String(redisHost), ip: String(redisIp) };
  }

  private async up(...more: string[]): Promise<void> {
    this.said.push(await up(this.project, ...more));
  }
}
