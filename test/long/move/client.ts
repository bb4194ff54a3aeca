import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { repoRoot } from "../../../lab/setup/pulumi";
import { pause } from "./pause";

/** What the client found, as its last line says. */
export interface Written {
  readonly verified: boolean;
  readonly acknowledged: number;
  readonly found: number | null;
  readonly longestGapMs: number;
  /** Times without an acknowledgement, in milliseconds since the start. */
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly startedAt: string;
}

const WRITER = join(repoRoot, "examples/moby-counter/web/writer.js");

/**
 * A client on the overlay that writes once a millisecond and counts what was acknowledged. It is
 * the demo's own, run in the network of a container on a third host: nothing that a fault breaks is
 * between it and the replica.
 */
export class Client {
  private readonly folder = mkdtempSync(join(tmpdir(), "ferry-client-"));
  private readonly process: ChildProcess;
  private readonly ended: Promise<string>;
  private said = "";

  constructor(networkOf: number, address: string, key: string) {
    const argv = [process.execPath, WRITER, address, "6379", "--key", key];
    this.process = spawn(
      "setpriv",
      [
        // It ends with whoever started it, however that ends.
        ...["--pdeathsig", "KILL", "nsenter"],
        `--net=/proc/${networkOf}/ns/net`,
        ...argv,
        ...["--status", this.statusFile, "--verify-seconds", "60"],
      ],
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.said += chunk.toString()));
    }
    this.ended = new Promise((resolve) => this.process.on("close", () => resolve(this.said)));
  }

  acknowledged(): number {
    try {
      const { acknowledged } = JSON.parse(readFileSync(this.statusFile, "utf8")) as Written;
      return acknowledged;
    } catch {
      return 0;
    }
  }

  /** Waits until so many more writes were acknowledged. */
  async more(count: number, seconds: number): Promise<void> {
    const wanted = this.acknowledged() + count;
    const deadline = Date.now() + seconds * 1000;
    while (this.acknowledged() < wanted) {
      if (Date.now() > deadline) {
        throw new Error(
          `the client had ${this.acknowledged()} writes acknowledged after ${seconds} s, not ${wanted}. ${this.said}`,
        );
      }
      await pause(20);
    }
  }

  /** Stops writing, and asks for every number that was acknowledged. */
  async finish(): Promise<Written> {
    this.process.stdin?.write("stop\n");
    const said = await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
    try {
      return JSON.parse(said.trim().split("\n").at(-1) ?? "") as Written;
    } catch {
      throw new Error(`the client did not report: ${said}`);
    }
  }

  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get statusFile(): string {
    return join(this.folder, "status.json");
  }
}
