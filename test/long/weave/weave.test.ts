import { MeshLab } from "../../lab/weave/mesh-lab";
import { uniformStory } from "./stories/uniform";

/**
 * Weave's whole life on five real hosts, by real Pulumi programs. The hosts come up once; each story begins and ends on
 * hosts without a network. One alone: `npm run test:lab -- weave -t "grows and shrinks"`.
 */
jest.setTimeout(300_000);

const mesh = new MeshLab("weave-long", 5);

beforeAll(() => mesh.up());
afterAll(() => mesh.down());

uniformStory(mesh);
