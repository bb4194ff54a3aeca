import { volumeDrivers } from "../../../provider/adapters/volume/drivers";
import { MOVE_STEPS, planMove } from "../../../provider/core/move/plan";
import type { Guidance, PlacedReplica } from "../../../provider/core/replica/model";
import { UNKNOWN } from "../../../provider/core/unknown";
import { redis } from "../replica/replica-fixture";

const on = (host: string, change: Partial<PlacedReplica> = {}): PlacedReplica => ({
  ...redis,
  host,
  connections: {},
  verify: "manifest",
  healthTimeoutSeconds: 60,
  containerName: "apples-redis-0",
  dnsName: "redis.apples.weave.local",
  ...change,
});

const plan = (old: PlacedReplica, next: PlacedReplica, guidance: Guidance = {}) =>
  planMove(old, next, guidance, volumeDrivers);

test("who stays does not move", () => {
  expect(plan(on("node1"), on("node1", { ip: "10.40.0.3" }))).toBeUndefined();
  expect(plan(on("node1"), on(UNKNOWN))).toBeUndefined();
});

const hosts = { node1: { host: "n1" }, node2: { host: "n2" } };
const linesOf = (change: Partial<PlacedReplica> = {}, guidance: Guidance = {}) =>
  plan(on("node1"), on("node2", { connections: hosts, ...change }), guidance)!.summary.split("\n");

test("one on its host's network keeps no address", () => {
  const spec = { image: "redis:7", networkNamespace: "host" } as const;
  expect(linesOf({ spec })[0]).toMatch(
    /^apples\/redis moves node1 -> node2: its address is node2's from then on, as it is on its host's network; /,
  );
});

test("a move says what it keeps, what it copies, and its steps", () => {
  expect(linesOf()).toEqual([
    "apples/redis moves node1 -> node2: keeps 10.40.0.2 and redis.apples.weave.local; copies apples_data while it runs, " +
      "then stops it for the last difference",
    "  steps: preflight, prepare (node2), pre-copy (node1 -> node2), fence, stop (node1), final delta, compare, " +
      "start, commit (node2), retire (node1); what fails before commit is taken back, and it runs on node1 as before",
  ]);
  expect(linesOf({ environment: { A: "1" } })[0]).toMatch(
    /the changed container is made in the same stop$/,
  );
});

test("a move says why, when nobody named its host", () => {
  expect(linesOf({}, { draining: ["node1"] })[1]).toBe("  why: host 'node1' is to be drained");
  expect(linesOf({ connections: { node2: { host: "n2" } } })[1]).toBe(
    "  why: host 'node1' has left the program",
  );
});

test("a move says who comes with it, its hooks, and what would be lost", () => {
  const change: Partial<PlacedReplica> = {
    quiesce: { argv: ["/bin/sh", "-c", "secret"], seconds: 10 },
    resume: { argv: ["go"], seconds: 30 },
    maxBandwidth: 50_000_000,
    onSourceLost: "useLastCopy",
  };
  const lines = linesOf(change, { sharesWith: { data: ["apples/backup", "apples/web/1"] } });
  expect(lines.slice(1, -1)).toEqual([
    "  with it: apples/backup, apples/web/1, which share its volume 'data': stopped, copied and started together",
    "  before the stop: its quiesce command on node1 (10 s at most); when that fails, the move is taken back",
    "  after the start: its resume command on node2 (30 s at most)",
    "  bandwidth: at most 50.0 MB/s",
    "  if node1 does not answer: it starts on node2 from the last complete copy there, and WHAT WAS WRITTEN SINCE IS LOST. " +
      "Once node1 is back, `pulumi up --refresh` stops its copy and keeps its data aside",
  ]);
  expect(lines.at(-1)).toMatch(/quiesce, fence, stop \(node1\).*commit, resume \(node2\)/);
  expect(lines.join()).not.toContain("secret");
  expect(linesOf({ onSourceLost: "startEmpty" })[1]).toMatch(/^ {2}if node1 .* EMPTY VOLUMES/);
  expect(linesOf({ onSourceLost: "fail" })).toHaveLength(2);
});

test("every step is planned once and in order; nothing is taken back from commit on", () => {
  const steps = plan(on("node1"), on("node2"))!.steps;
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
