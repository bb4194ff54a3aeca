import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { FlockerLab } from "./flocker-lab";
import { MeshLab } from "./weave/mesh-lab";
import { destroy, expectNothingToDo, up } from "./weave/runs";

/** A compose file with a volume of Flocker's, by a real program on real hosts. */
jest.setTimeout(1_800_000);

const hosts = new MeshLab("flocker-program", 2);
const flocker = new FlockerLab(hosts);
let project: PulumiProject;

const redis = async (host: string, command: string) =>
  (await hosts.run(host, `docker exec app-redis-0 redis-cli ${command}`)).trim();
const where = () => [flocker.on("app_demo"), flocker.leasedTo("app_demo")];

beforeAll(async () => {
  await hosts.up();
  await flocker.up();
  project = await hosts.project(join(__dirname, "programs", "flocker"), hosts.names);
  const { control, ...secrets } = flocker.server.settings();
  await project.setConfig("control", control);
  for (const [name, pem] of Object.entries(secrets))
    await project.setConfig(name, pem, { secret: true });
  await project.setConfig("host", "node1");
});
afterAll(async () => {
  await flocker.down();
  await hosts.down();
});

test("its volume is made, attached and kept by the control service; another run has nothing to do", async () => {
  await up(project);
  await redis("node1", "rpush whales 100:100 200:100 100:200 200:200");
  expect(where()).toEqual(["node1", "node1"]);
  await expectNothingToDo(project);
});

test("its marks are there in their order on the other host, and nobody had to ask for them", async () => {
  await project.setConfig("host", "node2");
  expect(await up(project)).toMatch(/Flocker moves it here/);
  expect((await redis("node2", "lrange whales 0 -1")).split("\n")).toEqual([
    "100:100",
    "200:100",
    "100:200",
    "200:200",
  ]);
  expect([where(), flocker.plugin.asked]).toEqual([["node2", "node2"], []]);
  await expectNothingToDo(project);
});

test("what opens the control service is in no state in clear, and on no host", async () => {
  const { stdout } = await project.run(["stack", "export"]);
  expect(stdout).toContain(flocker.server.url);
  const files = "grep -rlF -e 'PRIVATE KEY' /var/lib/ferry /etc/flocker 2>/dev/null; exit 0";
  expect(stdout).not.toMatch(/BEGIN (EC )?PRIVATE KEY/);
  for (const host of hosts.names) expect(await hosts.run(host, files)).toBe("");
});

test("destroying it, without the program, deletes the dataset and leaves no lease", async () => {
  await destroy(project);
  expect(flocker.server.named("app_demo")).toEqual([]);
  expect(flocker.server.agents.leases.size).toBe(0);
});
