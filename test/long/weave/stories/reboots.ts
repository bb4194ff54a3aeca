import type { PulumiProject } from "../../../../lab";
import { expectMesh } from "../../../lab/weave/mesh-facts";
import { until, type MeshLab } from "../../../lab/weave/mesh-lab";
import { Probes } from "../../../lab/weave/probes";
import { destroy, expectNothingToDo, up } from "../../../lab/weave/runs";
import { CLUSTER, setArgs } from "./programs";

export function rebootStory(mesh: MeshLab): void {
  describe("hosts that reboot", () => {
    const hosts = ["node1", "node2", "node3"];
    const probes = new Probes(mesh);
    let project: PulumiProject;

    const nameOf = (host: string) => `prober-${host}.pings.weave.local`;
    const resolves = async (from: string, host: string) =>
      (await mesh.run(from, ["weave", "dns-lookup", nameOf(host)])).trim();

    beforeAll(async () => {
      project = await mesh.project(CLUSTER, hosts, { password: "open sesame, weave" });
      await setArgs(project, {});
      await up(project);
      await probes.add(...hosts);
    });
    afterAll(() => mesh.clear());

    test.each(hosts)(
      "%s is back in the mesh by itself, its container with its address and its name",
      async (host) => {
        const [other = ""] = hosts.filter((each) => each !== host);
        const before = await expectMesh(mesh, hosts);
        await mesh.reboot(host);
        const after = await expectMesh(mesh, hosts, 60);
        expect(after.get(host)?.name).toBe(before.get(host)?.name);
        expect(after.get(host)?.shares).toEqual(before.get(host)?.shares);
        expect(after.get(host)?.targets).toEqual(before.get(host)?.targets);
        await probes.answering(60);
        await until(
          `${nameOf(host)} is ${probes.address(host)}`,
          30,
          () => resolves(other, host),
          (address) => address === probes.address(host),
        );
      },
    );

    test("a power cut is no different", async () => {
      const before = await expectMesh(mesh, hosts);
      await mesh.crash("node2");
      await mesh.start("node2");
      const after = await expectMesh(mesh, hosts, 60);
      expect(after.get("node2")?.shares).toEqual(before.get("node2")?.shares);
      await probes.answering(60);
    });

    test("the program has nothing to do afterwards", () => expectNothingToDo(project));

    test("and leaves the hosts as they were", async () => {
      await probes.removeAll();
      await destroy(project);
      await mesh.expectAsFresh();
    });
  });
}
