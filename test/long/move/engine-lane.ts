import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { labConnections, PulumiProject } from "../../../lab";
import { processesWith, type Marks } from "./processes";
import { impatient, Lane, type Ending, type RunningMove } from "./lane";

const UP = ["up", "--yes", "--skip-preview", "--color", "never"];

/** A move of the lab's takes half a minute. */
const ORPHAN_SECONDS = 120;

/** How a refresh begins when somebody may still be at it. */
const IN_DOUBT = "unknown: another run";

/** A resource's error, or one of its errors where the engine has a list of them. */
const ERROR = /^\s*(error: |\* )/;
/** What the engine itself puts over and under these. */
const ENGINES = /^\s*error: (update failed|\d+ errors? occurred:)$/;

/** What RunningCommand says of a command that was ended by a signal. */
const KILLED = 128;

interface Resource {
  readonly id?: string;
  readonly outputs?: { readonly host?: string; readonly health?: string };
}

/**
 * Moves by the real engine: a program, `pulumi up`, and the provider process that the engine
 * starts.
 */
export class EngineLane extends Lane {
  private readonly folder = mkdtempSync(join(tmpdir(), "ferry-faults-"));
  private project!: PulumiProject;
  private killed = false;

  constructor(name: string, kinds: readonly string[] = []) {
    super(name, "faults/lab/mv/redis/0", kinds);
  }

  /** The program's text is fixed: conditions that change it are the other lanes' affair. */
  protected get spec(): never {
    throw new Error("The engine's program is as it is.");
  }

  protected async join(): Promise<void> {
    await this.hosts.start();
    this.project = await PulumiProject.create(
      join(__dirname, "program"),
      join(this.folder, "project"),
    );
    const connections = impatient(labConnections(this.lab));
    const hosts = Object.entries(connections).map(([name, { privateKey: _, ...rest }]) => [
      name,
      rest,
    ]);
    await this.project.setConfig("hosts", JSON.stringify(Object.fromEntries(hosts)));
    const { privateKey } = connections["node1"]!;
    await this.project.setConfig("privateKey", privateKey, { secret: true });
  }

  protected async create(): Promise<void> {
    await this.project.setConfig("redisHost", this.at);
    await this.project.quietly(["refresh", "--yes", "--skip-preview"]);
    await this.project.quietly(UP);
  }

  /** Config is a file: it is written before the run begins. */
  override async ready(smallFiles?: number): Promise<void> {
    await super.ready(smallFiles);
    this.aim(this.away);
  }

  move(_to: string): RunningMove {
    const run = this.project.start(UP);
    const ended = run.ended.then(({ code, stdout, stderr }) => {
      this.killed = code === KILLED;
      return this.ending(code, stdout + stderr);
    });
    return {
      provider: { processes: this.provider },
      engine: run.pid,
      ended,
    };
  }

  private get provider(): Marks {
    return { environment: this.folder, command: "dynamic-provider" };
  }

  async refresh(): Promise<string | undefined> {
    // A killed engine has left the lock on its state behind; the others have none.
    if (this.killed) await this.project.quietly(["cancel", "--yes"]);
    const found = await this.refreshed();
    if (found?.health?.startsWith(IN_DOUBT) !== true) return found?.host;
    // The provider of a killed engine goes on for longer than a refresh waits: the user is told so,
    // and to ask again later.
    await until(() => processesWith(this.provider).length === 0, ORPHAN_SECONDS);
    return (await this.refreshed())?.host;
  }

  private async refreshed(): Promise<Resource["outputs"]> {
    await this.project.quietly(["refresh", "--yes", "--skip-preview"]);
    const { deployment } = JSON.parse(await this.project.exportState()) as {
      deployment: { resources: Resource[] };
    };
    return deployment.resources.find(({ id }) => id === this.replica)?.outputs;
  }

  async upTo(host: string): Promise<Ending> {
    this.aim(host);
    const { code, stdout, stderr } = await this.project.run(UP);
    if (code !== 0) return this.ending(code, stdout + stderr);
    return { done: true, changed: /^ +[~+-]+ \d+ /m.test(stdout) };
  }

  override async down(): Promise<void> {
    await super.down();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** As an editor would change it: the command takes seconds, and there are two in each case. */
  private aim(host: string): void {
    const file = join(this.project.folder, "Pulumi.lab.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(/^( *faults:redisHost:).*$/m, `$1 ${host}`));
  }

  private ending(code: number, said: string): Ending {
    if (code === 0) return { done: true, changed: true };
    const reported = said.split("\n").filter((line) => ERROR.test(line) && !ENGINES.test(line));
    return { done: false, failure: reported.join("\n") || said, changed: true };
  }
}

async function until(holds: () => boolean, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("the provider of a killed engine does not end");
    await sleep(250);
  }
}
