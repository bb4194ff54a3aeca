import type { PulumiProject } from "../../../../lab";
import type { CommandStops } from "../../../lab/weave/command-stops";
import { allFacts, expectMesh, flaws, targetsByHost } from "../../../lab/weave/mesh-facts";
import { pause, type MeshLab } from "../../../lab/weave/mesh-lab";
import { Probes } from "../../../lab/weave/probes";
import { destroy, expectNothingToDo, UP, up } from "../../../lab/weave/runs";
import { CLUSTER, setArgs } from "./programs";

export function lossStory(mesh: MeshLab, stops: CommandStops): void {
  describe("a host that is gone for good", () => {
    const three = ["node1", "node2", "node3"];
    const staying = ["node1", "node2"];
    const probes = new Probes(mesh);
    let project: PulumiProject;
    let lostName: string;

    beforeAll(async () => {
      project = await mesh.project(CLUSTER, three, { password: "open sesame, weave" });
      await setArgs(project, {});
      await up(project);
      lostName = (await expectMesh(mesh, three)).get("node3")?.name ?? "";
      await probes.add(...staying);
      // With an address of the range in use its router insists on its share when it comes back.
      const box = "docker -H unix:///var/run/weave/weave.sock run -d --restart always --name box";
      await mesh.run("node3", `${box} ferry-demo/box:1 sleep 100000`);
    });
    afterAll(async () => {
      await mesh.start("node3");
      await mesh.clear();
    });

    test("while the program still has it, its space stays its own", async () => {
      await mesh.crash("node3");
      const all = await allFacts(mesh, staying);
      expect(all.get("node1")?.shares.get(lostName)).toBeGreaterThan(0);
    });

    test("preview says that its space will be taken over", async () => {
      await mesh.setHosts(project, staying);
      const { stdout, stderr } = await project.run(["preview"]);
      expect(stdout + stderr).toMatch(/'node3' leaves.* takes the share over for good/);
      const all = await allFacts(mesh, staying);
      expect(all.get("node1")?.shares.get(lostName)).toBeGreaterThan(0);
    });

    test("once the program has it no longer, one peer takes over all of its space", async () => {
      const { result: passages, loss } = await probes.during(async () => {
        const run = project.start(UP);
        const seen = await stops.whileRunning(run.ended, () => "pass");
        const { code } = await run.ended;
        expect({ code, said: code === 0 ? "" : run.said() }).toEqual({ code: 0, said: "" });
        return seen;
      });
      const taken = passages.filter(({ command }) => command.startsWith("rmpeer"));
      expect(taken.filter(({ place }) => place === "before")).toHaveLength(1);
      const all = await expectMesh(mesh, staying);
      expect(targetsByHost(mesh, all)).toEqual({ node1: ["node2"], node2: ["node1"] });
      expect(loss.mostLostByOnePair).toBeLessThanOrEqual(5);
      await expectNothingToDo(project);
    });

    test("when it comes back it harms nobody, and does not get its share back", async () => {
      const { loss } = await probes.during(async () => {
        await mesh.start("node3");
        for (let look = 0; look < 15; look++) {
          const all = await allFacts(mesh, staying);
          const wrong = flaws(staying, all).filter((flaw) => !/is connected with/.test(flaw));
          expect(wrong).toEqual([]);
          expect(all.get("node1")?.shares.get(lostName) ?? 0).toBe(0);
          await pause(1000);
        }
      });
      expect(loss.mostLostByOnePair).toBeLessThanOrEqual(5);
    });

    test("and joins as a new peer when the program has it again", async () => {
      await mesh.run("node3", "docker rm -f box");
      await mesh.setHosts(project, three);
      await up(project);
      await expectMesh(mesh, three, 20);
      await probes.add("node3");
      await expectNothingToDo(project);
    });

    test("it goes, and leaves the hosts as they were", async () => {
      await probes.removeAll();
      await destroy(project);
      await mesh.expectAsFresh();
    });
  });
}
