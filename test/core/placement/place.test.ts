import * as fc from "fast-check";
import type { PlaceHost, Standing } from "../../../provider/core/placement/occupancy";
import {
  place,
  type Failure,
  type Member,
  type PlaceRequest,
} from "../../../provider/core/placement/place";
import type { Wish } from "../../../provider/core/placement/wish";
import { reasonInWords, refusalInWords } from "../../../provider/core/placement/words";

const host = (name: string, more: Partial<PlaceHost> = {}): PlaceHost => ({
  ...{ name, labels: {}, cpus: 4, memory: 4096 },
  ...more,
});
const HOSTS = [host("a"), host("b"), host("c")];

const replicas = (service: string, count: number, wish: Wish = {}): Member[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ key: `${service}-${index}`, service, index, wish, volumes: [] },
  }));

const placed = (request: Partial<PlaceRequest>) =>
  place({ hosts: HOSTS, standing: [], members: [], ...request });

/** As they are once that was done. */
const after = (members: readonly Member[], hosts: Readonly<Record<string, string>>): Member[] =>
  members.map((member) => {
    const at = hosts[member.key];
    return at === undefined ? member : { ...member, host: at };
  });

describe("place", () => {
  it("spreads a service's replicas, then all", () => {
    const { hosts } = placed({ members: [...replicas("web", 3), ...replicas("redis", 1)] });
    expect(hosts).toEqual({ "web-0": "a", "web-1": "b", "web-2": "c", "redis-0": "a" });
  });

  it("counts what others carry", () => {
    const standing: Standing[] = [{ host: "a" }, { host: "b" }, { host: "b" }];
    expect(placed({ standing, members: replicas("web", 1) }).hosts).toEqual({ "web-0": "c" });
  });

  it("packs what reserves onto the fullest host that has room", () => {
    const wish: Wish = { strategy: "binpack", cpus: 1.5 };
    const { hosts } = placed({ members: replicas("web", 3, wish) });
    expect(hosts).toEqual({ "web-0": "a", "web-1": "a", "web-2": "b" });
  });

  it("places the largest first", () => {
    const members = [...replicas("small", 2, { cpus: 2 }), ...replicas("big", 1, { cpus: 4 })];
    const { hosts, refusals } = placed({ hosts: [host("a"), host("b")], members });
    expect(refusals).toEqual([]);
    expect(hosts["big-0"]).not.toBe(hosts["small-0"]);
  });

  it("asks for labels and names, and spreads over a label's values first", () => {
    const hosts = [
      host("a", { labels: { disk: "hdd" } }),
      host("b", { labels: { disk: "ssd", zone: "1" } }),
      host("c", { labels: { disk: "ssd", zone: "1" } }),
      host("d", { labels: { disk: "ssd", zone: "2" } }),
    ];
    const on = [{ label: "disk", is: "ssd" }];
    const members = replicas("web", 3, { on, over: ["zone"] });
    expect(Object.values(placed({ hosts, members }).hosts)).toEqual(["b", "d", "c"]);
    const not = replicas("web", 1, { on: [...on, { is: "b", not: true }] });
    expect(placed({ hosts, members: not }).hosts).toEqual({ "web-0": "c" });
  });

  it("keeps near, and apart from either side", () => {
    const members = [
      ...replicas("redis", 1),
      ...replicas("web", 1, { near: ["redis"] }),
      ...replicas("batch", 1, { apart: ["web"] }),
    ];
    const { hosts } = placed({ members });
    expect(hosts["web-0"]).toBe(hosts["redis-0"]);
    expect(hosts["batch-0"]).not.toBe(hosts["web-0"]);
    const there = members.map((member) =>
      member.service === "batch" ? { ...member, host: "a" } : member,
    );
    expect(placed({ members: there }).hosts["web-0"]).not.toBe("a");
  });

  it("takes who shares a volume as one, and goes where one of them is", () => {
    const share = (members: Member[]) => members.map((each) => ({ ...each, volumes: ["data"] }));
    const members = share([
      ...replicas("db", 1, { cpus: 2 }),
      ...replicas("backup", 1, { cpus: 2 }),
    ]);
    const standing = [{ host: "a", cpus: 1 }];
    expect(placed({ members, standing }).hosts).toEqual({ "db-0": "b", "backup-0": "b" });
    const there = members.map((each) => (each.service === "db" ? { ...each, host: "a" } : each));
    expect(placed({ members: there, standing }).refusals).toEqual([
      {
        key: "backup-0",
        hosts: {
          a: [{ kind: "cpus", needs: 2, free: 1, of: 4 }],
          b: [{ kind: "with", replica: "db-0", host: "a" }],
          c: [{ kind: "with", replica: "db-0", host: "a" }],
        },
      },
    ]);
  });

  it("names the constraint that failed on each host", () => {
    const hosts = [
      host("a", { draining: true }),
      host("b", { labels: { disk: "hdd" } }),
      host("c", { labels: { disk: "ssd" }, cpus: 1 }),
      host("d"),
      host("e", { labels: { disk: "secret" }, secretLabels: true }),
    ];
    const members = replicas("web", 1, { on: [{ label: "disk", is: "ssd" }], cpus: 1.5 });
    const { refusals, hosts: to } = placed({ hosts, members });
    expect(to).toEqual({});
    expect(refusalInWords("apples", refusals[0]!)).toBe(
      "Deployment 'apples': place: no host for web-0. " +
        "a: it is to be drained, it has no label 'disk', which is to be 'ssd'; " +
        "b: its label 'disk' is 'hdd', not 'ssd'; c: cpus: 1.5 wanted, 1 of 1 free; " +
        "d: it has no label 'disk', which is to be 'ssd'; e: its label 'disk' is not as wanted.",
    );
  });

  it("leaves what runs where it is, but for a host that is drained or gone", () => {
    const members = replicas("web", 3, { on: [{ label: "disk", is: "ssd" }] });
    const there = after(members, { "web-0": "a", "web-1": "b", "web-2": "gone" });
    const hosts = [
      host("a"),
      host("b", { draining: true }),
      host("c", { labels: { disk: "ssd" } }),
    ];
    expect(placed({ hosts, members: there }).hosts).toEqual({
      ...{ "web-0": "a", "web-1": "c", "web-2": "c" },
    });
  });

  it("has no host for what the program's outputs place, and counts where state knows it", () => {
    const [lead] = replicas("web", 1, { cpus: 4 });
    const later: Member = { ...lead!, fixed: true };
    const { hosts } = placed({ members: [later, ...replicas("db", 1)] });
    expect(hosts).toEqual({ "db-0": "a" });
    const known = [{ ...later, host: "a" }, ...replicas("db", 1, { cpus: 1 })];
    expect(placed({ members: known }).hosts["db-0"]).toBe("b");
  });
});

