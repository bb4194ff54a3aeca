import { createHash } from "crypto";
import { LABELS } from "../../provider/core/identity";
import type { ImageState } from "../../provider/core/adapter-ports";
import { fakeReplica, IMAGE, messageOf, onNode1, program, REPLICA } from "./replica-fixture";

const id = (of: string) => `sha256:${createHash("sha256").update(of).digest("hex")}`;
const image = (of: string, more: Partial<ImageState> = {}): ImageState => ({
  id: id(of),
  sizeBytes: 2_000_000,
  architecture: "amd64",
  ...more,
});
const OWN = id(IMAGE);
const OTHER = image("an older redis");

/** Moves have a replica on node1; the name of its image means another one on node2. */
async function otherThere() {
  const it = await onNode1();
  it.world.change(({ hosts }) => (hosts["node2"]!.images[IMAGE] = OTHER));
  const container = (host: string) => it.world.host(host).containers[0]!;
  return { ...it, container };
}

test("a move takes the very image along, and the name on the target keeps its meaning", async () => {
  const { world, handler, placed, state, warned, container } = await otherThere();
  const moved = await handler.update(REPLICA, state, placed("node2"));
  expect(moved.imageId).toBe(OWN);
  expect(container("node2").imageId).toBe(OWN);
  expect(container("node2").request.labels[LABELS.image]).toBe(IMAGE);
  expect(world.host("node2").images[IMAGE]).toEqual(OTHER);
  expect(warned).toEqual([
    `apples/redis: 'redis:7' means another image on host 'node2' (${OTHER.id.slice(7, 19)}) than the one that it runs ` +
      `(${OWN.slice(7, 19)}). It keeps its own there, by its id; a later change of the replica takes what the name means there`,
  ]);
});

test("and so does the move back, and one to a host without the image", async () => {
  const { world, handler, placed, state, container } = await otherThere();
  world.change(({ hosts }) => (hosts["node3"]!.images = {}));
  let moved = await handler.update(REPLICA, state, placed("node2"));
  for (const host of ["node3", "node1", "node2"]) {
    moved = await handler.update(REPLICA, moved, placed(host));
    expect([moved.imageId, container(host).imageId]).toEqual([OWN, OWN]);
  }
  expect(container("node2").request.spec.image).toBe(OWN);
});

test("without another meaning there, the name comes along", async () => {
  const { world, handler, placed, state, warned } = await onNode1();
  world.change(({ hosts }) => (hosts["node2"]!.images = {}));
  await handler.update(REPLICA, state, placed("node2"));
  const { images, containers } = world.host("node2");
  expect(Object.keys(images)).toEqual([IMAGE]);
  expect(containers[0]!.request.spec.image).toBe(IMAGE);
  expect(warned).toEqual([]);
});

test("what the source's name means by now is not what moves", async () => {
  const { world, handler, placed, state } = await onNode1();
  world.change(({ hosts }) => {
    const { images } = hosts["node1"]!;
    images[OWN] = images[IMAGE]!;
    images[IMAGE] = OTHER;
    hosts["node2"]!.images = {};
  });
  const moved = await handler.update(REPLICA, state, placed("node2"));
  expect(moved.imageId).toBe(OWN);
  expect(Object.keys(world.host("node2").images)).toEqual([OWN]);
});

test("the same image under another id, as another store has it, is not sent again", async () => {
  const digests = ["redis@sha256:manifest"];
  const { world, handler, placed, state, reported } = await onNode1(
    fakeReplica().world.addImage(IMAGE, "node1"),
  );
  world.change(({ hosts }) => {
    hosts["node1"]!.images[IMAGE] = image(IMAGE, { digests });
    hosts["node2"]!.images[IMAGE] = image("manifest", { digests });
  });
  const moved = await handler.update(REPLICA, state, placed("node2"));
  expect(moved.imageId).toBe(id("manifest"));
  expect(reported.filter((line) => line.includes("sending"))).toEqual([]);
});

