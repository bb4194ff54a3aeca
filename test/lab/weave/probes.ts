import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { until, type MeshLab } from "./mesh-lab";

const PROXY = "unix:///var/run/weave/weave.sock";
const SCRIPT = readFileSync(join(__dirname, "prober.js"), "utf8");

/** As prober.js sends them, to each target. */
export const PINGS_PER_SECOND = 5;

/** What one container counted of its pings to another one. */
export interface PingCount {
  readonly answered: number;
  readonly lost: number;
  readonly longestSilenceMs: number;
  readonly lastAnswerMs: number;
}

/**
 * A container on each host, made through Weave's proxy with an address of its own, that pings those
 * on other hosts five times a second. The counts are read from the host's disk, so that looking
 * disturbs nothing.
 */
export class Probes {
  #hosts: string[] = [];

  constructor(private readonly mesh: MeshLab) {}

  address(host: string): string {
    return `10.44.0.${this.mesh.host(host).index}`;
  }

  /**
   * Containers on these hosts that ping one another and those that are there; returns when all do.
   */
  async add(...hosts: string[]): Promise<void> {
    await Promise.all(
      hosts.map(async (host) => {
        await this.mesh.run(host, "rm -rf /root/pings; mkdir -p /root/pings");
        await this.mesh.run(host, [
          ...["docker", "-H", PROXY, "run", "-d", "--restart", "always", "--stop-timeout", "1"],
          ...["--name", "prober", "-e", `WEAVE_CIDR=${this.address(host)}/24`],
          ...["--hostname", `prober-${host}`, "--domainname", "pings.weave.local"],
          ...["-v", "/root/pings:/out", "ferry-demo/node:18", "-e", SCRIPT],
        ]);
      }),
    );
    this.#hosts = [...new Set([...this.#hosts, ...hosts])].sort();
    this.#tell();
    await this.answering();
  }

  /** These ping and are pinged no longer; the counts of the others go on. */
  async remove(...hosts: string[]): Promise<void> {
    this.#hosts = this.#hosts.filter((host) => !hosts.includes(host));
    this.#tell();
    await Promise.all(
      hosts.map((host) => this.mesh.tryRun(host, "docker rm -f prober; rm -rf /root/pings")),
    );
  }

  /** The same for hosts that cannot be reached. */
  forget(...hosts: string[]): void {
    this.#hosts = this.#hosts.filter((host) => !hosts.includes(host));
    this.#tell();
  }

  removeAll(): Promise<void> {
    return this.remove(...this.#hosts);
  }

  #tell(): void {
    for (const host of this.#hosts) {
      const folder = this.mesh.onDisk(host, "/root/pings");
      mkdirSync(folder, { recursive: true });
      const others = this.#hosts.filter((other) => other !== host);
      const lines = others.map((other) => `${other} ${this.address(other)}\n`);
      writeFileSync(join(folder, "targets"), lines.join(""));
    }
  }

  /** Counts by "pinging -> pinged"; a container that has not written yet has none. */
  counts(): Map<string, PingCount> {
    const all = new Map<string, PingCount>();
    for (const host of this.#hosts) {
      let text: string;
      try {
        text = readFileSync(this.mesh.onDisk(host, "/root/pings/counts.json"), "utf8");
      } catch {
        continue;
      }
      const { counts } = JSON.parse(text) as { counts: Record<string, PingCount> };
      for (const [other, count] of Object.entries(counts)) all.set(`${host} -> ${other}`, count);
    }
    return all;
  }

  /** Waits until every one has had an answer from every other one since now. */
  async answering(seconds = 30): Promise<void> {
    const since = Date.now();
    const pairs = this.#hosts.flatMap((host) =>
      this.#hosts.filter((other) => other !== host).map((other) => `${host} -> ${other}`),
    );
    await until(
      "every container pings every other one",
      seconds,
      () => {
        const counts = this.counts();
        return pairs.filter((pair) => !((counts.get(pair)?.lastAnswerMs ?? 0) > since));
      },
      (silent) => silent.length === 0,
    );
  }

  /** What was lost while something happened. Those that are pinged both before and after count. */
  async during<T>(action: () => Promise<T>): Promise<{ result: T; loss: Loss }> {
    const before = this.counts();
    const result = await action();
    await this.answering();
    // A ping counts as lost after 2 s, and counts are written twice a second.
    const quietAt = Date.now() + 3_000;
    await until("the counts are settled", 10, () => Date.now() > quietAt);
    const after = this.counts();
    const pairs = [...after].flatMap(([pair, count]) => {
      const earlier = before.get(pair);
      // A container that began anew has counted from nothing.
      if (earlier === undefined || earlier.answered > count.answered) return [];
      return [
        {
          pair,
          answered: count.answered - earlier.answered,
          lost: count.lost - earlier.lost,
          longestSilenceMs: count.longestSilenceMs,
        },
      ];
    });
    const sum = (of: "answered" | "lost") => pairs.reduce((total, pair) => total + pair[of], 0);
    const worst = pairs.toSorted((a, b) => b.lost - a.lost)[0];
    return {
      result,
      loss: {
        pairs: pairs.length,
        answered: sum("answered"),
        lost: sum("lost"),
        mostLostByOnePair: worst?.lost ?? 0,
        worstPair: worst?.pair ?? "none",
      },
    };
  }
}

export interface Loss {
  readonly pairs: number;
  readonly answered: number;
  readonly lost: number;
  readonly mostLostByOnePair: number;
  readonly worstPair: string;
}
