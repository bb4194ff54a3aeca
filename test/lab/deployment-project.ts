import { join } from "path";
import * as lab from "../../lab";
import type { OwnLab } from "./own-lab";

/** The program `deployment` in a folder of its own, with what it needs to reach the lab's hosts. */
export async function deploymentProject(own: OwnLab, folder: string): Promise<lab.PulumiProject> {
  const program = join(__dirname, "programs", "deployment");
  const project = await lab.PulumiProject.create(program, join(folder, "project"));
  const { privateKey } = lab.labConnections(own.lab)["node1"]!;
  await project.setConfig("privateKey", privateKey, { secret: true });
  return project;
}