describe("rebalance", () => {
  const onOne = after(replicas("web", 4), {
    "web-0": "a",
    "web-1": "a",
    "web-2": "a",
    "web-3": "a",
  });

  it("moves no more than a host may take part in, and says why", () => {
    const { moves, later, hosts } = placed({ members: onOne, rebalance: 1 });
    expect(moves.map(({ keys, from, to }) => [keys, from, to])).toEqual([[["web-0"], "a", "b"]]);
    expect(later).toBeGreaterThan(0);
    expect(hosts["web-1"]).toBe("a");
    expect(reasonInWords(moves[0]!)).toBe("spread: beside it a has 3 of 'web', b has 0");
  });

  it("mends a wish that is not met any more", () => {
    const hosts = [host("a"), host("b", { labels: { disk: "ssd" } })];
    const members = after(replicas("db", 1, { on: [{ label: "disk", is: "ssd" }] }), {
      "db-0": "a",
    });
    const { moves } = placed({ hosts, members, rebalance: 1 });
    expect(reasonInWords(moves[0]!)).toBe(
      "on a it has no label 'disk', which is to be 'ssd'; b is as wanted",
    );
  });

  it("moves as one who is near, and nobody without being asked", () => {
    const members = after(
      [
        ...replicas("redis", 1),
        ...replicas("web", 1, { near: ["redis"] }),
        ...replicas("redis", 2).slice(1),
      ],
      { "redis-0": "a", "web-0": "a", "redis-1": "a" },
    );
    expect(placed({ members }).moves).toEqual([]);
    const { hosts, moves } = placed({ members, rebalance: 1 });
    expect(hosts["redis-0"]).toBe(hosts["web-0"]);
    expect(moves.length).toBeGreaterThan(0);
  });
});

