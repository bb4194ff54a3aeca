import { UNKNOWN } from "../../provider/core/unknown";
import {
  addressPoolHandler as handlerOf,
  type AddressPoolInputs,
  type AddressPoolState,
} from "../../provider/handlers/address-pool";
import { weaveFixture } from "./weave-fixture";

const { context, programs } = weaveFixture(0);
const addressPoolHandler = handlerOf(context, programs);

const base = { cluster: "net", pool: "10.40.0.0/13", ipallocRange: "10.32.0.0/13" };
const apples = { deployment: "apples", replicas: [{ key: "redis-0" }, { key: "web-0" }] };
const known: AddressPoolState = {
  ...base,
  exclude: [],
  deployments: {
    apples: { subnet: "10.40.0.0/27", leases: { "redis-0": "10.40.0.2", "web-0": "10.40.0.3" } },
  },
};

function check(news: object, olds: Partial<AddressPoolInputs> = {}) {
  return addressPoolHandler.check(olds, { ...base, requests: [apples], ...news });
}

function accepted(news: object, olds: Partial<AddressPoolInputs> = {}): AddressPoolInputs {
  const { inputs, problems } = check(news, olds);
  expect(problems).toEqual([]);
  return inputs;
}

describe("check", () => {
  test("plans addresses, and keeps neither requests nor routes", () => {
    expect(accepted({ hostRoutes: { node1: ["192.168.1.0/24"] } })).toEqual(known);
  });

  test("looked at again, from its own result, nothing differs", () => {
    const first = accepted({});
    expect(accepted({}, first)).toEqual(first);
    const replaced = { requests: [{ deployment: "apples", replicas: [{ key: "db-0" }] }] };
    const second = accepted(replaced, first);
    const { apples: left } = second.deployments as AddressPoolState["deployments"];
    expect(second.deployments).toEqual({
      apples: {
        subnet: "10.40.0.0/27",
        leases: { "db-0": "10.40.0.4" },
        released: {
          "10.40.0.2": { by: "redis-0", generation: 1 },
          "10.40.0.3": { by: "web-0", generation: 1 },
        },
      },
    });
    expect(accepted(replaced, second)).toEqual(second);
    const none = accepted({ requests: [] }, second);
    expect(none).toMatchObject({
      deployments: { apples: { ...left, missing: 1 } },
    });
    expect(accepted({ requests: [] }, none)).toEqual(none);
  });

  test("exclusions in another order, or twice, are the same", () => {
    const exclude = ["10.41.0.0/16", "10.40.0.0/24", "10.41.0.0/16"];
    expect(accepted({ exclude }).exclude).toEqual(["10.40.0.0/24", "10.41.0.0/16"]);
  });

  test("state that carries more than it should, such as the provider's own text, does no harm", () => {
    expect(accepted({}, { ...known, __provider: "text" } as AddressPoolInputs)).toEqual(known);
  });

  test("names that JavaScript's objects have already are names like others", () => {
    const requests = ["constructor", "__proto__", "toString"].map((name) => ({
      deployment: name,
      replicas: [{ key: "__proto__" }],
    }));
    const first = accepted({ requests });
    expect(Object.keys(first.deployments)).toEqual(["__proto__", "constructor", "toString"]);
    expect(accepted({ requests }, first)).toEqual(first);
  });

  test("a null for what is optional is as good as nothing", () => {
    const replicas = [
      { key: "redis-0", ip: null },
      { key: "web-0", ip: undefined },
    ];
    expect(accepted({ requests: [{ deployment: "apples", subnet: null, replicas }] })).toEqual(
      known,
    );
  });
});

