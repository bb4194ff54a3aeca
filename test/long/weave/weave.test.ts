import { CommandGate } from "../../lab/weave/command-gate";
import { MeshLab } from "../../lab/weave/mesh-lab";
import { changeStory } from "./stories/changes";
import { cutStory } from "./stories/cuts";
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
const gate = new CommandGate(mesh);

beforeAll(async () => {
  await mesh.up();
  await gate.install();
  mesh.whenStarted = () => gate.install();
  await mesh.takeSnapshots();
});
afterAll(() => mesh.down());

topologyStory(mesh);
uniformStory(mesh);
observerStory(mesh, gate);
changeStory(mesh);
lossStory(mesh, gate);
rebootStory(mesh);
troubleStory(mesh);
mistakeStory(mesh);
lockStory(mesh, gate);
existingStory(mesh, gate);
cutStory(mesh, gate);
