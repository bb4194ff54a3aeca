import * as fc from "fast-check";
import {
  formatLease,
  leasePath,
  leaseProblem,
  newestLease,
  parseLease,
  type VolumeLease,
} from "../../../provider/core/volume/lease";

const lease: VolumeLease = {
  version: 1,
  driver: "rbd",
  volume: "apples_data",
  holder: "shop/prod/apples",
  host: "node1",
  epoch: 3,
  owner: "root@ci-7",
  when: "2026-01-02T03:04:05Z",
};

test("what is written is what is read, whatever its texts hold", () => {
  const text = fc.record({ holder: fc.string(), owner: fc.string(), volume: fc.string() });
  fc.assert(
    fc.property(text, (change) => {
      const written = { ...lease, ...change };
      expect(parseLease(formatLease(written))).toEqual(written);
    }),
  );
});

test.each(["", "{", "null", "[]", formatLease(lease).replace('"version":1', '"version":2')])(
  "%p is no lease",
  (text) => {
    expect(parseLease(text)).toBeUndefined();
  },
);

test("a path is a driver's volume's, and has no character that needs quoting", () => {
  const path = leasePath({ driver: "a", volume: "it's/../x" });
  expect(path).toMatch(/^\/var\/lib\/ferry\/volumes\/it_s_.._x-[0-9a-f]{12}\.json$/);
  expect(leasePath({ driver: "b", volume: "it's/../x" })).not.toBe(path);
});

test("the newest counts, and is given to its deployment alone, by any of its names", () => {
  const newest = newestLease([undefined, { ...lease, epoch: 2, holder: "old" }, lease]);
  expect(newest).toEqual(lease);
  expect(newestLease([undefined])).toBeUndefined();
  expect(leaseProblem(newest, ["shop/prod/pears", "shop/prod/apples"])).toBeUndefined();
  expect(leaseProblem(newest, ["shop/prod/pears"])).toMatch(
    /'apples_data' of driver 'rbd' is deployment 'shop\/prod\/apples''s, for host 'node1'.*remove \/var\/lib\/ferry\/volumes/,
  );
});
