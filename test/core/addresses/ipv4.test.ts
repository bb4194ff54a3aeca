import fc from "fast-check";
import { Address4 } from "ip-address";
import {
  compareCidrs,
  contains,
  containsAddress,
  enclosing,
  formatAddress,
  formatCidr,
  lastOf,
  overlaps,
  parseAddress,
  parseCidr,
  sizeOf,
  without,
  type Cidr,
} from "../../../provider/core/addresses/ipv4";
import { FerryError } from "../../../provider/core/errors";

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const block = fc
  .tuple(address, fc.integer({ min: 0, max: 32 }))
  .map(([base, prefix]) => enclosing(base, prefix));

describe("addresses", () => {
  test.each([
    ["0.0.0.0", 0],
    ["10.40.0.2", 0x0a280002],
    ["255.255.255.255", 2 ** 32 - 1],
  ])("%s is read and written", (text, value) => {
    expect(parseAddress(text)).toBe(value);
    expect(formatAddress(value)).toBe(text);
  });

  test.each([
    ["", "'' is not an IPv4 address: it needs four numbers with dots between them"],
    ["10.40.0", "'10.40.0' is not an IPv4 address: it needs four numbers with dots between them"],
    [
      "1.2.3.4.5",
      "'1.2.3.4.5' is not an IPv4 address: it needs four numbers with dots between them",
    ],
    ["10.40.0.256", "'10.40.0.256' is not an IPv4 address: '256' is not a number from 0 to 255"],
    ["10.40..1", "'10.40..1' is not an IPv4 address: '' is not a number from 0 to 255"],
    ["10.40.0.-1", "'10.40.0.-1' is not an IPv4 address: '-1' is not a number from 0 to 255"],
    ["10.40.0.0x1", "'10.40.0.0x1' is not an IPv4 address: '0x1' is not a number from 0 to 255"],
    ["10.40.0. 1", "'10.40.0. 1' is not an IPv4 address: ' 1' is not a number from 0 to 255"],
    ["10.40.0.1\n", "'10.40.0.1\n' is not an IPv4 address: '1\n' is not a number from 0 to 255"],
    ["10.040.0.1", "'10.040.0.1' is not an IPv4 address: '040' has a leading zero"],
    ["10.40.0.00", "'10.40.0.00' is not an IPv4 address: '00' has a leading zero"],
  ])("%j is refused", (text, message) => {
    expect(() => parseAddress(text)).toThrow(new FerryError(message));
  });

  test("what is written is read back", () => {
    fc.assert(fc.property(address, (value) => parseAddress(formatAddress(value)) === value));
  });
});

describe("CIDRs", () => {
  test.each(["0.0.0.0/0", "10.40.0.0/13", "128.0.0.0/1", "10.40.0.7/32", "255.255.255.254/31"])(
    "%s is read and written",
    (text) => expect(formatCidr(parseCidr(text))).toBe(text),
  );

  test.each([
    ["10.40.0.0", "it has no prefix length, such as the /24 in 10.40.0.0/24"],
    ["10.40.0.0/", "the prefix length '' is not a number from 0 to 32"],
    ["10.40.0.0/33", "the prefix length '33' is not a number from 0 to 32"],
    ["10.40.0.0/-1", "the prefix length '-1' is not a number from 0 to 32"],
    ["10.40.0.0/08", "the prefix length '08' is not a number from 0 to 32"],
    ["10.40.0.0/24/24", "the prefix length '24/24' is not a number from 0 to 32"],
    ["10.40.0.7/24", "it does not start at a network address; 10.40.0.0/24 does"],
    ["10.44.0.0/12", "it does not start at a network address; 10.32.0.0/12 does"],
  ])("%j is refused", (text, reason) => {
    expect(() => parseCidr(text)).toThrow(new FerryError(`'${text}' is not a CIDR: ${reason}`));
  });

  test("an address inside is checked as any other", () => {
    expect(() => parseCidr("10.040.0.0/24")).toThrow(/'040' has a leading zero/);
  });

  test("what is written is read back", () => {
    fc.assert(fc.property(block, (one) => expect(parseCidr(formatCidr(one))).toEqual(one)));
  });

  test("containing and overlapping agree with the first and last addresses", () => {
    const pair = fc.oneof(
      fc.tuple(block, block),
      fc
        .tuple(block, fc.integer({ min: 0, max: 32 }))
        .map(([a, p]) => [a, enclosing(a.base, p)] as const),
    );
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(contains(a, b)).toBe(a.base <= b.base && lastOf(b) <= lastOf(a));
        expect(overlaps(a, b)).toBe(a.base <= lastOf(b) && b.base <= lastOf(a));
        expect(overlaps(a, b)).toBe(overlaps(b, a));
        expect(containsAddress(a, b.base)).toBe(contains(a, { base: b.base, prefix: 32 }));
      }),
    );
  });

  test("containing and overlapping are what the library says of the texts", () => {
    const inLibrary = (one: Cidr) => new Address4(formatCidr(one));
    const nearby = fc
      .tuple(block, fc.integer({ min: 0, max: 32 }), fc.integer({ min: -2, max: 2 }))
      .map(([a, prefix, steps]) => {
        const moved = a.base + steps * 2 ** (32 - prefix);
        return [a, enclosing(Math.min(Math.max(moved, 0), 2 ** 32 - 1), prefix)] as const;
      });
    fc.assert(
      fc.property(nearby, ([a, b]) => {
        expect(contains(a, b)).toBe(inLibrary(b).isInSubnet(inLibrary(a)));
        expect(overlaps(a, b)).toBe(
          inLibrary(a).isInSubnet(inLibrary(b)) || inLibrary(b).isInSubnet(inLibrary(a)),
        );
        expect(formatAddress(lastOf(a))).toBe(inLibrary(a).endAddress().correctForm());
      }),
    );
  });

  test("what is taken is in the one spelling that is written, whatever is asked", () => {
    const few = (among: string) =>
      fc.string({ unit: fc.constantFrom(...Array.from(among)), minLength: 1, maxLength: 3 });
    const almost = fc
      .tuple(fc.array(few("0125x -"), { minLength: 3, maxLength: 5 }), few("0123/"))
      .map(([parts, length]) => `${parts.join(".")}/${length}`);
    const asWritten = (text: string, read: (text: string) => string) => {
      try {
        return read(text) === text;
      } catch (error) {
        return error instanceof FerryError;
      }
    };
    fc.assert(
      fc.property(fc.oneof(almost, fc.string()), (text) => {
        expect(asWritten(text, (each) => formatCidr(parseCidr(each)))).toBe(true);
        const [address = ""] = text.split("/");
        expect(asWritten(address, (each) => formatAddress(parseAddress(each)))).toBe(true);
      }),
    );
  });

  test("without: buddies that fill the rest, nearest first", () => {
    const outer = parseCidr("10.40.0.0/24");
    expect(without(outer, parseCidr("10.40.0.64/27")).map(formatCidr)).toEqual([
      "10.40.0.96/27",
      "10.40.0.0/26",
      "10.40.0.128/25",
    ]);
    expect(without(outer, outer)).toEqual([]);
    fc.assert(
      fc.property(block, fc.integer({ min: 0, max: 32 }), (inner, prefix) => {
        const around = enclosing(inner.base, Math.min(prefix, inner.prefix));
        const parts = [inner, ...without(around, inner)].sort(compareCidrs);
        let next = around.base;
        for (const part of parts) {
          expect(part.base).toBe(next);
          next += sizeOf(part);
        }
        expect(next).toBe(lastOf(around) + 1);
      }),
    );
  });
});
