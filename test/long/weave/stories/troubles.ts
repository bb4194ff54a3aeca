import type { PulumiProject } from "../../../../lab";
import { expectMesh, facts } from "../../../lab/weave/mesh-facts";
import { until, type MeshLab } from "../../../lab/weave/mesh-lab";
import { Probes } from "../../../lab/weave/probes";
import { destroy, expectNothingToDo, up } from "../../../lab/weave/runs";
import { CLUSTER, setArgs } from "./programs";

interface Health {
  readonly status: string;
  readonly problems: readonly string[];
  readonly absent: readonly { readonly percent: number }[];
  readonly since: string;
}

export function troubleStory(mesh: MeshLab): void {
  describe("trouble that a refresh shows and an up repairs", () => {
    const hosts = ["node1", "node2", "node3"];
    const probes = new Probes(mesh);
    let project: PulumiProject;
    let healthy: Health;

    // From the resource, as a refresh writes it; the stack's outputs are as the program last set
    // them.
    const health = async () => {
      const { deployment } = JSON.parse(await project.exportState()) as {
        deployment: { resources: { type: string; outputs?: { health?: Health } }[] };
      };
      const found = deployment.resources.find(({ type }) => type.endsWith(":Mesh"));
      return found?.outputs?.health as Health;
    };
    const refreshed = async () => {
      const { code, stdout, stderr } = await project.run(["refresh", "--yes", "--skip-preview"]);
      expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
      return health();
    };

    beforeAll(async () => {
      project = await mesh.project(CLUSTER, hosts, { password: "open sesame, weave" });
      await setArgs(project, { quorumTimeoutSeconds: 60 });
      await up(project);
      await probes.add(...hosts);
    });
    afterAll(() => mesh.clear());

    test("a whole network is healthy, and says so twice in the same words", async () => {
      healthy = await refreshed();
      expect(healthy).toMatchObject({ status: "healthy", problems: [], absent: [] });
      expect(await refreshed()).toEqual(healthy);
      await expectNothingToDo(project);
    });

    test("a router that was killed is back by itself, with its targets", async () => {
      const before = await expectMesh(mesh, hosts);
      await mesh.run("node2", "kill -9 $(docker inspect -f '{{.State.Pid}}' weave)");
      const after = await expectMesh(mesh, hosts, 60);
      expect(after.get("node2")?.targets).toEqual(before.get("node2")?.targets);
      await probes.answering(60);
    });

    test("a router that somebody stopped shows, and is launched again with what it had", async () => {
      const before = await expectMesh(mesh, hosts);
      await mesh.run("node2", "weave stop");
      const sick = await refreshed();
      expect(sick.status).not.toBe("healthy");
      expect(sick.problems.join("\n")).toMatch(/'node2'/);
      await up(project);
      expect(await health()).toMatchObject({ status: "healthy", problems: [] });
      const after = await expectMesh(mesh, hosts);
      expect(after.get("node2")?.shares).toEqual(before.get("node2")?.shares);
      expect(after.get("node2")?.name).toBe(before.get("node2")?.name);
      expect(await refreshed()).toMatchObject({ status: "healthy", problems: [] });
      await probes.answering(60);
    });

    test("targets that somebody took away show, and are put back", async () => {
      await mesh.run("node3", ["weave", "forget", mesh.address("node1")]);
      const steps = await project.run(["up", "--yes", "--skip-preview", "--refresh"]);
      expect(steps.code).toBe(0);
      const after = await facts(mesh, "node3");
      expect(after?.targets).toEqual([mesh.address("node1"), mesh.address("node2")].sort());
      await expectNothingToDo(project);
    });

    test("a partition shows on both sides, with the share that is out of reach; it heals by itself", async () => {
      const rules = ["node1", "node2"].flatMap((other) =>
        ["INPUT -s", "OUTPUT -d"].map((way) => `${way} ${mesh.address(other)} -j DROP`),
      );
      const filter = async (how: "-I" | "-D") => {
        for (const rule of rules) {
          await mesh.run("node3", ["iptables", how, ...rule.split(" ")]);
        }
      };
      const shares = (await expectMesh(mesh, hosts)).get("node1")?.shares;
      await filter("-I");
      try {
        await until(
          "Weave has noticed the partition",
          120,
          async () => (await facts(mesh, "node1"))?.established.length,
          (count) => count === 1,
        );
        const sick = await refreshed();
        expect(sick.status).not.toBe("healthy");
        expect(sick.problems.join("\n")).toMatch(/'node3'/);
      } finally {
        await filter("-D");
      }
      const healed = await expectMesh(mesh, hosts, 180);
      expect(healed.get("node1")?.shares).toEqual(shares);
      expect(await refreshed()).toMatchObject({ status: "healthy", problems: [] });
      await probes.answering(60);
      await expectNothingToDo(project);
    });

    test("a rebooted host is healthy again without anything to do", async () => {
      await mesh.reboot("node1");
      await expectMesh(mesh, hosts, 60);
      await expectNothingToDo(project);
      expect(await refreshed()).toMatchObject({ status: "healthy", problems: [] });
    });

    test("it goes, and leaves the hosts as they were", async () => {
      await probes.removeAll();
      await destroy(project);
      await mesh.expectAsFresh();
    });
  });
}