test("an image that cannot be compared is sent", async () => {
  const content = { layers: ["sha256:l"], config: {} };
  const { world, handler, placed, state } = await otherThere();
  world.change(({ hosts }) => (hosts["node1"]!.images[IMAGE] = image(IMAGE, { content })));
  expect((await handler.update(REPLICA, state, placed("node2"))).imageId).toBe(OWN);
});

test("where it cannot be sent, a registry gives the same by its digest, and never another by its name", async () => {
  const digests = ["redis@sha256:manifest"];
  const { world, handler, placed, state, running } = await otherThere();
  world.change(({ hosts, registry }) => {
    hosts["node1"]!.images[IMAGE] = image(IMAGE, { digests });
    hosts["node3"]!.images = {};
    registry[IMAGE] = image("a newer redis");
  });
  world.failNext("node2", { call: "docker.loadImage", reason: "no" });
  expect(await messageOf(handler.update(REPLICA, state, placed("node2")))).toContain(
    `bringing the image that apples/redis runs ('redis:7', ${OWN.slice(7, 19)}) failed on host 'node2'`,
  );
  expect(running()).toEqual(["node1"]);
  world.change(({ registry }) => (registry[digests[0]!] = image(IMAGE, { digests })));
  world.failNext("node2", { call: "docker.loadImage", reason: "no" });
  const moved = await handler.update(REPLICA, state, placed("node2"));
  expect(moved.imageId).toBe(OWN);
  expect(world.host("node2").images[IMAGE]).toEqual(OTHER);
});

test("a new image in the program is what runs, together with the move", async () => {
  const { world, handler, placed, state, container } = await otherThere();
  world.addImage("redis:8", "node2");
  const { spec } = program("node2");
  const changed = placed("node2", { spec: { ...spec, image: "redis:8" } });
  const moved = await handler.update(REPLICA, state, changed);
  expect([moved.imageId, container("node2").imageId]).toEqual([id("redis:8"), id("redis:8")]);
});

test("a change in place takes what the name means there, as ever", async () => {
  const { handler, placed, state } = await otherThere();
  const moved = await handler.update(REPLICA, state, placed("node2"));
  const changed = placed("node2", { environment: { PASSWORD: "new" } });
  expect((await handler.update(REPLICA, moved, changed)).imageId).toBe(OTHER.id);
});

test("a preview that estimates says so", async () => {
  const { handler, placed, state, warned } = await otherThere();
  await handler.foretell!(state, placed("node2"), { ...program("node2"), estimate: true });
  expect(warned).toEqual([
    expect.stringContaining("'redis:7' means another image on host 'node2'"),
  ]);
});

test("one that is started from its last copy runs the image that it ran", async () => {
  const { world, handler, placed, state } = await onNode1();
  const there = await handler.update(REPLICA, state, placed("node2"));
  world.change(({ hosts }) => {
    const { images } = hosts["node1"]!;
    images[OWN] = images[IMAGE]!;
    images[IMAGE] = OTHER;
  });
  world.setFaults("node2", { down: true });
  const lost = placed("node1", { onSourceLost: "useLastCopy" });
  expect((await handler.update(REPLICA, there, lost)).imageId).toBe(OWN);
});

test("an image for another kind of processor is not sent to a host that cannot run it", async () => {
  const { world, placed, handler } = fakeReplica();
  world.change(({ hosts, registry }) => {
    Reflect.deleteProperty(registry, IMAGE);
    for (const host of ["node2", "node3"]) hosts[host]!.images = {};
    hosts["node2"]!.architecture = "arm64";
  });
  expect(await messageOf(handler.create(placed("node2")))).toMatch(
    /host 'node1' has 'redis:7' for amd64, and host 'node2' is arm64\. .*make it available in a registry/,
  );
  expect(world.host("node2").images).toEqual({});
});

test("a preview that estimates says that a move to another kind of processor is refused", async () => {
  const { world, handler, placed, state, warned } = await onNode1();
  world.change(({ hosts }) => (hosts["node2"]!.architecture = "arm64"));
  await handler.foretell!(state, placed("node2"), { ...program("node2"), estimate: true });
  expect(warned).toEqual([
    "apples/redis: `up` will refuse to move it: host 'node1' is amd64, host 'node2' is arm64",
  ]);
});
