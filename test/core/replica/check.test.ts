import { checkReplica } from "../../../provider/core/replica/check";
import type { PlacedReplica, ReplicaInputs } from "../../../provider/core/replica/model";
import { specHash } from "../../../provider/core/replica/spec-hash";
import { UNKNOWN } from "../../../provider/core/unknown";
import { redis } from "./replica-fixture";

const connections = { node1: { host: "n1" }, node2: { host: "n2" }, node3: { host: "n3" } };
const base: ReplicaInputs = {
  ...redis,
  suggestedHost: "node1",
  connections,
};
const news = (change: object = {}): ReplicaInputs => ({ ...base, ...change });
const placed = (change = {}, olds: Partial<PlacedReplica> = {}) =>
  checkReplica(olds, news(change)).inputs;
const reasons = (change = {}) =>
  checkReplica({}, news(change)).problems.map(({ property, reason }) => `${property}: ${reason}`);

describe("the host", () => {
  test.each<[string, object, Partial<PlacedReplica>, string]>([
    ["the user's word", { host: "node2" }, { host: "node3" }, "node2"],
    ["where it is", {}, { host: "node3" }, "node3"],
    ["placement's word, for a new one", {}, {}, "node1"],
    ["placement's word, when its host has left the program", {}, { host: "gone" }, "node1"],
    [
      "where it is, while the connections are not known",
      { connections: UNKNOWN },
      { host: "gone" },
      "gone",
    ],
    ["not known yet", { host: UNKNOWN }, {}, UNKNOWN],
  ])("is %s", (_name, change, olds, host) => {
    expect(placed(change, olds).host).toBe(host);
  });

  const off1 = { draining: ["node1"], suggestedHost: "node3" };
  test.each<[string, object, Partial<PlacedReplica>, string]>([
    ["placement's word, when its host is drained", off1, { host: "node1" }, "node3"],
    ["where it is, when another host is drained", off1, { host: "node2" }, "node2"],
    ["the user's word, off a drained host", { ...off1, host: "node2" }, { host: "node1" }, "node2"],
    [
      "where it is, while it is not known who drains",
      { draining: UNKNOWN },
      { host: "node2" },
      "node2",
    ],
  ])("is %s", (_name, change, olds, host) => {
    const { inputs, problems } = checkReplica(olds, news(change));
    expect(inputs.host).toBe(host);
    expect(problems).toEqual([]);
  });

  test("cannot be one that is drained", () => {
    expect(reasons({ draining: ["node1"], host: "node1" })).toEqual([
      "host: host 'node1' is to be drained, but the program fixes it to host 'node1'. Name another host (node2, node3), " +
        "or leave `host` out: the replica is then placed elsewhere and moves there with its data.",
    ]);
    expect(reasons({ draining: ["node1", "node2", "node3"] })).toEqual([
      expect.stringMatching(/^host: host 'node1' is to be drained, and so is every other host/),
    ]);
  });

  test("suggestions leave no trace", () => {
    expect(placed({ suggestedHost: "node2" }, placed())).toEqual(placed());
  });
});

