import { completeKind } from "../../../lab";
import { loadImages, offerImages } from "../../../lab/images";
import { MeshLab } from "../../lab/weave/mesh-lab";
import { destroy, expectNothingToDo, up } from "../../lab/weave/runs";
import { Apples } from "./apples";

/**
 * From weaveworks' Weave Net to reWeave, one host at a time, under a cluster that is used: on a
 * Docker that takes both, and with the weave command that the hosts have always had.
 */

const mesh = new MeshLab("rolling-weave", 3);
const apples = new Apples(mesh);
const REWEAVE = { version: "2.9.0", images: "rajchaudhuri" };
/** Where a registry of one's own would have them. */
const OWN = "registry.example:5000/mirror";

let before: Record<string, string>;

jest.setTimeout(900_000);

beforeAll(async () => {
  await mesh.up();
  // No registry can be reached from here, so the images are there before they are asked for.
  const kind = completeKind({ weave: "weave-as-reweave" });
  const imagesOf = await offerImages(mesh.lab, [completeKind({}), kind], () => undefined);
  for (const name of mesh.names) {
    await loadImages(mesh.lab, mesh.host(name), imagesOf(kind));
    for (const image of ["weave:2.9.0", "weaveexec:2.9.0", "weavedb:latest"])
      await mesh.run(name, `docker tag rajchaudhuri/${image} ${OWN}/${image}`);
  }
  await mesh.takeSnapshots();
  await apples.start();
  before = await apples.addresses();
});
afterAll(() => mesh.down());

const routers = async () => (await apples.routers()).map((router) => router.split(" ")[0]);

test("begins with weaveworks' on every host", async () => {
  expect(new Set(await routers())).toEqual(new Set(["weaveworks/weave:2.6.5"]));
});

test.each([
  ["node2", ["weaveworks/weave:2.6.5", "rajchaudhuri/weave:2.9.0", "weaveworks/weave:2.6.5"]],
  ["node1", ["rajchaudhuri/weave:2.9.0", "rajchaudhuri/weave:2.9.0", "weaveworks/weave:2.6.5"]],
  ["node3", ["rajchaudhuri/weave:2.9.0", "rajchaudhuri/weave:2.9.0", "rajchaudhuri/weave:2.9.0"]],
])("changes on %s alone, and every container keeps its address", async (host, expected) => {
  const done = ["node2", "node1", "node3"].slice(0, ["node2", "node1", "node3"].indexOf(host) + 1);
  const weave = Object.fromEntries(done.map((name) => [name, { weave: REWEAVE }]));
  await apples.set({ peers: weave });
  const loss = await apples.during(`reWeave on ${host}`, () => up(apples.project));
  expect(loss.pairs).toBe(6);
  expect(await routers()).toEqual(expected);
  expect(await apples.addresses()).toEqual(before);
});

test("the same said for the whole cluster changes nothing, and there is nothing left to do", async () => {
  await apples.set({ weave: REWEAVE });
  await up(apples.project);
  expect(await apples.project.lastChanges()).toBe(0);
  await expectNothingToDo(apples.project);
});

test("containers of before are started again by the new router, with their addresses", async () => {
  const { host, containerName } = await apples.redis();
  await apples.during("restarts", async () => {
    await mesh.run(host, `docker restart -t 5 ${containerName}`);
    await mesh.run("node2", "docker restart -t 1 prober");
  });
  expect(await apples.addresses()).toEqual(before);
});

test("a registry of one's own, and a command that is elsewhere: at once and at boot", async () => {
  await mesh.run("node2", "mkdir -p /opt/weave && mv /usr/local/bin/weave /opt/weave/net");
  const own = { images: OWN, command: "/opt/weave/net" };
  await apples.set({ weave: REWEAVE, peers: { node2: { weave: own } } });
  await apples.during("images of one's own on node2", () => up(apples.project));
  expect((await routers())[1]).toBe(`${OWN}/weave:2.9.0`);
  await expectNothingToDo(apples.project);
  // The boot unit brings it back as it is, without Pulumi.
  await mesh.run("node2", "docker rm -f weave");
  await mesh.run("node2", "systemctl restart pulumi-ferry-weave.service");
  await apples.answering();
  expect((await routers())[1]).toBe(`${OWN}/weave:2.9.0`);
  expect(await apples.addresses()).toEqual(before);
});

test("redis moves with its address, and no acknowledged write was lost on all its ways", async () => {
  const peers = { node2: { weave: { images: OWN, command: "/opt/weave/net" } } };
  await apples.set({ weave: REWEAVE, peers }, "node2");
  await apples.during("the move", () => up(apples.project));
  expect((await apples.redis()).host).toBe("node2");
  expect(await apples.addresses()).toEqual(before);
  await apples.expectNothingLost();
});

test("it goes, and leaves the hosts as they were", async () => {
  await apples.removeProbes();
  await destroy(apples.project);
  await mesh.run("node2", "mv /opt/weave/net /usr/local/bin/weave && rmdir /opt/weave");
  await mesh.expectAsFresh();
});
