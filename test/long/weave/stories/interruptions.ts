import type { PulumiProject } from "../../../../lab";
import type { CommandStops, Passage } from "../../../lab/weave/command-stops";
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
interface Interruption {
  readonly victim: Victim;
  readonly at: Passage;
}

export function interruptionStory(mesh: MeshLab, stops: CommandStops): void {
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
    const interruptedUp = async (
      earlier: readonly Interruption[],
    ): Promise<Interruption | undefined> => {
      const done = new Set(earlier.map(({ at }) => placeOf(at)));
      const victim: Victim = earlier.length % 2 === 0 ? "provider" : "engine";
      const run = project.start(UP);
      const interruption: { at?: Passage } = {};
      await stops.whileRunning(run.ended, (passage) => {
        if (done.has(placeOf(passage))) return "pass";
        interruption.at = passage;
        kill(run, victim);
        return "cut";
      });
      if (interruption.at !== undefined) {
        await afterKill(project, run);
        return { victim, at: interruption.at };
      }
      const { code } = await run.ended;
      expect({ code, said: code === 0 ? "" : run.said() }).toEqual({ code: 0, said: "" });
      return undefined;
    };

    /**
     * Brings the program to these hosts, cut at each passage in turn, with a way back after each.
     */
    const interruptEverywhere = async (
      to: readonly string[],
      back: () => Promise<unknown>,
    ): Promise<Interruption[]> => {
      const interruptions: Interruption[] = [];
      for (;;) {
        await mesh.setHosts(project, to);
        const interruption = await interruptedUp(interruptions);
        if (interruption !== undefined) {
          interruptions.push(interruption);
          await up(project);
        }
        await expectMesh(mesh, to, 20);
        if (interruption === undefined) return interruptions;
        await back();
      }
    };
    const table = (interruptions: readonly Interruption[]) =>
      interruptions.map(
        ({ victim, at }) => `${victim} killed ${at.place} '${at.command}' on ${at.host}`,
      );

    test("while the first network is made, is finished by the next one", async () => {
      const interruptions = await interruptEverywhere(small, () => destroy(project));
      console.log(table(interruptions).join("\n"));
      expect(interruptions.map(({ at }) => at.command).join("\n")).toMatch(/launch/);
      await expectNothingToDo(project);
    }, 600_000);

    test("while a cluster grows, is finished by the next one; what runs on it notices nothing", async () => {
      await probes.add(...small);
      const { result: interruptions, loss } = await probes.during(() =>
        interruptEverywhere(large, async () => {
          await mesh.setHosts(project, small);
          await up(project);
        }),
      );
      console.log(table(interruptions).join("\n"), loss);
      expect(interruptions.map(({ at }) => at.command).join("\n")).toMatch(/launch/);
      expect(loss).toMatchObject({ pairs: 2 });
      expect(loss.mostLostByOnePair).toBeLessThanOrEqual(5);
      await expectNothingToDo(project);
    }, 600_000);

    test("while it shrinks, is finished by the next one; the space comes back", async () => {
      const { result: interruptions, loss } = await probes.during(() =>
        interruptEverywhere(small, async () => {
          await mesh.setHosts(project, large);
          await up(project);
        }),
      );
      console.log(table(interruptions).join("\n"), loss);
      expect(interruptions.map(({ at }) => at.command).join("\n")).toMatch(/reset/);
      expect(loss.mostLostByOnePair).toBeLessThanOrEqual(5);
      await mesh.expectAsFresh(["node3"]);
      await expectNothingToDo(project);
    }, 600_000);

    test("while routers are relaunched, is finished by the next one", async () => {
      const interruptions: Interruption[] = [];
      for (;;) {
        const flag = interruptions.length % 2 === 0 ? "--log-level=info" : "--log-level=debug";
        await setArgs(project, { extraFlags: ["--plugin=false", flag] });
        const interruption = await interruptedUp(interruptions);
        if (interruption !== undefined) {
          interruptions.push(interruption);
          await up(project);
        }
        await expectMesh(mesh, small, 20);
        for (const host of small) {
          const argv = await mesh.run(host, "docker inspect -f '{{json .Config.Cmd}}' weave");
          expect(argv).toContain(flag);
        }
        if (interruption === undefined) break;
      }
      console.log(table(interruptions).join("\n"));
      expect(interruptions.map(({ at }) => at.command).join("\n")).toMatch(/launch/);
      await probes.answering();
      await expectNothingToDo(project);
    }, 600_000);

    test("while it is destroyed, is finished by the next one", async () => {
      await probes.removeAll();
      const run = project.start(["destroy", "--yes", "--skip-preview", "--parallel", "100"]);
      await stops.whileRunning(run.ended, ({ place }) => {
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
