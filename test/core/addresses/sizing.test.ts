import fc from "fast-check";
import { parseAddress, parseCidr } from "../../../provider/core/addresses/ipv4";
import { compareReplicas, nameSome } from "../../../provider/core/addresses/order";
import { leftAlone, nextGeneration } from "../../../provider/core/addresses/releases";
import {
  capacityOf,
  isLeasable,
  roomsFor,
  roomyPrefix,
  tightPrefix,
} from "../../../provider/core/addresses/sizing";

test.each([
  [0, 30, 27],
  [1, 30, 27],
  [2, 29, 27],
  [5, 29, 27],
  [6, 28, 27],
  [13, 28, 27],
  [19, 27, 27],
  [20, 27, 26],
  [29, 27, 26],
  [30, 26, 26],
  [253, 24, 23],
  [254, 23, 23],
  [10_000, 18, 18],
])("%i replicas: /%i is tight, /%i has head-room", (replicas, tight, roomy) => {
  expect(tightPrefix(replicas)).toBe(tight);
  expect(roomyPrefix(replicas)).toBe(roomy);
});

test("a subnet holds what is needed with a third to spare, and is at most 4 times the need", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), (replicas) => {
      const prefix = roomyPrefix(replicas);
      expect(capacityOf(prefix)).toBeGreaterThanOrEqual(1.5 * replicas);
      expect(2 ** (32 - prefix)).toBeLessThanOrEqual(Math.max(32, 4 * replicas));
      expect(capacityOf(tightPrefix(replicas))).toBeGreaterThanOrEqual(replicas);
    }),
  );
});

test.each([
  ["10.40.0.0", false],
  ["10.40.0.1", false],
  ["10.40.0.2", true],
  ["10.40.0.30", true],
  ["10.40.0.31", false],
  ["10.40.0.32", false],
])("%s may be leased in 10.40.0.0/27: %s", (text, may) => {
  expect(isLeasable(parseCidr("10.40.0.0/27"), parseAddress(text))).toBe(may);
});

test.each([
  [32, 0],
  [31, 0],
  [30, 1],
  [29, 5],
])("a /%i holds %i replicas", (prefix, capacity) => expect(capacityOf(prefix)).toBe(capacity));

test("room to double five times is looked for first, none last", () => {
  expect(roomsFor(27)).toEqual([22, 23, 24, 25, 26, 27]);
  expect(roomsFor(2)).toEqual([0, 1, 2]);
});

test("replicas are sorted by service, then by number", () => {
  const keys = ["web-10", "web-2", "db-0", "web-2-1", "web", "web-02"];
  expect([...keys].sort(compareReplicas)).toEqual([
    "db-0",
    "web",
    "web-02",
    "web-2",
    "web-10",
    "web-2-1",
  ]);
});

test.each([
  [["a"], "'a'"],
  [["a", "b"], "'a' and 'b'"],
  [["a", "b", "c"], "'a', 'b' and 'c'"],
  [["a", "b", "c", "d", "e"], "'a', 'b', 'c' and 2 more"],
])("%j reads %s", (names, text) => expect(nameSome(names)).toBe(text));

describe("releases", () => {
  const release = (generation: number) => ({ by: "web-0", generation });

  test("a later one has a higher generation", () => {
    expect(nextGeneration([])).toBe(1);
    expect(nextGeneration([release(3), release(2)])).toBe(4);
  });

  test("all but the oldest are left alone, the oldest first", () => {
    const some = Array.from({ length: 200 }, (_, i) => release(200 - i));
    const generations = leftAlone(some).map(({ generation }) => generation);
    expect(generations).toEqual(Array.from({ length: 128 }, (_, i) => 73 + i));
  });

  test("those of the last two updates are, however many there are", () => {
    const old = Array.from({ length: 200 }, (_, i) => release(i + 1));
    const last = Array.from({ length: 500 }, () => release(201));
    expect(leftAlone([...old, ...last, release(202)])).toHaveLength(500 + 1);
  });
});