describe("what is not known until `up`", () => {
  test.each<[string, object]>([
    ["the requests", { requests: UNKNOWN }],
    ["a request", { requests: [apples, UNKNOWN] }],
    ["a deployment's name", { requests: [{ ...apples, deployment: UNKNOWN }] }],
    ["its replicas", { requests: [{ ...apples, replicas: UNKNOWN }] }],
    ["a replica", { requests: [{ ...apples, replicas: [UNKNOWN] }] }],
    ["a replica's key", { requests: [{ ...apples, replicas: [{ key: UNKNOWN }] }] }],
    ["the pool", { pool: UNKNOWN }],
    ["the exclusions", { exclude: UNKNOWN }],
    ["an exclusion", { exclude: ["10.41.0.0/16", UNKNOWN] }],
  ])("%s: no deployment's addresses are known", (_, news) => {
    expect(accepted(news, known).deployments).toBe(UNKNOWN);
  });

  test("the range and the routes: left out of the check", () => {
    expect(accepted({ ipallocRange: UNKNOWN })).toEqual({ ...known, ipallocRange: UNKNOWN });
    for (const hostRoutes of [UNKNOWN, { node1: UNKNOWN }, { node1: [UNKNOWN] }]) {
      expect(accepted({ hostRoutes })).toEqual(known);
    }
  });

  test("an address: that lease alone; the address held before goes to nobody", () => {
    const replicas = [{ key: "redis-0", ip: UNKNOWN }, { key: "web-0" }, { key: "web-1" }];
    expect(accepted({ requests: [{ deployment: "apples", replicas }] }, known).deployments).toEqual(
      {
        apples: {
          subnet: "10.40.0.0/27",
          leases: { "redis-0": UNKNOWN, "web-0": "10.40.0.3", "web-1": "10.40.0.4" },
        },
      },
    );
  });

  test("a subnet, or an address that a new subnet would lie around: that deployment alone", () => {
    const pears = { deployment: "pears", replicas: [{ key: "web-0", ip: UNKNOWN }] };
    const requests = [
      apples,
      pears,
      { deployment: "figs", subnet: UNKNOWN, replicas: [{ key: "db-0" }] },
    ];
    expect(accepted({ requests }, known).deployments).toEqual({
      ...known.deployments,
      figs: { subnet: UNKNOWN, leases: { "db-0": UNKNOWN } },
      pears: { subnet: UNKNOWN, leases: { "web-0": UNKNOWN } },
    });
  });
});

