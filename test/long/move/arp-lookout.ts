import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { must } from "../../../lab/exec";
import { Answering, type Answerers } from "./answering";

/** Asks all along, from the network of a container on a third host, who has an address. */
export class ArpLookout {
  private readonly answering = new Answering();
  private problem = "";

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {
    let rest = "";
    process.stdout?.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.answering.tell(JSON.parse(line) as Answerers);
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

  /** The most that had the address at one time, since the last report. */
  report(): number {
    if (this.process.exitCode !== null)
      throw new Error(`the ARP lookout has ended: ${this.problem}`);
    return this.answering.report();
  }

  stop(): void {
    this.process.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
