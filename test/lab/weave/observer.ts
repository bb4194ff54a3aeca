import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";

import type { MeshLab } from "./mesh-lab";

/** One look at one router, from outside its host. */
interface Look {
  readonly atMs: number;
  readonly host: string;
  /** Established connections; undefined when no router answers. */
  readonly established: number | undefined;
}

/** A time in which a host's router did not answer. */
export interface Outage {
  readonly host: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Looks at every router ten times a second, from outside. */
export class Observer {
  readonly #looks: Look[] = [];
  readonly #children = new Map<string, ChildProcess>();
  #running = true;

  constructor(
    private readonly mesh: MeshLab,
    private readonly hosts: readonly string[],
  ) {
    for (const host of hosts) this.#watch(host);
  }

  #watch(host: string): void {
    if (!this.#running) return;
    const namespace = `/run/netns/${this.mesh.host(host).machine}`;
    const script = join(__dirname, "watch-router.js");
    const argv = [`--net=${namespace}`, process.execPath, script, namespace];
    const child = spawn("nsenter", argv, { stdio: ["ignore", "pipe", "ignore"] });
    this.#children.set(host, child);
    child.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [at, state, established] = line.split(" ");
      const count = state === "up" ? Number(established) : undefined;
      this.#looks.push({ atMs: Number(at), host, established: count });
    });
    // The host is rebooting, or off; its network comes back under the same name.
    child.on("close", () => {
      this.#looks.push({ atMs: Date.now(), host, established: undefined });
      setTimeout(() => this.#watch(host), 200);
    });
  }

  stop(): void {
    this.#running = false;
    for (const child of this.#children.values()) child.kill("SIGKILL");
  }

  /** How often it has looked. */
  get looks(): number {
    return this.#looks.length;
  }

  outages(): Outage[] {
    const found: Outage[] = [];
    for (const host of this.hosts) {
      let from: number | undefined;
      let last = 0;
      for (const look of this.#looks) {
        if (look.host !== host) continue;
        if (look.established === undefined) from ??= look.atMs;
        else if (from !== undefined) {
          found.push({ host, fromMs: from, toMs: look.atMs });
          from = undefined;
        }
        last = look.atMs;
      }
      if (from !== undefined) found.push({ host, fromMs: from, toMs: last });
    }
    return found.sort((a, b) => a.fromMs - b.fromMs);
  }

  /**
   * Outages that began before another host's was over, or before all routers had all their
   * connections again.
   */
  overlaps(): string[] {
    const outages = this.outages();
    return outages.slice(1).flatMap((next, i) => {
      const before = outages[i] as Outage;
      if (next.fromMs < before.toMs) {
        return [`the routers on ${before.host} and ${next.host} were down at once`];
      }
      return this.#wholeBetween(before.toMs, next.fromMs)
        ? []
        : [`${next.host} went down before ${before.host} was back in the mesh`];
    });
  }

  #wholeBetween(fromMs: number, toMs: number): boolean {
    const latest = new Map<string, number | undefined>();
    for (const look of this.#looks.toSorted((a, b) => a.atMs - b.atMs)) {
      if (look.atMs >= toMs) return false;
      latest.set(look.host, look.established);
      const whole = this.hosts.every((host) => latest.get(host) === this.hosts.length - 1);
      if (look.atMs >= fromMs && whole) return true;
    }
    return false;
  }
}
