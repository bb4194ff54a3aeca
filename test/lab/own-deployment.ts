import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lab from "../../lab";
import { OwnLab } from "./own-lab";
import { destroy, expectNothingToDo, up, upFails } from "./weave/runs";

/** What the program `deployment` says of a replica. */
export interface Replica {
  readonly host: string;
  readonly ip: string;
  readonly containerName: string;
  readonly containerId: string;
  readonly lastMove?: { readonly from: string; readonly to: string };
}

/**
 * The program `deployment`, which is one deployment "apples", on hosts of a test's own: both are
 * there from its first test to its last.
 */
export class OwnDeployment {
  readonly lab: lab.Lab;
  private readonly own: OwnLab;
  private made: lab.PulumiProject | undefined;

  /** @param purpose one word that no other test has */
  constructor(
    purpose: string,
    hosts: number,
    begin: () => Promise<unknown> = () => Promise.resolve(),
  ) {
    this.own = new OwnLab(purpose);
    this.lab = this.own.lab;
    const folder = mkdtempSync(join(tmpdir(), `ferry-${purpose}-`));
    beforeAll(async () => {
      await this.own.up(hosts);
      this.made = await this.create(join(folder, "project"));
      await begin();
    });
    afterAll(async () => {
      await this.own.down();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  get project(): lab.PulumiProject {
    if (this.made === undefined) throw new Error("it is there as soon as the tests begin");
    return this.made;
  }

  /** What the program says from now on. @param hosts those that it names, and what it says of them */
  async say(deployment: object, hosts?: Readonly<Record<string, object>>): Promise<void> {
    const connections = lab.labConnections(this.lab);
    const named = Object.keys(hosts ?? connections).map((name) => {
      const { host, hostKey } = connections[name]!;
      return [name, { host, hostKey, ...hosts?.[name] }] as const;
    });
    const args = { hosts: Object.fromEntries(named), deployment };
    await this.project.setConfig("args", JSON.stringify(args));
  }

  readonly up = (...more: string[]) => up(this.project, ...more);
  readonly upFails = (...more: string[]) => upFails(this.project, ...more);
  readonly destroy = () => destroy(this.project);
  readonly expectNothingToDo = () => expectNothingToDo(this.project);
  readonly preview = () => this.project.quietly(["preview"]);

  /** Its replicas by container name without the deployment's: "web-0". */
  async replicas(): Promise<Record<string, Replica>> {
    const listed = (await this.project.outputs())["replicas"] as Replica[];
    return Object.fromEntries(
      listed.map((each) => [each.containerName.replace(/^apples-/, ""), each]),
    );
  }

  /** What a command that must succeed says on a host. */
  readonly on = async (host: string, command: string | readonly string[]): Promise<string> =>
    (await lab.mustRun(host, command, this.lab)).trim();

  private async create(folder: string): Promise<lab.PulumiProject> {
    const program = join(__dirname, "programs", "deployment");
    const project = await lab.PulumiProject.create(program, folder);
    const { privateKey } = lab.labConnections(this.lab)["node1"]!;
    await project.setConfig("privateKey", privateKey, { secret: true });
    return project;
  }
}
