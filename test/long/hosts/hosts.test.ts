import { MainStory } from "../../lab/main-story";
import { MeshLab } from "../../lab/weave/mesh-lab";
import { EngineLane } from "../move/engine-lane";
import { strike } from "./fault-steps";
import { resultsFile } from "./file";
import { KINDS } from "./kinds";
import { reportTable } from "./matrix";
import { readResults, Teller } from "./results";
import { FAULT_STEPS, STORY_STEPS, WEAVE_STEPS, type Step } from "./steps";
import { storySteps } from "./story-steps";
import { WeaveLife } from "./weave-life";

/**
 * Weave's short life, the main story and five faults of the move on every kind of host that the lab
 * makes. One kind: `npm run test:lab -- hosts -t trixie/28/overlay2`. `npm run docs:hosts` writes
 * what came of it into docs/hosts.md.
 */

// What hosts are made of may have to be built first.
jest.setTimeout(1_200_000);

const FILE = resultsFile();

afterAll(() => {
  process.stdout.write(`\n${reportTable(readResults(FILE))}\nThe matrix is in ${FILE} as well.\n`);
});

describe.each(Object.entries(KINDS))("%s", (kind, hosts) => {
  const teller = new Teller(FILE, kind);
  const purpose = `hosts-${kind.replaceAll(/\W/g, "-")}`;
  const before = <S extends Step>(step: S, all: readonly S[]) => all.slice(0, all.indexOf(step));

  describe("a network and an application", () => {
    const mesh = new MeshLab(purpose, hosts.length, hosts);
    const life = new WeaveLife(mesh);
    const story = new MainStory(mesh);
    const steps = storySteps(story, () => life.said);
    let restore: () => void;

    beforeAll(async () => {
      restore = mesh.beTheLab();
      await mesh.up();
    });
    afterAll(async () => {
      restore();
      await mesh.down();
    });

    test.each(WEAVE_STEPS)("%s", (step) =>
      teller.step(step, before(step, WEAVE_STEPS), life.steps[step]),
    );
    test.each(STORY_STEPS)("%s", (step) =>
      teller.step(step, before(step, STORY_STEPS), steps[step]),
    );
  });

  describe("a move that is struck", () => {
    const lane = new EngineLane(`${purpose}-faults`, hosts);
    beforeAll(() => lane.up());
    afterAll(() => lane.down());

    test.each(FAULT_STEPS)("%s", (step) => teller.step(step, [], () => strike(lane, step)));
  });
});