describe("refusals", () => {
  const reasons = (news: object, olds: Partial<AddressPoolInputs> = {}) =>
    check(news, olds).problems.map(({ property, reason }) => `${property}: ${reason}`);

  test.each<[object, string]>([
    [
      { pool: "10.40.0.0/12" },
      "pool: '10.40.0.0/12' is not a CIDR: it does not start at a network address; 10.32.0.0/12 does.",
    ],
    [{ pool: 7 }, 'pool: pool must be a CIDR as a text, such as "10.40.0.0/13".'],
    [{ cluster: "" }, "cluster: the cluster's name is needed, as a text."],
    [
      { ipallocRange: undefined },
      'ipallocRange: ipallocRange must be a CIDR as a text, such as "10.40.0.0/13".',
    ],
    [
      { exclude: ["10.41.0.0"] },
      "exclude[0]: '10.41.0.0' is not a CIDR: it has no prefix length, such as the /24 in 10.40.0.0/24.",
    ],
    [{ exclude: "10.41.0.0/16" }, "exclude: exclude must be a list of CIDRs."],
    [{ hostRoutes: [] }, "hostRoutes: hostRoutes must hold a list of CIDRs for each host."],
    [
      { hostRoutes: { node1: "10.0.0.0/8" } },
      "hostRoutes.node1: the routes of host 'node1' must be a list of CIDRs.",
    ],
    [
      { hostRoutes: { node1: ["eth0"] } },
      "hostRoutes.node1[0]: 'eth0' is not an IPv4 address: it needs four numbers with dots between them.",
    ],
    [
      { requests: undefined },
      "requests: requests must be a list with one entry for each deployment.",
    ],
    [{ requests: ["apples"] }, "requests[0]: a request must name a deployment and its replicas."],
    [
      { requests: [{ replicas: [] }] },
      "requests[0].deployment: the deployment's name is needed, as a text.",
    ],
    [
      { requests: [{ deployment: "apples" }] },
      "requests.apples.replicas: replicas must be a list with one entry for each replica.",
    ],
    [
      { requests: [{ deployment: "apples", replicas: [{}] }] },
      "requests.apples.replicas[0]: a replica of deployment 'apples' has no key.",
    ],
    [
      { requests: [apples, apples] },
      "requests[1].deployment: two deployments are named 'apples'. Give each a name of its own.",
    ],
    [
      { requests: [{ deployment: "apples", replicas: [{ key: "web-0" }, { key: "web-0" }] }] },
      "requests.apples.replicas[1].key: deployment 'apples' has two replicas 'web-0'. Give each a key of its own.",
    ],
    [
      { requests: [{ deployment: "apples", replicas: [{ key: "web-0", ip: "10.40.0.02" }] }] },
      "requests.apples.replicas.web-0.ip: '10.40.0.02' is not an IPv4 address: '02' has a leading zero.",
    ],
    [
      { requests: [{ deployment: "apples", subnet: 24, replicas: [] }] },
      'requests.apples.subnet: it must be a text, such as "10.40.8.0/24".',
    ],
    [
      { ipallocRange: "10.32.0.0/12" },
      "pool: the pool 10.40.0.0/13 overlaps Weave's own range 10.32.0.0/12 (`ipallocRange`), from which Weave hands " +
        "out addresses that Ferry does not know of. Choose blocks that do not overlap.",
    ],
    [
      { pool: "127.0.0.0/24" },
      "pool: the pool 127.0.0.0/24 overlaps 127.0.0.0/8, which is for the loopback interface. Choose a private " +
        "block, such as one in 10.0.0.0/8.",
    ],
    [
      {
        hostRoutes: {
          node1: ["default", "fe80::/64", "10.0.0.1"],
          node2: ["0.0.0.0/0", "10.41.0.0/16"],
        },
      },
      "hostRoutes.node2[1]: the pool 10.40.0.0/13 overlaps the route 10.41.0.0/16 of host 'node2', so that host " +
        "could not tell replicas from its own network. Choose another pool, or exclude 10.41.0.0/16 from it.",
    ],
    [
      { hostRoutes: { node1: ["10.0.0.0/8"] } },
      "hostRoutes.node1[0]: the pool 10.40.0.0/13 overlaps the route 10.0.0.0/8 of host 'node1', so that host could " +
        "not tell replicas from its own network. Choose another pool.",
    ],
  ])("%j", (news, message) => expect(reasons(news)).toEqual([message]));

  test("a host's route that is excluded from the pool is no obstacle", () => {
    const hostRoutes = { node1: ["10.41.3.0/24", "10.41.9.7"] };
    accepted({ hostRoutes, exclude: ["10.41.0.0/16"] });
  });

  test("leave the addresses of the last update as they are", () => {
    const { inputs } = check({ pool: "x" }, known);
    expect(inputs.deployments).toEqual(known.deployments);
  });

  test("of what was planned are passed on", () => {
    const replicas = ["a-0", "b-0"].map((key) => ({ key, ip: "10.40.0.9" }));
    expect(reasons({ requests: [{ deployment: "apples", replicas }] })).toEqual([
      "requests.apples.replicas.b-0.ip: replica 'b-0' of deployment 'apples' cannot have the address 10.40.0.9: " +
        "replica 'a-0' has the same fixed address. Choose a free address of the subnet, or leave `ip` out.",
    ]);
  });
});

describe("the resource", () => {
  test("keeps as outputs what check returned, and touches nothing", async () => {
    const inputs = accepted({});
    expect(await addressPoolHandler.create(inputs)).toEqual({ id: "net", outs: known });
    expect(await addressPoolHandler.update("net", known, inputs)).toEqual(known);
    expect(await addressPoolHandler.read("net", known)).toEqual({ inputs: known, outs: known });
    await addressPoolHandler.delete("net", known);
  });

  test("is never replaced: its leases would be lost", () => {
    expect(addressPoolHandler.replaces).toBeUndefined();
  });

  test("is not made before its addresses are known", async () => {
    const inputs = accepted({ requests: UNKNOWN });
    const message = /^the addresses of cluster 'net' are not known/;
    await expect(addressPoolHandler.create(inputs)).rejects.toThrow(message);
    await expect(addressPoolHandler.update("net", known, inputs)).rejects.toThrow(message);
  });
});
