import fc from "fast-check";
import {
  dockerBridgeMac,
  separationId,
  separationRules,
  type SeparatedReplica,
} from "../../../provider/core/network/separation";

const lines = (rules: string) => rules.split("\n").map((line) => line.split(" "));

/** Whom the rules let an address send to, as the program on the host reads them. */
function reached(rules: string, from: string): string[] {
  const read = lines(rules);
  return read
    .filter(([word]) => word === "group")
    .flatMap(([, index, , ...members]) => {
      const [, , ...senders] = read.find(([word, of]) => word === "from" && of === index) ?? [];
      return senders.includes(from) ? members : [];
    })
    .sort();
}

const replica = (last: number, networks: string[], internal = false): SeparatedReplica => ({
  address: `10.40.0.${last}`,
  reach: { networks, ...(internal ? { internal: true as const } : {}) },
});

const replicas = fc
  .array(fc.tuple(fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 }), fc.boolean()), {
    minLength: 1,
    maxLength: 25,
  })
  .map((all) => all.map(([networks, internal], i) => replica(i + 2, networks.sort(), internal)));

describe("the rules of a deployment", () => {
  it("are one line for the subnet and two for each group, which hosts read", () => {
    const rules = separationRules("apples", "10.40.0.0/27", [
      replica(10, ["a"]),
      replica(2, ["a", "b"]),
      replica(3, ["b"], true),
      replica(9, ["a"]),
    ]);
    expect(rules).toBe(
      "# Written by pulumi-ferry: who reaches whom in deployment 'apples'.\n" +
        "subnet 10.40.0.0/27 10.40.0.1 10.40.0.31\n" +
        "group 0 internal 10.40.0.3\nfrom 0 10.40.0.2 10.40.0.3\n" +
        "group 1 open 10.40.0.2\nfrom 1 10.40.0.2 10.40.0.3 10.40.0.9 10.40.0.10\n" +
        "group 2 open 10.40.0.9 10.40.0.10\nfrom 2 10.40.0.2 10.40.0.9 10.40.0.10\n",
    );
  });

  it("let those through that share a network, and nobody else, both ways", () => {
    fc.assert(
      fc.property(replicas, (all) => {
        const rules = separationRules("apples", "10.40.0.0/27", all);
        for (const one of all) {
          const expected = all.filter(({ reach }) =>
            reach.networks.some((name) => one.reach.networks.includes(name)),
          );
          expect(reached(rules, one.address)).toEqual(expected.map((r) => r.address).sort());
        }
      }),
    );
  });

  it("are the same in whichever order replicas come", () => {
    fc.assert(
      fc.property(replicas, (all) => {
        const rules = separationRules("apples", "10.40.0.0/27", all);
        expect(separationRules("apples", "10.40.0.0/27", [...all].reverse())).toBe(rules);
      }),
    );
  });
});

it("a container is known on Docker's bridge by how it is there, and by its address", () => {
  expect(dockerBridgeMac({ dockerBridge: "alone" }, "10.40.0.27/24")).toBe("0a:fe:0a:28:00:1b");
  expect(dockerBridgeMac({ dockerBridge: "internal" }, "10.40.0.2/24")).toBe("0e:fe:0a:28:00:02");
  expect(dockerBridgeMac({ dockerBridge: "none" }, "10.40.0.2/24")).toBeUndefined();
  expect(dockerBridgeMac({}, "10.40.0.2/24")).toBeUndefined();
});

it("a deployment's id is short, and its own", () => {
  const id = separationId({ project: "shop", stack: "prod", deployment: "apples" });
  expect(id).toMatch(/^[0-9a-f]{8}$/);
  expect(separationId({ project: "shop", stack: "test", deployment: "apples" })).not.toBe(id);
});
