import * as fc from "fast-check";
import {
  derivedPeerName,
  rolesOf,
  type Topology,
  type TopologyHost,
} from "../../../provider/core/weave/topology";
import { topologyProblems } from "../../../provider/core/weave/topology-problems";

const hosts = (count: number): TopologyHost[] =>
  Array.from({ length: count }, (_, i) => ({ host: `node${i + 1}`, address: `10.0.0.${i + 1}` }));
const roles = (topology: Topology, of = hosts(3)) => rolesOf(topology, of, "net");
const problems = (topology: Topology, of = hosts(3)) =>
  topologyProblems(topology, of, "net").map(({ property, reason }) => `${property}: ${reason}`);

test("uniform: each dials all others, and all are electors", () => {
  expect(roles({ kind: "uniform" })).toEqual({
    node1: { targets: ["10.0.0.2", "10.0.0.3"], elector: true, electors: 3 },
    node2: { targets: ["10.0.0.1", "10.0.0.3"], elector: true, electors: 3 },
    node3: { targets: ["10.0.0.1", "10.0.0.2"], elector: true, electors: 3 },
  });
  expect(roles({ kind: "uniform" }, hosts(1))).toEqual({
    node1: { targets: [], elector: true, electors: 1 },
  });
});

test("manual: as given, and the first that dials nobody divides the range alone", () => {
  const topology: Topology = {
    kind: "manual",
    targets: { node1: ["node2"], node3: ["node1", "198.51.100.7:7000"] },
  };
  expect(roles(topology)).toEqual({
    node1: { targets: ["10.0.0.2"], elector: false, electors: 1 },
    node2: { targets: [], elector: true, electors: 1 },
    node3: { targets: ["10.0.0.1", "198.51.100.7:7000"], elector: false, electors: 1 },
  });
  expect(problems(topology)).toEqual([]);
});

test("fixed: a core of electors that dial one another, and observers that dial the core", () => {
  expect(roles({ kind: "fixed", core: ["node1", "node2"] }, hosts(4))).toEqual({
    node1: { targets: ["10.0.0.2"], elector: true, electors: 2 },
    node2: { targets: ["10.0.0.1"], elector: true, electors: 2 },
    node3: { targets: ["10.0.0.1", "10.0.0.2"], elector: false, electors: 2 },
    node4: { targets: ["10.0.0.1", "10.0.0.2"], elector: false, electors: 2 },
  });
});

