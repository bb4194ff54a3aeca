import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { repoRoot } from "./setup/pulumi";

/** One step that differs, as the engine's own preview tells it. */
export interface PreviewStep {
  readonly urn: string;
  readonly op: string;
  readonly newState?: { readonly inputs?: Readonly<Record<string, unknown>> };
}

/** How a command ended, with all that it printed. */
export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs, for whoever wants to end it in the middle. */
export interface RunningCommand {
  readonly pid: number;
  /** What it has printed so far. */
  said(): string;
  readonly ended: Promise<CommandOutcome>;
}

/**
 * A Pulumi program as a project of a user's own: its folder copied outside the checkout, its state
 * in a file backend beside it, and every command run by the real CLI.
 */
export class PulumiProject {
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(
    readonly folder: string,
    more: NodeJS.ProcessEnv,
  ) {
    this.#environment = {
      ...process.env,
      ...more,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(24).toString("base64url"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // `npm test` has checked the programs' types; here that would cost more than all else that a
      // run does.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    };
  }

  /**
   * Copies the files that lie in `program` into `folder`. Starts from nothing: what an earlier run
   * left there is removed. `environment` is what its commands run with beside this process's own.
   */
  static async create(
    program: string,
    folder: string,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<PulumiProject> {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "state"), { recursive: true, mode: 0o700 });
    for (const entry of readdirSync(program, { withFileTypes: true })) {
      if (entry.isFile()) cpSync(join(program, entry.name), join(folder, entry.name));
    }
    symlinkSync(join(repoRoot, "node_modules"), join(folder, "node_modules"), "dir");
    const project = new PulumiProject(folder, environment);
    await project.quietly(["stack", "init", "lab"]);
    return project;
  }

  async setConfig(key: string, value: string, options: { secret?: boolean } = {}): Promise<void> {
    // By standard input, so that no secret is on a command line.
    await this.quietly(
      ["config", "set", key, ...(options.secret === true ? ["--secret"] : [])],
      value,
    );
  }

  /** Runs a command with the terminal's own output; rejects when it fails. */
  show(args: readonly string[]): Promise<void> {
    const child = spawn(
      "pulumi",
      [...args, "--non-interactive", "--color", process.stdout.isTTY ? "always" : "never"],
      {
        cwd: this.folder,
        env: this.#environment,
        stdio: ["ignore", "inherit", "inherit"],
      },
    );
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) =>
        code === 0
          ? resolve()
          : reject(new Error(`pulumi ${args[0] ?? ""} failed with exit code ${code ?? "?"}.`)),
      );
    });
  }

  /** Runs a command and returns its standard output; rejects with its errors when it fails. */
  async quietly(args: readonly string[], stdin?: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, stdin);
    if (code === 0) return stdout;
    throw new Error(
      // What is wrong stands in one of the two, warnings in the other.
      `pulumi ${args.slice(0, 2).join(" ")} failed:\n${stdout.trim()}\n${stderr.trim()}`,
    );
  }

  /** Runs a command to its end, whatever that is. */
  run(args: readonly string[], stdin = ""): Promise<CommandOutcome> {
    return new Promise((resolve, reject) => {
      const child = execFile(
        "pulumi",
        [...args, "--non-interactive"],
        { cwd: this.folder, env: this.#environment, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : error.code;
          if (typeof code === "number") resolve({ code, stdout, stderr });
          else
            reject(
              new Error(`pulumi ${args[0] ?? ""} did not run to its end: ${error?.message ?? ""}`),
            );
        },
      );
      child.stdin?.end(stdin);
    });
  }

  /** Starts a command and does not wait for it. */
  start(args: readonly string[]): RunningCommand {
    const child = spawn("pulumi", [...args, "--non-interactive"], {
      cwd: this.folder,
      env: this.#environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<CommandOutcome>((resolve, reject) => {
      child.on("error", reject);
      const resolved = (code: number | null) => resolve({ code: code ?? 128, stdout, stderr });
      child.on("close", resolved);
      // What a killed engine leaves running keeps its pipes open, so `close` may be long in coming.
      child.on("exit", (code, signal) => {
        if (signal !== null) resolved(code);
      });
    });
    return { pid: child.pid ?? -1, said: () => stdout + stderr, ended };
  }

  async previewSteps(): Promise<PreviewStep[]> {
    const preview = JSON.parse(await this.quietly(["preview", "--json"])) as {
      steps?: PreviewStep[];
    };
    return (preview.steps ?? []).filter((step) => step.op !== "same");
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.quietly(["stack", "output", "--json"])) as Record<string, unknown>;
  }

  async exportState(): Promise<string> {
    return this.quietly(["stack", "export"]);
  }

  /** What the latest `up` changed: the number of resources that were not "same". */
  async lastChanges(): Promise<number> {
    const history = JSON.parse(
      await this.quietly(["stack", "history", "--json", "--page-size", "1"]),
    ) as {
      resourceChanges?: Record<string, number>;
    }[];
    const changes = Object.entries(history[0]?.resourceChanges ?? {});
    return changes.filter(([op]) => op !== "same").reduce((sum, [, count]) => sum + count, 0);
  }
}
