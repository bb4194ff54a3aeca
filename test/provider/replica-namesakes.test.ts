import { LABELS } from "../../provider/core/identity";
import type { ContainerState } from "../../provider/core/adapter-ports";
import { namesake } from "../../provider/core/replica/same-name";
import { fakeReplica, IMAGE, messageOf, onNode1, REPLICA } from "./replica-fixture";

const DEV = "shop/dev/apples/redis/0";
const dev = {
  stack: "dev",
  ip: "10.44.0.2",
  subnet: "10.44.0.0/24",
  spec: { image: IMAGE },
  volumes: {},
};

test("a second stack's deployment of the same name is refused before anything is made", async () => {
  const { world, handler, placed, running } = await onNode1();
  const before = world.host("node2");
  expect(await messageOf(handler.create(placed("node2", dev)))).toBe(
    "making apples/redis failed on host 'node2': the DNS name 'redis.apples.weave.local' is taken: " +
      "'shop/prod/apples/redis/0' on host 'node1' answers for it. Give one of the two deployments another name, or remove " +
      "the other one if it is not wanted any more; nothing was changed.",
  );
  expect(world.host("node2")).toEqual(before);
  expect(running()).toEqual(["node1"]);
});

test.each([
  ["another service", { service: "store" }],
  ["another deployment", { deployment: "pears" }],
  ["another domain", { dnsDomain: "dev.local" }],
  ["a further replica", { stack: "prod", index: 1, ip: "10.40.0.3", subnet: "10.40.0.0/24" }],
])("%s is none of its business", async (_name, change) => {
  const { handler, placed, running } = await onNode1();
  await handler.create(placed("node2", { ...dev, ...change }));
  expect(running()).toEqual(["node1", "node2"]);
});

describe("where two stacks share a name already, as earlier versions let them", () => {
  async function both() {
    const it = await onNode1();
    const inputs = it.placed("node2", dev);
    // Made while the other one's host could not be asked.
    it.world.setFaults("node1", { down: true });
    const { outs } = await it.handler.create(inputs);
    it.world.setFaults("node1", { down: false });
    it.warned.length = 0;
    return { ...it, dev: outs };
  }
  const SHARED =
    "'shop/dev/apples/redis/0' on host 'node2' answers for 'redis.apples.weave.local' as well, so that clients may get to either";

  test("they go on, and a move tells of it", async () => {
    const { handler, placed, state, warned } = await both();
    const moved = await handler.update(REPLICA, state, placed("node3"));
    expect(moved.host).toBe("node3");
    expect(warned[0]).toContain(`apples/redis: ${SHARED}. Give one of the two`);
  });

  test("a refresh tells of it, and shows no drift", async () => {
    const { handler, state, warned } = await both();
    const found = await handler.read(REPLICA, state);
    expect(found?.outs.health).toBe(SHARED);
    expect(found?.inputs?.containerName).toBe("apples-redis-0");
    expect(warned).toEqual([`apples/redis: ${SHARED}`]);
  });
});

test("containers from before its deployment was renamed are its own", () => {
  const replica = fakeReplica().placed("node1");
  const container = {
    domainname: "apples.weave.local",
    labels: {
      [LABELS.replica]: DEV,
      [LABELS.project]: "shop",
      [LABELS.stack]: "dev",
      [LABELS.deployment]: "apples",
      [LABELS.service]: "redis",
    },
  } as unknown as ContainerState;
  expect(namesake(container, replica)).toBe(DEV);
  expect(namesake(container, { ...replica, formerly: ["shop/dev/apples"] })).toBeUndefined();
});
