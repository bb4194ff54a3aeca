import type { PulumiProject } from "../../../../lab";
import type { CommandStops, Passage } from "../../../lab/weave/command-stops";
import { expectMesh, targetsByHost } from "../../../lab/weave/mesh-facts";
import type { MeshLab } from "../../../lab/weave/mesh-lab";
import { Probes } from "../../../lab/weave/probes";
import { destroy, expectNothingToDo, UP, up } from "../../../lab/weave/runs";
import { CLUSTER, setArgs } from "./programs";

const isLaunch = ({ place, command }: Passage) => place === "before" && /^launch\b/.test(command);

export function observerStory(mesh: MeshLab, stops: CommandStops): void {
  describe("a fixed core with observers that come and go", () => {
    const core = ["node1", "node2"];
    const probes = new Probes(mesh);
    let project: PulumiProject;

    const routerOf = (host: string) =>
      mesh.run(host, "docker inspect -f '{{.Id}} {{.State.StartedAt}}' weave");
    const argumentsOf = (host: string) =>
      mesh.run(host, "docker inspect -f '{{json .Config.Cmd}}' weave");

    beforeAll(async () => {
      project = await mesh.project(CLUSTER, core, { password: "open sesame, weave" });
      await setArgs(project, { topology: "fixed", core });
      await up(project);
      await expectMesh(mesh, core);
      await probes.add(...core);
    });
    afterAll(() => mesh.clear());

    test("two observers join at once, and the core is not touched", async () => {
      const before = await Promise.all(core.map(routerOf));
      await mesh.setHosts(project, [...core, "node3", "node4"]);
      const both = { seen: false };
      const { loss } = await probes.during(async () => {
        const run = project.start(UP);
        const deadline = Date.now() + 30_000;
        await stops.whileRunning(run.ended, (passage, waiting) => {
          // The first launch waits for the second: only runs that are under way at the same time
          // get here.
          both.seen ||= waiting.filter(isLaunch).length === 2;
          return isLaunch(passage) && !both.seen && Date.now() < deadline ? "hold" : "pass";
        });
        expect((await run.ended).code).toBe(0);
      });
      expect(both.seen).toBe(true);
      console.log("two observers", loss);
      expect(loss.mostLostByOnePair).toBeLessThanOrEqual(5);
      const all = await expectMesh(mesh, [...core, "node3", "node4"]);
      expect(targetsByHost(mesh, all)).toEqual({
        node1: ["node2"],
        node2: ["node1"],
        node3: core,
        node4: core,
      });
      expect(await Promise.all(core.map(routerOf))).toEqual(before);
      for (const host of ["node3", "node4"]) expect(await argumentsOf(host)).toContain("observer");
      for (const host of core) expect(await argumentsOf(host)).not.toContain("observer");
      await expectNothingToDo(project);
    });

    test("a host of an autoscaling group joins by the boot script, without a run of Pulumi", async () => {
      const { stdout } = await project.run(["stack", "output", "bootScript", "--show-secrets"]);
      await mesh.runWithInput(
        "node5",
        "cat >/root/boot.sh && sh /root/boot.sh && rm /root/boot.sh",
        stdout,
      );
      const all = await expectMesh(mesh, ["node1", "node2", "node3", "node4", "node5"], 60);
      expect(targetsByHost(mesh, all)["node5"]).toEqual(core);
      // And again when it reboots.
      await mesh.reboot("node5");
      await expectMesh(mesh, ["node1", "node2", "node3", "node4", "node5"], 60);
    });

    test("and is adopted when the program has it", async () => {
      const before = await routerOf("node5");
      await mesh.setHosts(project, [...core, "node3", "node4", "node5"]);
      await up(project);
      expect(await routerOf("node5")).toBe(before);
      await expectMesh(mesh, ["node1", "node2", "node3", "node4", "node5"]);
      await expectNothingToDo(project);
    });

    test("observers leave at once: their space comes back to those that stay", async () => {
      await mesh.setHosts(project, [...core, "node4"]);
      const { loss } = await probes.during(() => up(project));
      expect(loss.mostLostByOnePair).toBeLessThanOrEqual(5);
      await expectMesh(mesh, [...core, "node4"]);
      await mesh.expectAsFresh(["node3", "node5"]);
      await expectNothingToDo(project);
    });

    test("it goes, and leaves the hosts as they were", async () => {
      await probes.removeAll();
      await destroy(project);
      await mesh.expectAsFresh();
    });
  });
}
