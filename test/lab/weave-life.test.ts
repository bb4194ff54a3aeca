import { expectMesh, targetsByHost } from "./weave/mesh-facts";
import { MeshLab } from "./weave/mesh-lab";
import { Observer } from "./weave/observer";
import { Probes } from "./weave/probes";
import { destroy, expectNothingToDo, up } from "./weave/runs";
import { join } from "node:path";

import type { PulumiProject } from "../../lab";

/**
 * A cluster's life in short, by a real Pulumi program on real hosts: a fixed core, an observer that
 * joins by itself and is adopted, a rolling relaunch, a host that is lost. test/long/weave tells
 * all of it.
 */
jest.setTimeout(120_000);

const mesh = new MeshLab("weave-life", 3);
const probes = new Probes(mesh);
const core = ["node1", "node2"];
const all = [...core, "node3"];
let project: PulumiProject;

const cluster = (more: object = {}) =>
  project.setConfig("args", JSON.stringify({ topology: "fixed", core, ...more }));
const routerOf = (host: string) =>
  mesh.run(host, "docker inspect -f '{{.Id}} {{.State.StartedAt}}' weave");

beforeAll(async () => {
  await mesh.up();
  project = await mesh.project(join(__dirname, "programs", "weave"), core, {
    password: "open sesame, weave",
  });
});
afterAll(() => mesh.down());

test("a core of two comes to be, and holds all of the range", async () => {
  await cluster();
  await up(project);
  const found = await expectMesh(mesh, core);
  expect(found.get("node1")?.encrypted).toBe(true);
  await probes.add(...core);
});

test("an observer joins by the boot script alone, and the program adopts it", async () => {
  const script = await project.quietly(["stack", "output", "bootScript", "--show-secrets"]);
  await mesh.runWithInput(
    "node3",
    "cat >/root/b && sh /root/b; code=$?; rm /root/b; exit $code",
    script,
  );
  const found = await expectMesh(mesh, all, 60);
  expect(targetsByHost(mesh, found)["node3"]).toEqual(core);
  const before = await routerOf("node3");
  await mesh.setHosts(project, all);
  await up(project);
  expect(await routerOf("node3")).toBe(before);
  expect((await project.outputs())["health"]).toMatchObject({ status: "healthy", problems: [] });
});

test("another flag relaunches one router at a time; hosts get addresses, and things outside names", async () => {
  await cluster({
    extraFlags: ["--plugin=false", "--log-level=debug"],
    peers: { node1: { expose: "10.44.0.101/24" } },
    dnsEntries: { "printer.weave.local": "192.0.2.9" },
  });
  const observer = new Observer(mesh, all);
  try {
    const { loss } = await probes.during(() => up(project));
    expect(
      observer
        .outages()
        .map(({ host }) => host)
        .toSorted(),
    ).toEqual(all);
    expect(observer.overlaps()).toEqual([]);
    expect(loss.mostLostByOnePair).toBeLessThanOrEqual(75);
  } finally {
    observer.stop();
  }
  await expectMesh(mesh, all);
  await mesh.run("node2", "docker exec prober ping -c 1 -w 20 10.44.0.101");
  expect(await mesh.run("node3", "weave dns-lookup printer.weave.local")).toMatch(
    /^(192\.0\.2\.9\n)+$/,
  );
  await expectNothingToDo(project);
});

test("a host that is gone and taken out of the program leaves its space to the others", async () => {
  await mesh.powerOff("node3");
  await mesh.setHosts(project, core);
  const { loss } = await probes.during(() => up(project));
  await expectMesh(mesh, core);
  expect(loss.mostLostByOnePair).toBeLessThanOrEqual(5);
});

test("it comes back as a new peer, and everything goes without a trace", async () => {
  await mesh.start("node3");
  await mesh.setHosts(project, all);
  await up(project);
  await expectMesh(mesh, all, 20);
  await probes.removeAll();
  await destroy(project);
  await mesh.expectAsFresh();
});