describe("what preview shows", () => {
  test("names are there", () => {
    expect(placed()).toMatchObject({
      containerName: "apples-redis-0",
      dnsName: "redis.apples.weave.local",
    });
    expect(placed({ deployment: UNKNOWN })).toMatchObject({
      containerName: UNKNOWN,
      dnsName: UNKNOWN,
    });
  });

  const kept = (change: object, olds: object = {}) => checkReplica(olds, news(change)).kept;

  test("of connections, only another way to its own host is a change", () => {
    const old = kept({});
    expect(old).toMatchObject({ host: "node1", place: "[n1]:22" });
    expect(old).not.toHaveProperty("connections");
    const rotated = { ...connections, node1: { host: "n1", privateKey: "new" } };
    expect(kept({ connections: rotated }, old)).toEqual(old);
    const others = { ...connections, node2: { host: "elsewhere" } };
    expect(kept({ connections: others }, old)).toEqual(old);
    const moved = { ...connections, node1: { host: "elsewhere" } };
    expect(kept({ connections: moved }, old)).toEqual({ ...old, place: "[elsewhere]:22" });
  });

  test("connections that are not known yet are never stood in for by those of state, which preview would print", () => {
    const old = kept({});
    expect(kept({ connections: UNKNOWN }, old)).toEqual({ ...old, place: UNKNOWN });
    const partly = { ...connections, node1: { host: UNKNOWN } };
    expect(kept({ connections: partly }, old)).toEqual({ ...old, place: UNKNOWN });
    // Where a key is not known, where it leads is.
    const noKey = { ...connections, node1: { host: "n1", privateKey: UNKNOWN } };
    expect(kept({ connections: noKey }, old)).toEqual(old);
  });

  test("everything unknown is no mistake", () => {
    const unknown = Object.fromEntries(Object.keys(news()).map((key) => [key, UNKNOWN]));
    expect(reasons(unknown)).toEqual([]);
    expect(reasons({ spec: { image: UNKNOWN, mounts: UNKNOWN } })).toEqual([]);
    expect(reasons({ spec: { image: "i", mounts: [UNKNOWN] }, verify: UNKNOWN })).toEqual([]);
  });

  test("checking again changes nothing", () => {
    const once = placed({ host: "node2" });
    expect(checkReplica(once, { ...once, suggestedHost: "node1" }).inputs).toEqual(once);
  });
});

describe("mistakes", () => {
  const long = "x".repeat(64);
  test.each<[string, object, RegExp | string]>([
    [
      "unknown host",
      { host: "nodeX" },
      "host: the cluster has no host 'nodeX'. It has: node1, node2, node3.",
    ],
    [
      "a name that would be shell",
      { service: "$(touch x)" },
      /^service: '\$\(touch x\)' cannot be part of a DNS name/,
    ],
    ["an underscore", { deployment: "a_b" }, /^deployment: 'a_b' cannot be/],
    ["a long label", { service: long }, /^service: .* has 64 characters; .* at most 63\.$/],
    [
      "a long domain",
      { deployment: "x".repeat(55) },
      /^dnsDomain: the domain .* has 67 characters; a container's has at most 63\.$/,
    ],
    [
      "no domain",
      { dnsDomain: "weave..local" },
      /^dnsDomain: the DNS domain 'weave\.\.local' is no domain/,
    ],
    ["a negative index", { index: -1 }, /^index: -1 is no index/],
    [
      "an address outside",
      { ip: "10.41.0.2" },
      "ip: '10.41.0.2' is outside the deployment's subnet 10.40.0.0/24.",
    ],
    ["a network address", { ip: "10.40.0.0" }, /^ip: .* network or broadcast address/],
    [
      "no address",
      { ip: "10.40.0.256" },
      /^ip: '10.40.0.256' is not an IPv4 address: '256' is not a number from 0 to 255\.$/,
    ],
    ["no subnet", { subnet: "10.40.0.0" }, /^subnet: /],
    [
      "a mount of nothing",
      { volumes: {} },
      "spec.mounts[0]: there is no volume 'data' to mount at /data. The replica has no volumes.",
    ],
    [
      "a relative mount",
      { spec: { image: "i", mounts: [{ type: "tmpfs", target: "run" }] } },
      /^spec\.mounts\[0\]: 'run' is no absolute path/,
    ],
    ["Weave's own variable", { environment: { WEAVE_CIDR: "x" } }, /^environment\.WEAVE_CIDR: /],
    ["a variable's name", { environment: { "A=B": "x" } }, /^environment: 'A=\.\.\.' is no name/],
    ["verify", { verify: "maybe" }, `verify: 'maybe' is neither "manifest" nor "content".`],
    ["a timeout", { healthTimeoutSeconds: 0 }, /^healthTimeoutSeconds: 0 is no number/],
  ])("%s is one clear problem", (_name, change, words) => {
    const found = reasons(change);
    expect(found).toHaveLength(1);
    expect(found[0]).toEqual(typeof words === "string" ? words : expect.stringMatching(words));
  });
});

