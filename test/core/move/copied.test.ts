import * as fc from "fast-check";
import { NOTHING_COPIED, together } from "../../../provider/core/move/copied";

const copied = fc.record({ bytesCopied: fc.nat(), filesChanged: fc.nat() });

test("all parts count, whatever their order and grouping", () => {
  fc.assert(
    fc.property(fc.array(copied), fc.array(copied), (some, others) => {
      const all = together([...some, ...others]);
      expect(together([...others, ...some])).toEqual(all);
      expect(together([together(some), together(others), NOTHING_COPIED])).toEqual(all);
      expect(all.bytesCopied).toBe(
        [...some, ...others].reduce((sum, { bytesCopied }) => sum + bytesCopied, 0),
      );
    }),
  );
});

test("nothing is none", () => expect(together([])).toEqual(NOTHING_COPIED));
