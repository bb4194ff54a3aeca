import { CommandStops } from "../../lab/weave/command-stops";
import { MeshLab } from "../../lab/weave/mesh-lab";
import { changeStory } from "./stories/changes";
import { interruptionStory } from "./stories/interruptions";
import { existingStory } from "./stories/existing";
import { lockStory } from "./stories/locks";
import { lossStory } from "./stories/losses";
import { mistakeStory } from "./stories/mistakes";
import { observerStory } from "./stories/observers";
import { rebootStory } from "./stories/reboots";
import { topologyStory } from "./stories/topologies";
import { troubleStory } from "./stories/troubles";
import { uniformStory } from "./stories/uniform";

/**
 * Weave's whole life on five real hosts, by real Pulumi programs. The hosts come up once; each
 * story begins and ends on hosts without a network. One alone: `npm run test:lab -- weave -t "grows
 * and shrinks"`.
 */
jest.setTimeout(300_000);

const mesh = new MeshLab("weave-long", 5);
const stops = new CommandStops(mesh);

beforeAll(async () => {
  await mesh.up();
  await stops.install();
  mesh.whenStarted = () => stops.install();
  await mesh.takeSnapshots();
});
afterAll(() => mesh.down());

topologyStory(mesh);
uniformStory(mesh);
observerStory(mesh, stops);
changeStory(mesh);
lossStory(mesh, stops);
rebootStory(mesh);
troubleStory(mesh);
mistakeStory(mesh);
lockStory(mesh, stops);
existingStory(mesh, stops);
interruptionStory(mesh, stops);