describe("seeded", () => {
  test("one seed for all; its peers have names that are known before they are", () => {
    const [one, two] = [derivedPeerName("net", "node1"), "02:00:00:00:00:02"];
    const named = hosts(3).map((each) =>
      each.host === "node2" ? { ...each, peerName: two } : each,
    );
    const seed = [one, two].sort();
    expect(roles({ kind: "seeded", seed: ["node2", "node1"] }, named)).toEqual({
      node1: { targets: ["10.0.0.2", "10.0.0.3"], elector: true, electors: 2, peerName: one, seed },
      node2: { targets: ["10.0.0.1", "10.0.0.3"], elector: true, electors: 2, peerName: two, seed },
      node3: { targets: ["10.0.0.1", "10.0.0.2"], elector: false, electors: 2, seed },
    });
  });

  test("a seed by names of peers is the same one, also when a host has left", () => {
    const byHost = roles({ kind: "seeded", seed: ["node1", "node2"] });
    const names = [derivedPeerName("net", "node1"), derivedPeerName("net", "node2")];
    expect(roles({ kind: "seeded", seed: names })).toEqual(byHost);
    const left = roles({ kind: "seeded", seed: ["node2", names[0]!] }, hosts(3).slice(1));
    expect(left["node3"]?.seed).toEqual(byHost["node3"]?.seed);
    expect(problems({ kind: "seeded", seed: ["node2", names[0]!] }, hosts(3).slice(1))).toEqual([]);
  });

  test("names are the same on every machine and at any time, and no network card's", () => {
    // A change here would make other peers of those that run.
    expect(derivedPeerName("net", "node1")).toBe("82:88:15:54:90:49");
    fc.assert(
      fc.property(fc.string(), fc.string(), (cluster, host) => {
        const name = derivedPeerName(cluster, host);
        expect(name).toMatch(/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
        expect(derivedPeerName(cluster, host)).toBe(name);
      }),
    );
    const many = new Set(hosts(5000).map(({ host }) => derivedPeerName("net", host)));
    expect(many.size).toBe(5000);
  });
});

describe("problems that preview shows", () => {
  test.each<[string, Topology, TopologyHost[], string[]]>([
    [
      "an unknown host in the core",
      { kind: "fixed", core: ["node1", "node9"] },
      hosts(2),
      ["core[1]: there is no host 'node9'; hosts are 'node1', 'node2'"],
    ],
    [
      "an empty core",
      { kind: "fixed", core: [] },
      hosts(2),
      ["core: is empty: name at least one host"],
    ],
    [
      "a host twice in the seed",
      { kind: "seeded", seed: ["node1", "node1"] },
      hosts(2),
      ["seed[1]: 'node1' is in the list already"],
    ],
    [
      "a seed's host that has left",
      { kind: "seeded", seed: ["node1", "node9"] },
      hosts(2),
      [
        "seed[1]: there is no host 'node9'; hosts are 'node1', 'node2'; for one that has left the program, give the name of its peer",
      ],
    ],
    [
      "two peers of one name",
      { kind: "uniform" },
      [
        { host: "a", address: "10.0.0.1", peerName: "02:00:00:00:00:0A" },
        { host: "b", address: "10.0.0.2", peerName: "02:00:00:00:00:0a" },
      ],
      [
        "hosts.b.peerName: 02:00:00:00:00:0a is the peerName of 'a' already; two peers of one name never connect",
      ],
    ],
    [
      "a name that a seed's peer derives",
      { kind: "seeded", seed: ["node1"] },
      [
        { host: "node1", address: "10.0.0.1" },
        { host: "node2", address: "10.0.0.2", peerName: derivedPeerName("net", "node1") },
      ],
      [
        `hosts.node2.peerName: ${derivedPeerName("net", "node1")} is the peerName of 'node1' already; two peers of one name never connect`,
      ],
    ],
    [
      "one nickname and one address for two",
      { kind: "uniform" },
      [
        { host: "a", address: "10.0.0.1", nickname: "x" },
        { host: "b", address: "10.0.0.1:6783", nickname: "x" },
      ],
      [
        "hosts.b.nickname: 'x' is the nickname of 'a' already; no message could tell the two apart",
        "hosts.b.address: 10.0.0.1 is where 'a' is dialled already; give each host an address of its own",
      ],
    ],
    [
      "targets that lead nowhere",
      { kind: "manual", targets: { node2: ["node2", "nod1"], node9: [] } },
      hosts(2),
      [
        "targets.node2[0]: is the host itself: a peer does not dial itself",
        "targets.node2[1]: there is no host 'nod1'; hosts are 'node1', 'node2'",
        "targets.node9: there is no host 'node9'; hosts are 'node1', 'node2'",
      ],
    ],
    [
      "peers that would be a network of their own",
      { kind: "manual", targets: { node2: ["node1"], node4: ["node3"] } },
      hosts(4),
      [
        "targets.node3: 'node3' has no way to the first peer, 'node1': let it dial one that has",
        "targets.node4: 'node4' has no way to the first peer, 'node1': let it dial one that has",
      ],
    ],
  ])("%s", (_what, topology, of, expected) => {
    expect(problems(topology, of)).toEqual(expected);
  });
});

/** Any topology over any hosts, right or wrong. */
const anything = fc.integer({ min: 1, max: 8 }).chain((count) => {
  const names = hosts(count).map(({ host }) => host);
  const some = fc.subarray(names, { minLength: 1 });
  const topology: fc.Arbitrary<Topology> = fc.oneof(
    fc.constant({ kind: "uniform" as const }),
    some.map((core) => ({ kind: "fixed" as const, core })),
    some.map((seed) => ({ kind: "seeded" as const, seed })),
    fc.array(fc.subarray(names), { minLength: count, maxLength: count }).map((lists) => ({
      kind: "manual" as const,
      targets: Object.fromEntries(
        names.map((name, i) => [name, lists[i]!.filter((to) => to !== name)]),
      ),
    })),
  );
  return fc.tuple(fc.constant(hosts(count)), topology);
});

test("without problems, every peer has a way to every other one, and somebody divides the range", () => {
  fc.assert(
    fc.property(anything, ([of, topology]) => {
      fc.pre(topologyProblems(topology, of, "net").length === 0);
      const result = rolesOf(topology, of, "net");
      const byAddress = new Map(of.map(({ host, address }) => [address, host]));
      const ways = new Map(of.map(({ host }) => [host, new Set<string>()]));
      for (const [host, { targets }] of Object.entries(result)) {
        for (const target of targets) {
          const other = byAddress.get(target)!;
          expect(other).not.toBe(host);
          ways.get(host)!.add(other);
          ways.get(other)!.add(host);
        }
      }
      const reached = new Set([of[0]!.host]);
      for (const at of reached) for (const next of ways.get(at)!) reached.add(next);
      expect(reached.size).toBe(of.length);
      const electors = Object.values(result).filter(({ elector }) => elector);
      expect(electors.length).toBeGreaterThan(0);
      for (const role of Object.values(result)) expect(role.electors).toBe(electors.length);
    }),
    { numRuns: 300 },
  );
});

test("who joins or leaves changes nobody else's name, seed or part in dividing the range", () => {
  fc.assert(
    fc.property(anything, ([of, topology]) => {
      fc.pre(topology.kind !== "manual" && topologyProblems(topology, of, "net").length === 0);
      const more = [...of, { host: "late", address: "10.0.1.1" }];
      const [before, after] = [rolesOf(topology, of, "net"), rolesOf(topology, more, "net")];
      for (const { host } of of) {
        expect(after[host]?.peerName).toBe(before[host]?.peerName);
        expect(after[host]?.seed).toEqual(before[host]?.seed);
        expect(after[host]?.elector).toBe(before[host]?.elector);
      }
    }),
  );
});
