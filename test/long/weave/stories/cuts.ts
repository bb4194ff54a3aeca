import type { PulumiProject } from "../../../../lab";
import type { CommandGate, Passage } from "../../../lab/weave/command-gate";
import { expectMesh } from "../../../lab/weave/mesh-facts";
import type { MeshLab } from "../../../lab/weave/mesh-lab";
import { Probes } from "../../../lab/weave/probes";
import {
  afterKill,
  destroy,
  expectNothingToDo,
  kill,
  UP,
  up,
  type Victim,
} from "../../../lab/weave/runs";
import { CLUSTER, setArgs } from "./programs";

/** Where a run was killed, and how the next one went. */
interface Cut {
  readonly victim: Victim;
  readonly at: Passage;
}

export function cutStory(mesh: MeshLab, gate: CommandGate): void {
  describe("a run that is killed", () => {
    const small = ["node1", "node2"];
    const large = ["node1", "node2", "node3"];
    const probes = new Probes(mesh);
    let project: PulumiProject;

    beforeAll(async () => {
      project = await mesh.project(CLUSTER, small, { password: "open sesame, weave" });
      await setArgs(project, {});
    });
    afterAll(() => mesh.clear());

    const placeOf = ({ place, command }: Passage) => `${place} ${command.split(" ")[0] ?? ""}`;

    /**
     * Runs `up` and kills it at the first place that is not among the earlier ones; undefined when
     * it came to none. Places are kinds of commands, each before and after: runs are parallel, so
     * which host comes first is chance.
     */
    const upCut = async (earlier: readonly Cut[]): Promise<Cut | undefined> => {
      const done = new Set(earlier.map(({ at }) => placeOf(at)));
      const victim: Victim = earlier.length % 2 === 0 ? "provider" : "engine";
      const run = project.start(UP);
      const cut: { at?: Passage } = {};
      await gate.whileRunning(run.ended, (passage) => {
        if (done.has(placeOf(passage))) return "pass";
        cut.at = passage;
        kill(run, victim);
        return "cut";
      });
      if (cut.at !== undefined) {
        await afterKill(project, run);
        return { victim, at: cut.at };
      }
      const { code } = await run.ended;
      expect({ code, said: code === 0 ? "" : run.said() }).toEqual({ code: 0, said: "" });
      return undefined;
    };

    /**
     * Brings the program to these hosts, cut at each passage in turn, with a way back after each.
     */
    const cutEverywhere = async (
      to: readonly string[],
      back: () => Promise<unknown>,
    ): Promise<Cut[]> => {
      const cuts: Cut[] = [];
      for (;;) {
        await mesh.setHosts(project, to);
        const cut = await upCut(cuts);
        if (cut !== undefined) {
          cuts.push(cut);
          await up(project);
        }
        await expectMesh(mesh, to, 20);
        if (cut === undefined) return cuts;
        await back();
      }
    };
    const table = (cuts: readonly Cut[]) =>
      cuts.map(({ victim, at }) => `${victim} killed ${at.place} '${at.command}' on ${at.host}`);

    test("while the first network is made, is finished by the next one", async () => {
      const cuts = await cutEverywhere(small, () => destroy(project));
      console.log(table(cuts).join("\n"));
      expect(cuts.map(({ at }) => at.command).join("\n")).toMatch(/launch/);
      await expectNothingToDo(project);
    }, 600_000);

    test("while a cluster grows, is finished by the next one; what runs on it notices nothing", async () => {
      await probes.add(...small);
      const { result: cuts, loss } = await probes.during(() =>
        cutEverywhere(large, async () => {
          await mesh.setHosts(project, small);
          await up(project);
        }),
      );
      console.log(table(cuts).join("\n"), loss);
      expect(cuts.map(({ at }) => at.command).join("\n")).toMatch(/launch/);
      expect(loss).toMatchObject({ pairs: 2 });
      expect(loss.mostLostByOnePair).toBeLessThanOrEqual(5);
      await expectNothingToDo(project);
    }, 600_000);

    test("while it shrinks, is finished by the next one; the space comes back", async () => {
      const { result: cuts, loss } = await probes.during(() =>
        cutEverywhere(small, async () => {
          await mesh.setHosts(project, large);
          await up(project);
        }),
      );
      console.log(table(cuts).join("\n"), loss);
      expect(cuts.map(({ at }) => at.command).join("\n")).toMatch(/reset/);
      expect(loss.mostLostByOnePair).toBeLessThanOrEqual(5);
      await mesh.expectAsFresh(["node3"]);
      await expectNothingToDo(project);
    }, 600_000);

    test("while routers are relaunched, is finished by the next one", async () => {
      const cuts: Cut[] = [];
      for (;;) {
        const flag = cuts.length % 2 === 0 ? "--log-level=info" : "--log-level=debug";
        await setArgs(project, { extraFlags: ["--plugin=false", flag] });
        const cut = await upCut(cuts);
        if (cut !== undefined) {
          cuts.push(cut);
          await up(project);
        }
        await expectMesh(mesh, small, 20);
        for (const host of small) {
          const argv = await mesh.run(host, "docker inspect -f '{{json .Config.Cmd}}' weave");
          expect(argv).toContain(flag);
        }
        if (cut === undefined) break;
      }
      console.log(table(cuts).join("\n"));
      expect(cuts.map(({ at }) => at.command).join("\n")).toMatch(/launch/);
      await probes.answering();
      await expectNothingToDo(project);
    }, 600_000);

    test("while it is destroyed, is finished by the next one", async () => {
      await probes.removeAll();
      const run = project.start(["destroy", "--yes", "--skip-preview", "--parallel", "100"]);
      await gate.whileRunning(run.ended, ({ place }) => {
        if (place === "before") return "pass";
        kill(run, "engine");
        return "cut";
      });
      await afterKill(project, run);
      await destroy(project);
      await mesh.expectAsFresh();
    });
  });
}
