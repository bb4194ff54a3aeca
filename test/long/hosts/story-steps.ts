import type { MainStory } from "../../lab/main-story";
import { foreignWords } from "./foreign-words";
import type { StoryStep } from "./steps";

const down = (milliseconds: number) => `down ${milliseconds} ms`;

function changes(count: number): string {
  expect(count).toBe(0);
  return "0 changes";
}

/** @param alsoSaid what other runs on these hosts have said */
export function storySteps(
  story: MainStory,
  alsoSaid: () => readonly string[],
): Readonly<Record<StoryStep, () => Promise<string>>> {
  return {
    "`up`": async () => {
      await story.begin();
      await story.comesUp();
      return "ok";
    },
    "second `up`": async () => changes(await story.upAgain()),
    "`docker restart`": async () => down(await story.restartContainer()),
    "move under a writer": async () => down(await story.moveTo("node2")),
    "`docker restart` where it moved to": async () => down(await story.restartContainer()),
    "daemon restarted": async () => down(await story.restartDaemon()),
    "host rebooted": async () => {
      const gap = await story.reboot();
      await story.collectorsAreWell();
      return down(gap);
    },
    "`up --refresh`": async () => changes(await story.upAgain("--refresh")),
    "move home": async () => down(await story.moveTo("node1")),
    "acknowledged writes": async () => `${await story.nothingIsLost()}, 0 lost`,
    "`destroy`, and nothing left": async () => {
      await story.leavesNothing();
      return "ok";
    },
    "words that are only Docker's or Weave's": () => {
      const said = [...alsoSaid(), ...story.said];
      expect(said.length).toBeGreaterThan(5);
      expect(said.flatMap(foreignWords)).toEqual([]);
      return Promise.resolve("none");
    },
  };
}
