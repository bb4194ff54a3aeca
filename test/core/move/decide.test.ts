import fc from "fast-check";
import { decide, type Copy, type Findings } from "../../../provider/core/move/decide";
import type { PlacementRecord, Role } from "../../../provider/core/move/record";

const copy = (host: string, epoch: number, more: Partial<Copy> = {}): Copy => ({
  host,
  containerId: `${host}-${epoch}`,
  epoch,
  running: false,
  started: true,
  ...more,
});
const record = (role: Role, epoch: number, other = "b"): PlacementRecord => ({
  version: 1,
  replica: "p/s/d/redis/0",
  role,
  epoch,
  other,
  volumes: ["d_data"],
});
const found = (copies: Copy[], records: Findings["records"] = {}, unreachable: string[] = []) =>
  decide({ copies, records, unreachable });
const homeOf = (findings: Parameters<typeof found>) => {
  const decision = found(...findings);
  return decision.kind === "home" ? decision.home.host : decision.kind;
};

describe("which copy counts", () => {
  const running = { running: true };
  const neverStarted = { started: false };
  test.each<[string, Parameters<typeof found>, string]>([
    ["nothing anywhere", [[]], "absent"],
    ["one that runs", [[copy("a", 1, running)]], "a"],
    ["one that was stopped by hand", [[copy("a", 1)]], "a"],
    [
      "before the stop",
      [[copy("a", 1, running), copy("b", 2, neverStarted)], { b: record("arriving", 2, "a") }],
      "a",
    ],
    [
      "after the stop",
      [
        [copy("a", 1), copy("b", 2, neverStarted)],
        { a: record("leaving", 1), b: record("arriving", 2, "a") },
      ],
      "a",
    ],
    [
      "after the start",
      [
        [copy("a", 1), copy("b", 2, running)],
        { a: record("leaving", 1), b: record("arriving", 2, "a") },
      ],
      "b",
    ],
    [
      "power cut after the start, when clients may have been answered",
      [[copy("a", 1), copy("b", 2)], { a: record("leaving", 1), b: record("arriving", 2, "a") }],
      "b",
    ],
    [
      "taken back, still running",
      [
        [copy("a", 1), copy("b", 2, running)],
        { a: record("leaving", 1), b: record("rejected", 2, "a") },
      ],
      "a",
    ],
    [
      "after commit, the old one started by hand",
      [
        [copy("a", 1, running), copy("b", 2)],
        { a: record("leaving", 1), b: record("home", 2, "a") },
      ],
      "b",
    ],
    ["the higher epoch of two that run", [[copy("a", 1, running), copy("b", 2, running)]], "b"],
    ["two that run with one epoch", [[copy("a", 2, running), copy("b", 2, running)]], "undecided"],
    ["the one of two that runs", [[copy("a", 2), copy("b", 2, running)]], "b"],
    [
      "its container removed by hand, an older one left",
      [[copy("a", 1)], { b: record("home", 2, "a") }],
      "absent",
    ],
    [
      "moved to a host that does not answer",
      [[copy("a", 1)], { a: record("leaving", 1, "b") }, ["b"]],
      "undecided",
    ],
    ["another host that does not answer", [[copy("a", 1, running)], {}, ["c"]], "a"],
  ])("%s", (_name, findings, expected) => {
    expect(homeOf(findings)).toBe(expected);
  });

  test("a host that state believes in and that does not answer leaves it open", () => {
    const findings = { copies: [copy("a", 1)], records: {}, unreachable: ["b"] };
    expect(decide(findings, { host: "b", epoch: 2 }).kind).toBe("undecided");
    expect(decide(findings, { host: "b", epoch: 0 }).kind).toBe("home");
  });

  test("where the data is stays known when the container is gone", () => {
    expect(found([copy("a", 1)], { b: record("home", 2) })).toMatchObject({
      dataOn: "b",
      lastEpoch: 2,
    });
  });
});

describe("whatever is found", () => {
  const hosts = ["a", "b", "c"];
  const roles: Role[] = ["home", "leaving", "arriving", "rejected", "retired"];
  const findings = fc.record({
    copies: fc.array(
      fc.record({
        host: fc.constantFrom(...hosts),
        containerId: fc.uuid(),
        epoch: fc.integer({ min: 1, max: 4 }),
        running: fc.boolean(),
        started: fc.boolean(),
      }),
      { maxLength: 5 },
    ),
    records: fc.dictionary(
      fc.constantFrom(...hosts),
      fc
        .tuple(fc.constantFrom(...roles), fc.integer({ min: 1, max: 4 }))
        .map(([role, epoch]) => record(role, epoch)),
    ),
    unreachable: fc.uniqueArray(fc.constantFrom("d", "e"), { maxLength: 2 }),
  });

  test("every copy is either the one that counts or stale, and no epoch is used twice", () => {
    fc.assert(
      fc.property(findings, (each) => {
        const decision = decide(each);
        if (decision.kind === "undecided") return;
        const kept = decision.kind === "home" ? [decision.home] : [];
        expect([...kept, ...decision.stale]).toHaveLength(each.copies.length);
        expect(new Set([...kept, ...decision.stale])).toEqual(new Set(each.copies));
        for (const { epoch } of each.copies)
          expect(decision.lastEpoch).toBeGreaterThanOrEqual(epoch);
      }),
    );
  });

  test("nothing that counts with a higher epoch is ever passed over", () => {
    fc.assert(
      fc.property(findings, (each) => {
        const decision = decide(each);
        if (decision.kind !== "home") return;
        const newer = each.copies.filter(
          ({ host, epoch, started }) =>
            epoch > decision.home.epoch &&
            started &&
            !(each.records[host]?.role === "rejected" && each.records[host].epoch === epoch),
        );
        expect(newer).toEqual([]);
        expect(decision.halfMade).not.toContain(decision.home.host);
      }),
    );
  });
});
