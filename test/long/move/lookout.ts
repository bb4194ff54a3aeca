import { spawnSync } from "node:child_process";
import { closeSync, openSync, statfsSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

import type { Lab } from "../../../lab/identity";
import type { MoveStep } from "../../../provider/core/move/plan";
import { processesWith, type Marks } from "./processes";
import { HostView, type HostSeen, type Subject } from "./host-view";
import { isAtOrAfter, stepReached } from "./steps";

/**
 * A process of its own that looks at the hosts from outside without pause. It remembers on how many
 * hosts the replica's program ran at once, tells which step a move has reached, and lets a fault
 * happen at the step for which it was armed.
 */

/** What is done at the very moment; the fault, in other words. */
export interface Strike {
  /** Process numbers on this machine. */
  readonly pids?: readonly number[];
  /**
   * Processes that are found at that moment: all whose environment and command line have these
   * texts.
   */
  readonly processes?: Marks;
  /** Processes of a host by name, outside its containers. */
  readonly ofHost?: { readonly host: string; readonly command: string };
  /** The host's own PID 1: with it, the whole host is gone. */
  readonly powerOf?: string;
  readonly signal?: NodeJS.Signals;
  /** One after another, each by its argv. */
  readonly commands?: readonly (readonly string[])[];
  /** A command on a host, by its argv. */
  readonly inHost?: { readonly host: string; readonly argv: readonly string[] };
  /** A file that takes all that is left of the file system it lies on. */
  readonly fill?: string;
}

export interface Watch {
  readonly source: string;
  readonly target: string;
  /** A file that the move copies early. */
  readonly marker: string;
  readonly epoch: number;
}

export type ToLookout =
  | {
      readonly kind: "look";
      readonly lab: Lab;
      readonly hosts: string[];
      readonly subject: Subject;
    }
  | { readonly kind: "watch"; readonly watch: Watch }
  | { readonly kind: "arm"; readonly step: MoveStep; readonly strike: Strike }
  | { readonly kind: "rest" }
  | { readonly kind: "report" };

/** Since the last report. */
export interface Seen {
  /** The most hosts on which the program ran in one look. */
  readonly mostAtOnce: number;
  readonly looks: number;
  /**
   * By host, the longest time between two looks that found it up: what is shorter than that may
   * have gone by unseen.
   */
  readonly blinksMs: Readonly<Record<string, number>>;
  readonly runningOn: readonly string[];
}

export type FromLookout =
  | { readonly kind: "step"; readonly step: MoveStep; readonly atMs: number }
  | { readonly kind: "struck"; readonly step: MoveStep; readonly problem?: string }
  | { readonly kind: "seen"; readonly seen: Seen };

const WATCHING_MS = 3;
const IDLE_MS = 15;

class Lookout {
  private readonly views: Map<string, HostView>;
  private watch: Watch | undefined;
  private armed: { readonly step: MoveStep; readonly strike: Strike } | undefined;
  private step: MoveStep | undefined;
  private began = 0;
  private readonly lastSeen = new Map<string, number>();
  private baseSessions = new Set<number>();
  private mostAtOnce = 0;
  private looks = 0;
  private readonly blinks = new Map<string, number>();
  private runningOn: string[] = [];

  constructor(lab: Lab, hosts: readonly string[], subject: Subject) {
    this.views = new Map(hosts.map((name) => [name, new HostView(lab, name, subject)]));
    for (const name of hosts) this.lastSeen.set(name, performance.now());
    this.look();
  }

  begin(watch: Watch): void {
    this.watch = watch;
    this.armed = undefined;
    this.step = undefined;
    this.began = performance.now();
    this.baseSessions = this.sessions();
    // Found now, since it takes a moment: at the strike there is none to lose.
    for (const view of this.views.values()) view.bootPid();
  }

  /** No step is waited for: copies are still counted, at leisure. */
  rest(): void {
    this.watch = undefined;
    this.armed = undefined;
  }

  /** At that step, or the first one after it. */
  arm(step: MoveStep, strike: Strike): void {
    this.armed = { step, strike };
  }

  report(): Seen {
    const { mostAtOnce, looks, runningOn } = this;
    // One that has not ended yet counts as well.
    for (const name of this.views.keys()) this.noteBlink(name, performance.now());
    const blinksMs = Object.fromEntries(this.blinks);
    [this.mostAtOnce, this.looks] = [0, 0];
    this.blinks.clear();
    return { mostAtOnce, looks, blinksMs, runningOn };
  }

  look(): void {
    const now = performance.now();
    const seen = new Map([...this.views].map(([name, view]) => [name, view.look()]));
    for (const [name, { up }] of seen) {
      if (!up) continue;
      this.noteBlink(name, now);
      this.lastSeen.set(name, now);
    }
    this.runningOn = [...seen].flatMap(([name, { running }]) => running.map(() => name));
    this.mostAtOnce = Math.max(this.mostAtOnce, this.runningOn.length);
    this.looks += 1;
    if (this.watch !== undefined) this.follow(this.watch, seen);
    setTimeout(() => this.look(), this.watch === undefined ? IDLE_MS : WATCHING_MS);
  }

  private noteBlink(name: string, now: number): void {
    const blink = Math.round(now - (this.lastSeen.get(name) ?? now));
    this.blinks.set(name, Math.max(this.blinks.get(name) ?? 0, blink));
  }

  private follow(watch: Watch, seen: ReadonlyMap<string, HostSeen>): void {
    const view = (name: string) => this.views.get(name)!;
    const source = seen.get(watch.source)!;
    const target = seen.get(watch.target)!;
    const ended = source.running.length === 0;
    const step = stepReached({
      source,
      target,
      contact: this.step !== undefined || this.hasContact(),
      copying: view(watch.target).hasBegun(watch.marker),
      level: ended && view(watch.target).logBytes() === view(watch.source).logBytes(),
      epoch: watch.epoch,
    });
    if (step === undefined) return;
    if (this.armed !== undefined && isAtOrAfter(step, this.armed.step)) {
      const { strike } = this.armed;
      this.armed = undefined;
      tell({ kind: "struck", step, ...this.strike(strike) });
    }
    if (step === this.step) return;
    this.step = step;
    tell({ kind: "step", step, atMs: Math.round(performance.now() - this.began) });
  }

  /** sshd serves somebody whom it did not serve before: the run has reached the hosts. */
  private hasContact(): boolean {
    return [...this.sessions()].some((pid) => !this.baseSessions.has(pid));
  }

  private sessions(): Set<number> {
    return new Set([...this.views.values()].flatMap((view) => view.processesNamed("sshd")));
  }

  private strike(strike: Strike): { problem?: string } {
    const { signal = "SIGKILL" } = strike;
    try {
      const aims = this.aims(strike);
      // A shell's own helpers come and go: one that has just ended need not be struck, but somebody
      // must be.
      const struck = aims.filter((pid) => isStruck(pid, signal));
      if (aims.length > 0 && struck.length === 0)
        return { problem: "whoever was aimed at is gone" };
      if (strike.fill !== undefined) fill(strike.fill);
      for (const [program = "", ...args] of this.commands(strike)) {
        const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
        if (status !== 0) return { problem: `${program} ${args.join(" ")}: ${stderr}` };
      }
      return {};
    } catch (error) {
      return { problem: String(error) };
    }
  }

  private commands({ commands = [], inHost }: Strike): readonly (readonly string[])[] {
    if (inHost === undefined) return commands;
    const init = String(this.views.get(inHost.host)?.bootPid() ?? "");
    return [...commands, ["nsenter", "-t", init, "-m", "-u", "-i", "-n", "-p", ...inHost.argv]];
  }

  private aims({ pids = [], processes, ofHost, powerOf }: Strike): number[] {
    const found = [...pids];
    if (processes !== undefined) found.push(...processesWith(processes));
    if (ofHost !== undefined) {
      found.push(...(this.views.get(ofHost.host)?.processesNamed(ofHost.command) ?? []));
    }
    if (powerOf !== undefined) {
      const init = this.views.get(powerOf)?.bootPid();
      if (init !== undefined) found.push(init);
    }
    if (found.length === 0 && (processes ?? ofHost ?? powerOf) !== undefined) {
      throw new Error("there is nothing to strike at");
    }
    return found;
  }
}

function isStruck(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Takes the room at once, then the last bytes one by one. */
function fill(path: string): void {
  const folder = dirname(path);
  if (statSync(folder).dev === statSync(dirname(folder)).dev) {
    throw new Error(`${folder} is no disk of its own: filling it would fill this machine's`);
  }
  const { bavail, bsize } = statfsSync(folder);
  spawnSync("fallocate", ["-l", String(Math.max(1, bavail - 64) * bsize), path]);
  const file = openSync(path, "a");
  const chunk = Buffer.alloc(bsize);
  try {
    for (;;) writeSync(file, chunk);
  } catch {
    // full
  } finally {
    closeSync(file);
  }
}

function tell(message: FromLookout): void {
  process.send?.(message);
}

if (process.send !== undefined && require.main === module) {
  let lookout: Lookout | undefined;
  process.on("message", (message: ToLookout) => {
    if (message.kind === "look") {
      lookout = new Lookout(message.lab, message.hosts, message.subject);
    } else if (message.kind === "watch") lookout?.begin(message.watch);
    else if (message.kind === "rest") lookout?.rest();
    else if (message.kind === "arm") lookout?.arm(message.step, message.strike);
    else if (lookout !== undefined) tell({ kind: "seen", seen: lookout.report() });
  });
  process.on("disconnect", () => process.exit(0));
}
