import type { PulumiProject } from "../../../../lab";
import type { CommandStops } from "../../../lab/weave/command-stops";
import { expectMesh } from "../../../lab/weave/mesh-facts";
import type { MeshLab } from "../../../lab/weave/mesh-lab";
import { afterKill, destroy, kill, UP, up } from "../../../lab/weave/runs";
import { CLUSTER, setArgs } from "./programs";

export function lockStory(mesh: MeshLab, stops: CommandStops): void {
  describe("two runs against the same hosts", () => {
    const hosts = ["node1", "node2"];
    const password = "open sesame, weave";
    let first: PulumiProject;
    let second: PulumiProject;

    beforeAll(async () => {
      [first, second] = [
        await mesh.project(CLUSTER, hosts, { password }),
        await mesh.project(CLUSTER, hosts, { password }),
      ];
      await setArgs(first, {});
      await setArgs(second, {});
    });
    afterAll(() => mesh.clear());

    /**
     * Starts the first run, stops it at its first weave command, and does something else meanwhile.
     */
    const whileFirstIsLocked = async <T>(meanwhile: () => Promise<T>): Promise<T> => {
      const run = first.start(UP);
      const running: { what?: Promise<T>; done: boolean } = { done: false };
      await stops.whileRunning(run.ended, () => {
        running.what ??= meanwhile().finally(() => {
          running.done = true;
        });
        return running.done ? "pass" : "hold";
      });
      const { code } = await run.ended;
      expect({ code, said: code === 0 ? "" : run.said() }).toEqual({ code: 0, said: "" });
      if (running.what === undefined) throw new Error("the first run gave no command to Weave");
      return running.what;
    };

    test("the one that comes later is told who holds which host, what for and since when", async () => {
      const { code, stdout, stderr } = await whileFirstIsLocked(() => second.run(UP));
      const said = stdout + stderr;
      expect(code).not.toBe(0);
      const who =
        /Host 'node[12]' is being used for making it a peer of cluster 'net' by \S+@\S+, process \d+ since \d{4}-\S+Z/;
      expect(said).toMatch(who);
      expect(said).toMatch(/Run again when that run has ended.*nothing was changed/);
      expect(said).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);
      await expectMesh(mesh, hosts);
    });

    test("and has nothing to wait for when the first one is over", async () => {
      await up(second);
      await expectMesh(mesh, hosts);
      await second.run(["stack", "rm", "--force", "--yes"]);
    });

    test("a run that was killed holds nothing", async () => {
      await mesh.setHosts(first, [...hosts, "node3"]);
      const run = first.start(UP);
      await stops.whileRunning(run.ended, () => {
        kill(run, "provider");
        return "cut";
      });
      await afterKill(first, run);
      const started = Date.now();
      await up(first);
      expect(Date.now() - started).toBeLessThan(30_000);
      await expectMesh(mesh, [...hosts, "node3"]);
    });

    test("nothing of the locks is left on the hosts", async () => {
      await destroy(first);
      await mesh.expectAsFresh();
    });
  });
}
