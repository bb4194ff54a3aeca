import { checkReplica } from "../../../provider/core/replica/check";
import type { PlacedReplica, ReplicaInputs } from "../../../provider/core/replica/model";
import { specHash } from "../../../provider/core/replica/spec-hash";
import { UNKNOWN } from "../../../provider/core/unknown";

const connections = { node1: { host: "n1" }, node2: { host: "n2" }, node3: { host: "n3" } };
const base: ReplicaInputs = {
  project: "shop",
  stack: "prod",
  deployment: "apples",
  service: "redis",
  index: 0,
  suggestedHost: "node1",
  spec: { image: "redis:7", mounts: [{ type: "volume", volume: "data", target: "/data" }] },
  environment: {},
  volumes: {
    data: { id: "i", name: "apples_data", driver: "local", driverOptions: {}, external: false },
  },
  ip: "10.40.0.2",
  subnet: "10.40.0.0/24",
  dnsDomain: "weave.local",
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

  test("connections alone are no change; with another one they are renewed", () => {
    const old = placed();
    const rotated = { ...connections, node1: { host: "n1", privateKey: "new" } };
    expect(placed({ connections: rotated }, old)).toEqual(old);
    expect(placed({ connections: rotated, ip: "10.40.0.3" }, old).connections).toEqual(rotated);
    expect(placed({ connections: UNKNOWN }, old)).toEqual(old);
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
    ["a variable's name", { environment: { "A=B": "x" } }, /^environment: 'A=B' is no name/],
    ["verify", { verify: "maybe" }, `verify: 'maybe' is neither "manifest" nor "content".`],
    ["a timeout", { healthTimeoutSeconds: 0 }, /^healthTimeoutSeconds: 0 is no number/],
  ])("%s is one clear problem", (_name, change, words) => {
    const found = reasons(change);
    expect(found).toHaveLength(1);
    expect(found[0]).toEqual(typeof words === "string" ? words : expect.stringMatching(words));
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
