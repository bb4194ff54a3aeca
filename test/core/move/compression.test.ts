import fc from "fast-check";
import { compressionPays, slowEnough } from "../../../provider/core/move/compression";

const rates = fc.double({ min: 1, max: 1e11, noNaN: true });
const ratios = fc.double({ min: 0, max: 1.1, noNaN: true });

describe("compression", () => {
  test("is never used on a fast link, whatever the data", () => {
    fc.assert(
      fc.property(fc.double({ min: 76e6, max: 1e12, noNaN: true }), ratios, (rate, ratio) => {
        expect(compressionPays({ rate, ratio })).toBe(false);
        expect(slowEnough(rate)).toBe(false);
      }),
    );
  });

  test("is never used on data that does not get smaller", () => {
    fc.assert(
      fc.property(rates, fc.double({ min: 0.76, max: 5, noNaN: true }), (rate, ratio) => {
        expect(compressionPays({ rate, ratio })).toBe(false);
      }),
    );
  });

  test("pays all the more on a slower link and on data that gets smaller still", () => {
    fc.assert(
      fc.property(
        rates,
        ratios,
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rate, ratio, slower, smaller) => {
          if (!compressionPays({ rate, ratio })) return;
          expect(compressionPays({ rate: rate * slower, ratio: ratio * smaller })).toBe(true);
        },
      ),
    );
  });

  test("saves a quarter of the time or more where it is used", () => {
    fc.assert(
      fc.property(rates, ratios, (rate, ratio) => {
        if (!compressionPays({ rate, ratio })) return;
        expect(Math.max(ratio / rate, 1 / 100e6)).toBeLessThanOrEqual(0.751 / rate);
        expect(slowEnough(rate)).toBe(true);
      }),
    );
  });

  test("is not used when a figure is missing", () => {
    for (const odd of [NaN, -1, 0]) expect(compressionPays({ rate: odd, ratio: 0.1 })).toBe(false);
    expect(compressionPays({ rate: 1e6, ratio: NaN })).toBe(false);
  });

  test.each([
    ["text over 100 Mbit/s", 12.5e6, 0.3, true],
    ["text over 1 Gbit/s", 115e6, 0.3, false],
    ["pictures over 10 Mbit/s", 1.2e6, 0.99, false],
  ])("%s", (_name, rate, ratio, pays) => {
    expect(compressionPays({ rate, ratio })).toBe(pays);
  });
});
