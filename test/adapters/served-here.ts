import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostProgram } from "../../provider/on-host/load";

const SERVE = hostProgram("move-key/serve.sh");

/**
 * Both sides of a move's copying on this machine: an `ssh` that runs the key's script, as sshd
 * would.
 */
export class ServedHere {
  readonly folder = mkdtempSync(join(tmpdir(), "ferry-served-"));
  readonly served = join(this.folder, "served");
  readonly source = join(this.folder, "source");
  readonly target = join(this.folder, "target");

  constructor(scripts: Readonly<Record<string, string>>) {
    for (const each of ["source", "target", "served/cut", "bin"])
      mkdirSync(join(this.folder, each), { recursive: true });
    writeFileSync(join(this.served, "0"), `${this.source}\n`);
    writeFileSync(join(this.served, "serve"), SERVE);
    for (const [name, text] of Object.entries(scripts)) {
      writeFileSync(join(this.served, name), text);
    }
    this.program("id", "echo 0");
    this.program("ssh", `SSH_ORIGINAL_COMMAND=$4 exec sh "${this.served}/serve"`);
  }

  program(name: string, text: string): void {
    const path = join(this.folder, "bin", name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  }

  /** What the source answers. */
  ask(command: string) {
    return spawnSync("sh", [join(this.served, "serve")], {
      env: { ...this.env(), SSH_ORIGINAL_COMMAND: command },
      maxBuffer: 1 << 28,
    });
  }

  /** A script of the target's. */
  run(script: string, ...args: string[]) {
    return spawnSync("sh", ["-c", script, "sh", ...args], { env: this.env(), encoding: "utf8" });
  }

  /** What a script of the first copy says. */
  firstCopy(script: string): string {
    return this.run(script, "config", "0", this.target, this.folder).stdout;
  }

  env(): NodeJS.ProcessEnv {
    return { ...process.env, PATH: `${join(this.folder, "bin")}:${process.env.PATH ?? ""}` };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
