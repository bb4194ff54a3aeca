import fc from "fast-check";
import {
  formatCidr,
  overlaps,
  parseAddress,
  parseCidr,
  type Cidr,
} from "../../../provider/core/addresses/ipv4";
import { planLate } from "../../../provider/core/addresses/late";
import { lateBlocks, lateHalf } from "../../../provider/core/addresses/late-blocks";
import { isLeasable } from "../../../provider/core/addresses/sizing";
import { readHistory, writeDeployments } from "../../../provider/core/addresses/state";
import type { DeploymentAddresses } from "../../../provider/core/addresses/model";

const POOL = "10.40.0.0/13";

function late(
  name: string,
  replicas: readonly string[],
  {
    others = {},
    own,
    pool = POOL,
    missing = [],
  }: {
    others?: Record<string, string>;
    own?: DeploymentAddresses;
    pool?: string;
    missing?: string[];
  } = {},
) {
  const names = Object.keys(others).filter((each) => !missing.includes(each));
  const history = own && readHistory({ [name]: own }).deployments.get(name);
  const { planned, problems } = planLate(
    { pool: parseCidr(pool), exclude: [] },
    {
      others: new Map(Object.entries(others).map(([each, subnet]) => [each, parseCidr(subnet)])),
      present: new Set(names),
      ...(history && { own: history }),
    },
    { deployment: name, replicas: replicas.map((key) => ({ key })) },
  );
  return {
    addresses: planned && writeDeployments(new Map([[name, planned]]))[name]!,
    reasons: problems.map(({ reason }) => reason),
  };
}

test("its place follows from its name, in the half that all others are put in last", () => {
  const { addresses } = late("pears", ["db-0", "web-0"]);
  const subnet = parseCidr(addresses!.subnet);
  expect(overlaps(subnet, lateHalf(parseCidr(POOL)))).toBe(true);
  expect(late("pears", ["db-0", "web-0"]).addresses).toEqual(addresses);
  expect(late("plums", ["db-0", "web-0"]).addresses?.subnet).not.toBe(addresses?.subnet);
  // Written down: another place in another release would be new addresses.
  expect(addresses).toMatchInlineSnapshot(`
   {
     "leases": {
       "db-0": "10.45.58.2",
       "web-0": "10.45.58.3",
     },
     "subnet": "10.45.58.0/27",
   }
  `);
});

test("a hundred names rarely want one place, and get places of their own when they do", () => {
  const others: Record<string, string> = {};
  const wished = new Set<string>();
  for (let i = 0; i < 100; i++) {
    wished.add(late(`app${i}`, ["web-0"]).addresses!.subnet);
    others[`app${i}`] = late(`app${i}`, ["web-0"], { others }).addresses!.subnet;
  }
  expect(wished.size).toBeGreaterThan(90);
  expect(new Set(Object.values(others)).size).toBe(100);
});

test("it keeps what it has, grows where it is, and has what it had when it comes back", () => {
  const first = late("pears", ["web-0"]).addresses!;
  const keys = Array.from({ length: 40 }, (_, i) => `web-${i}`);
  const grown = late("pears", keys, { own: first }).addresses!;
  expect(parseCidr(grown.subnet)).toEqual({ base: parseCidr(first.subnet).base, prefix: 26 });
  expect(grown.leases["web-0"]).toBe(first.leases["web-0"]);
  const fewer = late("pears", ["web-0"], { own: grown }).addresses!;
  expect(late("pears", keys, { own: fewer }).addresses?.leases).toEqual(grown.leases);
  const remembered = { ...grown, missing: 3 };
  expect(late("pears", keys, { own: remembered }).addresses).toEqual(grown);
});

test("what others had, and may come back to, is not for it", () => {
  const pool = "10.40.0.0/26";
  const others = { a: "10.40.0.0/27", b: "10.40.0.32/27" };
  expect(late("pears", ["web-0"], { pool, others, missing: ["b"] })).toEqual({
    addresses: undefined,
    reasons: [
      expect.stringMatching(/^the pool 10\.40\.0\.0\/26 has no free block for deployment 'pears'/),
    ],
  });
});

test("it says so when somebody who could not know of it is given a part of what it has", () => {
  const own = late("pears", ["web-0"]).addresses!;
  const others = { plums: own.subnet };
  expect(late("pears", ["web-0"], { own, others }).reasons).toEqual([
    expect.stringMatching(
      /^deployment 'plums' is given .* declared so late that the others could not know of it\./,
    ),
  ]);
  expect(late("pears", ["web-0"], { own, others, missing: ["plums"] }).reasons).toEqual([]);
});

test("every block is offered once, whole, and inside of the pool", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 16, max: 32 }),
      fc.integer({ min: 16, max: 30 }),
      fc.string(),
      (pool, prefix, name) => {
        const within: Cidr = parseCidr(`10.40.0.0/${pool}`);
        const blocks = [...lateBlocks(within, name, prefix)];
        expect(blocks.length > 0).toBe(prefix >= pool);
        expect(new Set(blocks.map(formatCidr)).size).toBe(blocks.length);
        for (const block of blocks) expect(parseCidr(formatCidr(block))).toEqual(block);
        if (blocks.length > 1) expect(overlaps(blocks[0]!, lateHalf(within))).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

test("in any order, with whatever others have: nobody overlaps, and a second look changes nothing", () => {
  const request = fc.record({
    name: fc.constantFrom("a", "b", "c", "d", "e"),
    web: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(
      fc.array(request, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(13, 22, 24),
      (steps, prefix) => {
        const pool = `10.40.0.0/${prefix}`;
        const all: Record<string, DeploymentAddresses> = {};
        for (const { name, web } of steps) {
          const { [name]: own, ...rest } = all;
          const others = Object.fromEntries(
            Object.entries(rest).map(([n, { subnet }]) => [n, subnet]),
          );
          const keys = Array.from({ length: web }, (_, i) => `web-${i}`);
          const { addresses, reasons } = late(name, keys, { others, pool, ...(own && { own }) });
          if (reasons.length > 0 || addresses === undefined) continue;
          for (const subnet of Object.values(others))
            expect(overlaps(parseCidr(subnet), parseCidr(addresses.subnet))).toBe(false);
          for (const [key, ip] of Object.entries(addresses.leases)) {
            expect(isLeasable(parseCidr(addresses.subnet), parseAddress(ip))).toBe(true);
            expect(own?.leases[key] ?? ip).toBe(ip);
          }
          expect(late(name, keys, { others, pool, own: addresses }).addresses).toEqual(addresses);
          all[name] = addresses;
        }
      },
    ),
  );
});
