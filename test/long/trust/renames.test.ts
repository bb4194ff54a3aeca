import { join } from "node:path";

import type { PulumiProject } from "../../../lab";
import { MeshLab } from "../../lab/weave/mesh-lab";
import { destroy, expectNothingToDo, up } from "../../lab/weave/runs";

/**
 * Names in a program are only names: real programs rename a cluster, a host, a stack, or lose their
 * state, and the same routers and the same container go on, with their data.
 */
jest.setTimeout(240_000);

const mesh = new MeshLab("renames", 3);
const all = ["node1", "node2", "node3"];
const CONTAINER = "apples-redis-0";
let project: PulumiProject;

beforeAll(async () => {
  await mesh.up();
  const program = join(__dirname, "..", "..", "lab", "programs", "trust");
  project = await mesh.project(program, all);
  await project.setConfig("cluster", "net");
  await project.setConfig("replicaHost", "node1");
  await up(project);
  await mesh.run("node1", `docker exec ${CONTAINER} redis-cli set mark kept`);
});
afterAll(() => mesh.down());

const routers = () =>
  Promise.all(
    all.map((host) =>
      mesh.run(host, "docker inspect -f '{{.Id}} {{.State.StartedAt}} {{.RestartCount}}' weave"),
    ),
  );
const container = () =>
  mesh.run("node1", `docker inspect -f '{{.Id}} {{.State.StartedAt}}' ${CONTAINER}`);
const mark = async () =>
  (await mesh.run("node1", `docker exec ${CONTAINER} redis-cli get mark`)).trim();
const replica = async () =>
  ((await project.outputs())["replicas"] as { host: string; ip: string }[])[0];

async function expectUntouched(change: () => Promise<void>): Promise<void> {
  const before = [await routers(), await container(), (await replica())?.ip];
  await change();
  expect([await routers(), await container(), (await replica())?.ip]).toEqual(before);
  expect(await mark()).toBe("kept");
  await expectNothingToDo(project);
}

test("a cluster that is renamed with an alias: nothing is touched", async () => {
  await expectUntouched(async () => {
    await project.setConfig("cluster", "mesh");
    await project.setConfig("formerCluster", "net");
    await up(project);
  });
});

test("a cluster that is renamed without one: it is handed over, and no router is reset", async () => {
  await expectUntouched(async () => {
    await project.quietly(["config", "rm", "formerCluster"]);
    await project.setConfig("cluster", "other");
    await up(project);
  });
});

test("a host that is renamed is the same machine: its replica stays as it is", async () => {
  await expectUntouched(async () => {
    const { host, port, user, hostKey } = mesh.connection("node1");
    const others = all.slice(1).map((name) => [name, mesh.connection(name)] as const);
    const named = Object.fromEntries(
      others.map(([name, { privateKey: _, ...way }]) => [name, way] as const),
    );
    const hosts = { alpha: { host, port, user, hostKey }, ...named };
    await project.setConfig("hosts", JSON.stringify(hosts));
    await project.setConfig("replicaHost", "alpha");
    await up(project);
    expect((await replica())?.host).toBe("alpha");
  });
});

test("a state that is lost: the next `up` takes over what runs, where it runs", async () => {
  await expectUntouched(async () => {
    await project.quietly(["config", "rm", "replicaHost"]);
    await project.quietly(["stack", "rm", "--force", "--yes", "--preserve-config"]);
    await project.quietly(["stack", "init", "lab"]);
    await up(project);
    expect((await replica())?.host).toBe("alpha");
  });
});

test("another stack's name: what it was called before is accepted by name, in words", async () => {
  const data = await mark();
  const { ip } = (await replica())!;
  await project.quietly(["stack", "rename", "production"]);
  await project.setConfig("formerly", "trust/lab");
  const preview = await project.quietly(["preview"]);
  expect(preview).toContain("trust/lab");
  await up(project);
  expect((await replica())?.ip).toBe(ip);
  expect(await mark()).toBe(data);
  await expectNothingToDo(project);
});

test("destroy leaves nothing", async () => {
  await destroy(project);
  await mesh.expectAsFresh();
});
