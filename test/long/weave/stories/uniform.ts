import type { PulumiProject } from "../../../../lab";
import { expectMesh, targetsByHost } from "../../../lab/weave/mesh-facts";
import type { MeshLab } from "../../../lab/weave/mesh-lab";
import { Probes } from "../../../lab/weave/probes";
import { destroy, expectNothingToDo, up } from "../../../lab/weave/runs";
import { CLUSTER, setArgs } from "./programs";

/** A ping is lost while a router learns of another one, not while a whole run goes on. */
const LOST_PER_PAIR = 5;

export function uniformStory(mesh: MeshLab): void {
  describe("a uniform cluster that grows and shrinks", () => {
    const probes = new Probes(mesh);
    const three = ["node1", "node2", "node3"];
    const five = ["node1", "node2", "node3", "node4", "node5"];
    const two = ["node2", "node5"];
    let project: PulumiProject;

    beforeAll(async () => {
      project = await mesh.project(CLUSTER, three, { password: "open sesame, weave" });
      await setArgs(project, { topology: "uniform" });
    });
    afterAll(() => mesh.clear());

    test("comes to be on three hosts, which then hold all of the range", async () => {
      await up(project);
      const all = await expectMesh(mesh, three);
      expect(all.get("node1")?.encrypted).toBe(true);
      await expectNothingToDo(project);
      await probes.add(...three);
    });

    test("grows to five at once while containers ping: nothing noticeable is lost", async () => {
      await mesh.setHosts(project, five);
      const { loss } = await probes.during(() => up(project));
      console.log("3 -> 5", loss);
      expect(loss).toMatchObject({ pairs: 6 });
      expect(loss.mostLostByOnePair).toBeLessThanOrEqual(LOST_PER_PAIR);
      const all = await expectMesh(mesh, five);
      for (const [name, targets] of Object.entries(targetsByHost(mesh, all))) {
        expect(targets).toEqual(five.filter((other) => other !== name));
      }
      await expectNothingToDo(project);
      await probes.add("node4", "node5");
    });

    test("shrinks to two: the space of those that leave comes back", async () => {
      const leaving = ["node1", "node3", "node4"];
      await probes.remove(...leaving);
      await mesh.setHosts(project, two);
      const { loss } = await probes.during(() => up(project));
      console.log("5 -> 2", loss);
      expect(loss).toMatchObject({ pairs: 2 });
      expect(loss.mostLostByOnePair).toBeLessThanOrEqual(LOST_PER_PAIR);
      const all = await expectMesh(mesh, two);
      expect(targetsByHost(mesh, all)).toEqual({ node2: ["node5"], node5: ["node2"] });
      await mesh.expectAsFresh(leaving);
      await expectNothingToDo(project);
    });

    test("goes, and leaves the hosts as they were", async () => {
      await probes.removeAll();
      await destroy(project);
      await mesh.expectAsFresh();
    });
  });
}
