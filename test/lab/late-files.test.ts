import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { MeshLab } from "./weave/mesh-lab";
import { destroy, expectNothingToDo, up } from "./weave/runs";

/** Files whose content another resource says once it has been made, on a real host. */
jest.setTimeout(600_000);

const hosts = new MeshLab("late-files", 1);
let project: PulumiProject;

const inBox = (command: string) => hosts.run("node1", `docker exec apples-box-0 ${command}`);

beforeAll(async () => {
  await hosts.up();
  project = await hosts.project(join(__dirname, "programs", "late-files"), hosts.names);
  await project.setConfig("site", "one");
});
afterAll(() => hosts.down());

test("a preview shows the service, and `up` brings what the outputs said", async () => {
  expect(await project.quietly(["preview", "--diff"])).toContain("apples-box-0");
  await up(project);
  expect(await inBox("cat /site /run/secrets/token")).toBe("server one;\nt0ken-that-comes-late");
  const inspected = await hosts.run("node1", "docker inspect apples-box-0");
  expect(inspected).not.toContain("t0ken-that-comes-late");
  await expectNothingToDo(project);
});

test("another output is another file, in another container", async () => {
  await project.setConfig("site", "two");
  await up(project);
  expect(await inBox("cat /site")).toBe("server two;\n");
  await expectNothingToDo(project);
  await destroy(project);
  await hosts.expectAsFresh();
});