describe("least-busy", () => {
  it("says where load may decide, and what is free there beside the plan", () => {
    const wish: Wish = { strategy: "least-busy", cpus: 3, apart: ["web"] };
    const members = [...replicas("web", 2, wish), ...replicas("db", 1, { cpus: 2 })];
    const { choices, hosts } = placed({ members });
    expect(hosts).toEqual({ "web-0": "a", "web-1": "b", "db-0": "c" });
    expect(choices["web-0"]).toEqual({
      ...{ group: "web-0", standIn: "a", hosts: ["a"], needs: { cpus: 3, memory: 0 } },
      ...{ free: { a: { cpus: 4, memory: 4096 } }, apart: ["web-1"] },
    });
    const there = after(members, hosts);
    expect(placed({ members: there }).choices).toEqual({});
  });
});

const LABELS = fc.record({ disk: fc.constantFrom("ssd", "hdd") });
const hostsArb = fc
  .array(
    fc.record({
      labels: LABELS,
      cpus: fc.integer({ min: 1, max: 6 }),
      memory: fc.integer({ min: 100, max: 900 }),
      draining: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((all) =>
    all.map(({ draining, ...each }, i): PlaceHost => ({
      ...{ name: `h${i}`, ...each },
      ...(draining && i > 0 ? { draining: true as const } : {}),
    })),
  );
const SERVICES = ["web", "db", "redis"];
const wishArb: fc.Arbitrary<Wish> = fc.record(
  {
    strategy: fc.constantFrom("spread" as const, "binpack" as const, "least-busy" as const),
    on: fc.constantFrom(
      [{ label: "disk", is: "ssd" }],
      [{ label: "disk", is: "ssd", not: true as const }],
    ),
    near: fc.subarray(SERVICES, { maxLength: 1 }),
    apart: fc.subarray(SERVICES, { maxLength: 1 }),
    cpus: fc.constantFrom(0.1, 0.5, 1, 2),
    memory: fc.integer({ min: 1, max: 300 }),
  },
  { requiredKeys: [] },
);
/** The scale and the wishes of three services, and a volume that two of them share. */
const programArb = fc.record({
  scales: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 3 }),
  wishes: fc.array(wishArb, { minLength: 3, maxLength: 3 }),
  shares: fc.boolean(),
});
type Program = { scales: number[]; wishes: Wish[]; shares: boolean };
const membersOf = ({ scales, wishes, shares }: Program): Member[] =>
  SERVICES.flatMap((service, i) =>
    replicas(service, scales[i]!, wishes[i]).map((member) => ({
      ...member,
      volumes: shares && i < 2 && member.index === 0 ? ["data"] : [],
    })),
  );

describe("in any sequence of edits", () => {
  const edits = fc.array(
    fc.record({ hosts: hostsArb, program: programArb, rebalance: fc.boolean() }),
    { minLength: 1, maxLength: 6 },
  );

  test("what runs stays, capacity is not exceeded by what comes, and reasons are true", () => {
    fc.assert(
      fc.property(edits, (all) => {
        let running: Record<string, string> = {};
        for (const { hosts, program, rebalance } of all) {
          const members = after(membersOf(program), running);
          const request = { hosts, standing: [], members, ...(rebalance ? { rebalance: 1 } : {}) };
          const result = place(request);
          expect(place(request)).toEqual(result);
          const usable = new Set(hosts.flatMap((each) => (each.draining ? [] : [each.name])));
          const moved = new Set(result.moves.flatMap(({ keys }) => keys));
          for (const { key, host: was } of members)
            if (was !== undefined && usable.has(was) && !moved.has(key))
              expect(result.hosts[key]).toBe(was);
          const comes = (key: string) => result.hosts[key] !== running[key];
          for (const each of hosts) {
            const there = members.filter(({ key }) => result.hosts[key] === each.name);
            if (!there.some(({ key }) => comes(key))) continue;
            expect(each.draining).not.toBe(true);
            for (const of of ["cpus", "memory"] as const) {
              if (!there.some(({ key, wish }) => comes(key) && (wish[of] ?? 0) > 0)) continue;
              const used = there.reduce((total, { wish }) => total + (wish[of] ?? 0), 0);
              expect(used).toBeLessThanOrEqual(each[of]! + 1e-6);
            }
          }
          for (const { hosts: why } of result.refusals)
            for (const each of hosts) {
              expect(why[each.name]!.length).toBeGreaterThan(0);
              for (const failure of why[each.name]!)
                expect(isTrue(failure, each, members, result.hosts)).toBe(true);
            }
          // A move that is refused leaves what ran where it was.
          running = Object.fromEntries(
            members.flatMap(({ key, host: was }) => {
              const at = result.hosts[key] ?? was;
              return at === undefined ? [] : [[key, at]];
            }),
          );
        }
      }),
      { numRuns: 400 },
    );
  });

  test("scaling up moves nobody, and down takes the highest index", () => {
    fc.assert(
      fc.property(hostsArb, programArb, fc.integer({ min: 1, max: 3 }), (hosts, program, more) => {
        const first = place({ hosts, standing: [], members: membersOf(program) });
        const scaled = { ...program, scales: program.scales.map((scale) => scale + more) };
        const up = place({ hosts, standing: [], members: after(membersOf(scaled), first.hosts) });
        expect(up.hosts).toMatchObject(first.hosts);
        const down = place({ hosts, standing: [], members: after(membersOf(program), up.hosts) });
        for (const [key, at] of Object.entries(first.hosts)) expect(down.hosts[key]).toBe(at);
      }),
    );
  });

  test("rebalancing comes to an end, and each host takes part in one move at a time", () => {
    fc.assert(
      fc.property(hostsArb, programArb, fc.infiniteStream(fc.nat()), (hosts, given, random) => {
        const program = {
          ...given,
          shares: false,
          wishes: given.wishes.map(({ near: _, ...w }) => w),
        };
        const usable = hosts.filter(({ draining }) => draining !== true);
        let members = membersOf(program).map((member): Member => ({
          ...member,
          host: usable[random.next().value % usable.length]!.name,
        }));
        for (let runs = 0; ; runs++) {
          expect(runs).toBeLessThan(200);
          const { moves, hosts: to } = place({ hosts, standing: [], members, rebalance: 1 });
          const parts = moves.flatMap(({ from, to: target }) => [from, target]);
          expect(new Set(parts).size).toBe(parts.length);
          if (moves.length === 0) break;
          members = after(members, to);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** Looks anew, by what the plan ended with. */
function isTrue(
  failure: Failure,
  at: PlaceHost,
  members: readonly Member[],
  hosts: Readonly<Record<string, string>>,
): boolean {
  const there = members.filter((each) => hosts[each.key] === at.name);
  switch (failure.kind) {
    case "draining":
      return at.draining === true;
    case "host":
      return (at.name === failure.is) === (failure.not === true);
    case "label":
      return (at.labels[failure.label] === failure.is) === (failure.not === true);
    case "with":
      return hosts[failure.replica] === failure.host && failure.host !== at.name;
    case "near":
      return Object.keys(hosts).some((each) => each.startsWith(`${failure.service}-`));
    case "apart":
      return members.some(({ service }) => service === failure.service);
    default: {
      const used = there.reduce((total, { wish }) => total + (wish[failure.kind] ?? 0), 0);
      // What came later can only have left less.
      return failure.needs > at[failure.kind]! - used - 1e-6;
    }
  }
}
