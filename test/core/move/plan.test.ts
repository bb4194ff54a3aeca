import { MOVE_STEPS, planMove } from "../../../provider/core/move/plan";
import type { PlacedReplica } from "../../../provider/core/replica/model";
import { UNKNOWN } from "../../../provider/core/unknown";

const on = (host: string, change: Partial<PlacedReplica> = {}): PlacedReplica => ({
  project: "shop",
  stack: "prod",
  deployment: "apples",
  service: "redis",
  index: 0,
  host,
  spec: { image: "redis:7", mounts: [{ type: "volume", volume: "data", target: "/data" }] },
  environment: {},
  volumes: {
    data: { id: "i", name: "apples_data", driver: "local", driverOptions: {}, external: false },
  },
  ip: "10.40.0.2",
  subnet: "10.40.0.0/24",
  dnsDomain: "weave.local",
  connections: {},
  verify: "manifest",
  healthTimeoutSeconds: 60,
  containerName: "apples-redis-0",
  dnsName: "redis.apples.weave.local",
  ...change,
});

test("who stays does not move", () => {
  expect(planMove(on("node1"), on("node1", { ip: "10.40.0.3" }))).toBeUndefined();
  expect(planMove(on("node1"), on(UNKNOWN))).toBeUndefined();
});

test("a move says what it keeps and what it copies", () => {
  expect(planMove(on("node1"), on("node2"))?.summary).toBe(
    "apples/redis moves node1 -> node2: keeps 10.40.0.2 and redis.apples.weave.local; copies apples_data while it runs, " +
      "then stops it for the last difference",
  );
  expect(planMove(on("node1"), on("node2", { environment: { A: "1" } }))?.summary).toMatch(
    /the changed container is made in the same stop$/,
  );
});

test("every step is planned once and in order; nothing is taken back from commit on", () => {
  const steps = planMove(on("node1"), on("node2"))!.steps;
  expect(steps.map(({ step }) => step)).toEqual(MOVE_STEPS);
  const withUndo = steps.filter(({ undo }) => undo !== undefined).map(({ step }) => step);
  expect(withUndo).toEqual([
    "prepare",
    "pre-copy",
    "fence",
    "stop",
    "final delta",
    "compare",
    "start",
  ]);
});
