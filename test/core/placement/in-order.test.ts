import fc from "fast-check";
import { placeInOrder, type Declared } from "../../../provider/core/placement/in-order";
import {
  suggestHosts,
  type PlacementRequest,
} from "../../../provider/core/placement/suggest-hosts";

const HOSTS = ["node1", "node2", "node3"];

const replica = (key: string, rest: Partial<PlacementRequest> = {}): PlacementRequest => ({
  ...{ key, volumes: [] },
  ...rest,
});
const byHand = (key: string, rest: Partial<PlacementRequest> = {}): Declared => ({
  ...{ byHand: true, replicas: [replica(key, rest)] },
});
const deployment = (...replicas: PlacementRequest[]): Declared => ({ byHand: false, replicas });

const hostsOf = (declared: readonly Declared[], draining: readonly string[] = []) =>
  [...placeInOrder(declared, HOSTS, draining)].map((placed) => Object.values(placed));

describe("placeInOrder", () => {
  it("puts one by hand where least of what was declared before is", () => {
    const apples = deployment(replica("redis-0", { host: "node2" }), replica("web-0"));
    expect(hostsOf([byHand("a-0"), apples, byHand("b-0"), byHand("c-0"), byHand("d-0")])).toEqual([
      ["node1"],
      ["node2", "node1"],
      ["node3"],
      ["node2"],
      ["node3"],
    ]);
  });

  it("counts the user's own word, and several of one key", () => {
    const named = byHand("web-0", { host: "node1" });
    expect(hostsOf([named, named, byHand("web-0"), byHand("web-0"), byHand("web-0")])).toEqual([
      ...[["node1"], ["node1"], ["node2"], ["node3"], ["node2"]],
    ]);
  });

  it("puts one that shares a volume where that is, and counts it there", () => {
    const apples = deployment(replica("db-0", { host: "node1", volumes: ["apples/data"] }));
    const backup = byHand("backup-0", { volumes: ["apples/data", "apples/spool"] });
    const sender = byHand("sender-0", { volumes: ["apples/spool"] });
    const others = ["a-0", "b-0", "c-0", "d-0", "e-0", "f-0", "g-0"].map((key) => byHand(key));
    expect(hostsOf([apples, backup, sender, ...others]).flat()).toEqual([
      ...["node1", "node1", "node1", "node2", "node3", "node2", "node3", "node2", "node3", "node1"],
    ]);
  });

  it("goes to no host that is being drained, and places nothing without hosts", () => {
    expect(hostsOf([byHand("a-0"), byHand("b-0")], ["node1"])).toEqual([["node2"], ["node3"]]);
    expect([...placeInOrder([byHand("a-0")], [])]).toEqual([{}]);
  });

  it("takes what is declared while it is at it", () => {
    const declared = [byHand("a-0")];
    const placements = placeInOrder(declared, HOSTS);
    expect(placements.next().value).toEqual({ "a-0": "node1" });
    declared.push(byHand("b-0"));
    expect(placements.next().value).toEqual({ "b-0": "node2" });
  });

  it("spreads 10,000 by hand evenly", () => {
    const many = Array.from({ length: 10_000 }, (_, n) => byHand(`web-${n}`));
    const loads = new Map<string, number>();
    for (const [host = ""] of hostsOf(many)) loads.set(host, (loads.get(host) ?? 0) + 1);
    expect([...loads.values()].sort()).toEqual([3333, 3333, 3334]);
  });

  const someReplica = fc
    .record({
      n: fc.nat(9),
      host: fc.option(fc.constantFrom(...HOSTS, "elsewhere"), { nil: undefined }),
      volume: fc.option(fc.constantFrom("x/a", "x/b"), { nil: undefined }),
    })
    .map(({ n, host, volume }) =>
      replica(`web-${n}`, {
        ...(host === undefined ? {} : { host }),
        ...(volume === undefined ? {} : { volumes: [volume] }),
      }),
    );
  const someDeclared: fc.Arbitrary<Declared[]> = fc.array(
    fc.oneof(
      someReplica.map((one) => ({ byHand: true, replicas: [one] })),
      fc
        .uniqueArray(someReplica, { maxLength: 5, selector: ({ key }) => key })
        .map((replicas) => ({ byHand: false, replicas })),
    ),
    { maxLength: 20 },
  );
  const someDraining = fc.subarray(HOSTS);

  it("is changed by nothing that comes later, nor by the order of hosts", () => {
    fc.assert(
      fc.property(someDeclared, someDraining, fc.nat(20), (declared, draining, n) => {
        const all = [...placeInOrder(declared, HOSTS, draining)];
        const first = placeInOrder(declared.slice(0, n), [...HOSTS].reverse(), draining);
        expect([...first]).toEqual(all.slice(0, n));
      }),
    );
  });

  it("takes a least laden host for each by hand, and lets deployments be as they are by themselves", () => {
    fc.assert(
      fc.property(someDeclared, someDraining, (declared, draining) => {
        const staying = HOSTS.filter((host) => !draining.includes(host));
        const candidates = staying.length > 0 ? staying : HOSTS;
        const load = new Map<string, number>();
        const carries = (host: string) => load.get(host) ?? 0;
        const placements = placeInOrder(declared, HOSTS, draining);
        for (const each of declared) {
          const placed = placements.next().value ?? {};
          if (!each.byHand) expect(placed).toEqual(suggestHosts(each.replicas, HOSTS, draining));
          const [one] = each.replicas;
          const host = one && placed[one.key];
          if (each.byHand && one?.host !== undefined) expect(host).toBe(one.host);
          else if (each.byHand && one?.volumes.length === 0) {
            expect(candidates).toContain(host);
            expect(carries(host!)).toBe(Math.min(...candidates.map(carries)));
          }
          for (const to of Object.values(placed)) load.set(to, carries(to) + 1);
        }
      }),
    );
  });

  it("keeps all that share a volume on one host, where no word of the user's parts them", () => {
    fc.assert(
      fc.property(someDeclared, (declared) => {
        const free = declared
          .filter(({ byHand }) => byHand)
          .map(({ replicas: [one] }) => byHand(one!.key, { volumes: one!.volumes }));
        const homes = new Map<string, Set<string>>();
        hostsOf(free).forEach(([host = ""], i) => {
          const [volume] = free[i]!.replicas[0]!.volumes;
          if (volume === undefined) return;
          homes.set(volume, (homes.get(volume) ?? new Set()).add(host));
        });
        expect([...homes.values()].every(({ size }) => size === 1)).toBe(true);
      }),
    );
  });
});
