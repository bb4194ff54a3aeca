import fc from "fast-check";
import { enclosing, lastOf, parseCidr, type Cidr } from "../../../provider/core/addresses/ipv4";
import {
  freeSpace,
  isFree,
  isTaken,
  lowestFree,
  take,
  takeAll,
} from "../../../provider/core/addresses/space";

const root = parseCidr("10.40.0.0/24");
const inRoot = fc
  .tuple(fc.nat(255), fc.integer({ min: 24, max: 32 }))
  .map(([offset, prefix]) => enclosing(root.base + offset, prefix));
const anywhere = fc.oneof(
  inRoot,
  fc.constantFrom(...["10.0.0.0/8", "10.39.0.0/16", "10.40.1.0/24"].map(parseCidr)),
);

/** The same, the slow way. */
function bitmap(taken: readonly Cidr[]): boolean[] {
  return Array.from({ length: 256 }, (_, i) =>
    taken.some((block) => root.base + i >= block.base && root.base + i <= lastOf(block)),
  );
}

test("agrees with a map of single addresses", () => {
  fc.assert(
    fc.property(fc.array(anywhere, { maxLength: 12 }), inRoot, (taken, probe) => {
      const space = takeAll(freeSpace(root), taken);
      const map = bitmap(taken);
      const slice = map.slice(probe.base - root.base, lastOf(probe) - root.base + 1);
      expect(isFree(space, probe)).toBe(slice.every((bit) => !bit));
      expect(isTaken(space, probe)).toBe(slice.every((bit) => bit));

      let lowest: Cidr | undefined;
      const size = 2 ** (32 - probe.prefix);
      for (let base = 0; base < 256 && !lowest; base += size) {
        if (map.slice(base, base + size).every((bit) => !bit)) {
          lowest = { base: root.base + base, prefix: probe.prefix };
        }
      }
      expect(lowestFree(space, probe.prefix)).toEqual(lowest);
    }),
  );
});

test("taking leaves the space before as it was", () => {
  const before = take(freeSpace(root), parseCidr("10.40.0.0/27"));
  take(before, parseCidr("10.40.0.32/27"));
  expect(isFree(before, parseCidr("10.40.0.32/27"))).toBe(true);
});

test("outside the root nothing is free or taken, and nothing wider than it is found", () => {
  const space = freeSpace(root);
  expect(isFree(space, parseCidr("10.40.1.0/27"))).toBe(false);
  expect(isTaken(space, parseCidr("10.40.1.0/27"))).toBe(false);
  expect(lowestFree(space, 23)).toBeUndefined();
  expect(lowestFree(freeSpace(parseCidr("0.0.0.0/0")), 32)).toEqual(parseCidr("0.0.0.0/32"));
});
