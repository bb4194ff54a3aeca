import { join } from "node:path";

import type { PulumiProject } from "../../../lab";
import { expectMesh } from "../../lab/weave/mesh-facts";
import type { MeshLab } from "../../lab/weave/mesh-lab";
import { destroy, up } from "../../lab/weave/runs";
import type { WeaveStep } from "./steps";

const PROGRAM = join(__dirname, "..", "..", "lab", "programs", "weave");
/** A router that was ended dials again by itself, and waits longer after each failed time. */
const SECONDS = 60;

/** Weave's life in short on hosts of some kind; what each step gives is for the matrix. */
export class WeaveLife {
  readonly said: string[] = [];
  private project!: PulumiProject;
  private readonly core: readonly string[];

  constructor(private readonly hosts: MeshLab) {
    this.core = hosts.names.slice(0, 2);
  }

  readonly steps: Readonly<Record<WeaveStep, () => Promise<string>>> = {
    "Weave: launched and connected": async () => {
      const { names } = this.hosts;
      this.project = await this.hosts.project(PROGRAM, names, { password: "open sesame" });
      await this.project.setConfig("args", "{}");
      this.said.push(await up(this.project));
      await expectMesh(this.hosts, names, SECONDS);
      return "ok";
    },
    "its router restarted": async () => {
      await this.hosts.run("node2", "docker restart weave");
      await expectMesh(this.hosts, this.hosts.names, SECONDS);
      return "ok";
    },
    "a host rebooted": async () => {
      await this.hosts.reboot("node2");
      await expectMesh(this.hosts, this.hosts.names, SECONDS);
      return "ok";
    },
    "a peer taken out": async () => {
      await this.hosts.setHosts(this.project, this.core);
      this.said.push(await up(this.project));
      await expectMesh(this.hosts, this.core, SECONDS);
      await this.hosts.expectAsFresh(["node3"]);
      return "ok";
    },
    "reset, and nothing left": async () => {
      this.said.push(await destroy(this.project));
      await this.hosts.expectAsFresh();
      return "ok";
    },
  };
}