describe("settings of moves", () => {
  test("leave nothing in state unless they are used", () => {
    const guidance = {
      draining: ["node3"],
      estimate: true,
      sharesWith: { data: ["apples/backup"] },
      movesPerHost: 4,
    };
    expect(placed(guidance)).toEqual(placed());
    expect(Object.keys(placed())).not.toContain("onSourceLost");
  });

  test("are kept in one form, however they were written", () => {
    const said = {
      onSourceLost: "useLastCopy",
      quiesce: "redis-cli save",
      resume: { command: ["redis-cli", "ping"], seconds: 5 },
      maxBandwidth: "50 MB/s",
    };
    const decided = {
      onSourceLost: "useLastCopy",
      quiesce: { argv: ["/bin/sh", "-c", "redis-cli save"], seconds: 30 },
      resume: { argv: ["redis-cli", "ping"], seconds: 5 },
      maxBandwidth: 50_000_000,
    };
    expect(placed(said)).toMatchObject(decided);
    expect(placed(placed(said))).toEqual(placed(said));
    expect(placed({ quiesce: ["a", "b c"] })).toMatchObject({ quiesce: { argv: ["a", "b c"] } });
  });

  test("need no new container", () => {
    expect(specHash(placed({ quiesce: "x", maxBandwidth: 1000, onSourceLost: "fail" }))).toBe(
      specHash(placed()),
    );
  });

  test("that are not known yet are no mistake", () => {
    const unknown = {
      onSourceLost: UNKNOWN,
      quiesce: UNKNOWN,
      resume: [UNKNOWN],
      maxBandwidth: UNKNOWN,
    };
    expect(reasons({ movesPerHost: UNKNOWN })).toEqual([]);
    expect(reasons(unknown)).toEqual([]);
    expect(placed(unknown)).toMatchObject(unknown);
  });

  test.each<[object, string]>([
    [
      { onSourceLost: "panic" },
      `onSourceLost: 'panic' is neither "fail" nor "useLastCopy" nor "startEmpty".`,
    ],
    [
      { quiesce: " " },
      "quiesce: a hook is a command of the container's: shell text, or a list of a program and its arguments.",
    ],
    [
      { quiesce: [] },
      "quiesce: a hook is a command of the container's: shell text, or a list of a program and its arguments.",
    ],
    [{ resume: { command: "x", seconds: 0 } }, "resume: 0 is no number of seconds above 0."],
    [
      { maxBandwidth: "fast" },
      `maxBandwidth: 'fast' is no bandwidth: write bytes per second, or a text such as "50MB/s" or "400Mbit/s".`,
    ],
    [
      { maxBandwidth: 0 },
      `maxBandwidth: '0' is no bandwidth: write bytes per second, or a text such as "50MB/s" or "400Mbit/s".`,
    ],
    ...[0, -1, 1.5, NaN, "2"].map((movesPerHost): [object, string] => [
      { movesPerHost },
      `movesPerHost: '${movesPerHost}' is no number of moves at a time: write a whole number, 1 or more.`,
    ]),
  ])("%j is one clear problem", (change, words) => {
    expect(reasons(change)).toEqual([words]);
  });
});

describe("the spec's hash", () => {
  const hash = (change = {}) => specHash(placed(change));

  test("stays the same from version to version, or every container would be made anew", () => {
    expect(hash()).toBe("2fac547582a64ec6e9f884466722e21626cfcce18ca28fe58c77d7e2125f6cdf");
  });

  test.each([
    { spec: { image: "redis:8" } },
    { environment: { A: "1" } },
    { ip: "10.40.0.3" },
    { subnet: "10.40.0.0/25" },
  ])("changes with %j", (change) => {
    expect(hash(change)).not.toBe(hash());
  });

  test.each([{ host: "node2" }, { connections: { node1: { host: "x" } } }, { verify: "content" }])(
    "does not change with %j",
    (change) => {
      expect(hash(change)).toBe(hash());
    },
  );

  test("the order in which things are written does not matter", () => {
    expect(hash({ environment: { A: "1", B: "2" } })).toBe(
      hash({ environment: { B: "2", A: "1" } }),
    );
  });
});
