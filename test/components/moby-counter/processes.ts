import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { webFolder } from "./modules";

const canTie = spawnSync("setpriv", ["--pdeathsig", "KILL", "true"]).status === 0;

/**
 * The command so that it dies with this process: a test run that is killed leaves nothing running.
 */
export function tied(command: readonly [string, ...string[]]): [string, ...string[]] {
  return canTie ? ["setpriv", "--pdeathsig", "KILL", ...command] : [...command];
}

/** One of the example's programs, running. */
export class Program {
  private output = "";
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly exited: Promise<unknown>;

  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const command = tied([process.execPath, path.join(webFolder, file), ...args]);
    this.child = spawn(command[0], command.slice(1), {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.exited = once(this.child, "close");
    const collect = (chunk: Buffer) => (this.output += chunk.toString());
    this.child.stdout.on("data", collect);
    this.child.stderr.on("data", collect);
  }

  get text(): string {
    return this.output;
  }

  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(() => pattern.exec(this.output) ?? undefined, String(pattern));
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  closeInput(): void {
    this.child.stdin.end();
  }

  /** Waits for its end. */
  async exitCode(): Promise<number | null> {
    await this.exited;
    return this.child.exitCode;
  }

  async dispose(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }
}

/** Asks until there is something other than undefined. */
export async function eventually<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  what: string,
  withinMs = 8_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`not seen within ${withinMs} ms: ${what}`);
    await sleep(10);
  }
}

export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { ms: performance.now() - start, value };
}
