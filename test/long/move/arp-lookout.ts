import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { must } from "../../../lab/exec";

/** Those who answered for the address, from a moment on. */
interface Answerers {
  readonly ms: number;
  readonly answerers: readonly string[];
}

/** Asks all along, from the network of a container on a third host, who has an address. */
export class ArpLookout {
  /** How many answered the last question, and the most since the last report. */
  private now = 0;
  private mostAtOnce = 0;
  private problem = "";

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {
    let rest = "";
    process.stdout?.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const { answerers } = JSON.parse(line) as Answerers;
        this.now = answerers.length;
        this.mostAtOnce = Math.max(this.mostAtOnce, this.now);
      }
    });
    process.stderr?.on("data", (chunk: Buffer) => (this.problem += chunk.toString()));
  }

  static async start(networkOf: number, address: string, prefix: string): Promise<ArpLookout> {
    const folder = mkdtempSync(join(tmpdir(), "ferry-arp-"));
    const program = join(folder, "arp-lookout");
    await must(["go", "build", "-o", program, join(__dirname, "arp-lookout.go")]);
    const inNetwork = [`--net=/proc/${networkOf}/ns/net`, program, "ethwe", address, prefix];
    return new ArpLookout(
      spawn("setpriv", ["--pdeathsig", "KILL", "nsenter", ...inNetwork], {
        stdio: ["ignore", "pipe", "pipe"],
      }),
      folder,
    );
  }

  /** The most that answered one question, since the last report. */
  report(): number {
    if (this.process.exitCode !== null)
      throw new Error(`the ARP lookout has ended: ${this.problem}`);
    const most = this.mostAtOnce;
    this.mostAtOnce = this.now;
    return most;
  }

  stop(): void {
    this.process.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
