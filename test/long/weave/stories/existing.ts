import type { PulumiProject } from "../../../../lab";
import type { CommandStops } from "../../../lab/weave/command-stops";
import { expectMesh } from "../../../lab/weave/mesh-facts";
import { until, type MeshLab } from "../../../lab/weave/mesh-lab";
import { destroy, DESTROY, expectNothingToDo, UP, up } from "../../../lab/weave/runs";
import { CLUSTER, example, setArgs } from "./programs";

export function existingStory(mesh: MeshLab, stops: CommandStops): void {
  describe("another stack's program on a running cluster", () => {
    const hosts = ["node1", "node2"];
    let owner: PulumiProject;
    let guest: PulumiProject;

    const routers = () =>
      Promise.all(
        hosts.map((host) =>
          mesh.run(host, "docker inspect -f '{{.Id}} {{.State.StartedAt}}' weave"),
        ),
      );
    /** Runs the guest's program; gives what it told Weave to change. */
    const commandsOf = async (args: readonly string[]) => {
      const run = guest.start(args);
      const passages = await stops.whileRunning(run.ended, () => "pass");
      const { code } = await run.ended;
      expect({ code, said: code === 0 ? "" : run.said() }).toEqual({ code: 0, said: "" });
      return passages.map(({ command }) => command);
    };

    beforeAll(async () => {
      owner = await mesh.project(CLUSTER, hosts, { password: "open sesame, weave" });
      await setArgs(owner, { pool: "10.40.0.0/14" });
      await up(owner);
      guest = await mesh.project(example("existing"), hosts);
    });
    afterAll(() => mesh.clear());

    test("runs a deployment of its own there, and gives Weave's routers no command", async () => {
      const before = await routers();
      expect((await commandsOf(UP)).filter((command) => !/^dns-/.test(command))).toEqual([]);
      expect(await routers()).toEqual(before);
      await expectMesh(mesh, hosts);
      const { ip, dnsName, host } = (await guest.outputs()) as Record<string, string>;
      expect(ip).toMatch(/^10\.4[4-7]\./);
      const other = hosts.find((each) => each !== host) ?? "";
      await until(
        `${dnsName} is ${ip}`,
        20,
        async () => (await mesh.run(other, ["weave", "dns-lookup", dnsName ?? ""])).trim(),
        (address) => address === ip,
      );
      await expectNothingToDo(guest);
    });

    test("does not get a pool inside Weave's range", async () => {
      await guest.setConfig("pool", "10.33.0.0/16");
      const { code, stdout, stderr } = await guest.run(UP);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toMatch(/10\.33\.0\.0\/16.*10\.32\.0\.0\/13/);
      await guest.setConfig("pool", "10.44.0.0/14");
    });

    test("goes without a trace, and without harm to the cluster", async () => {
      const before = await routers();
      expect((await commandsOf(DESTROY)).filter((command) => !/^dns-/.test(command))).toEqual([]);
      expect(await routers()).toEqual(before);
      await expectMesh(mesh, hosts);
      await expectNothingToDo(owner);
      await destroy(owner);
      await mesh.expectAsFresh(hosts);
    });

    test("is told which host has no network when there is none", async () => {
      const { code, stdout, stderr } = await guest.run(UP);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toMatch(/'node[12]'/);
      await guest.run(DESTROY);
      await mesh.expectAsFresh(hosts);
    });
  });
}
