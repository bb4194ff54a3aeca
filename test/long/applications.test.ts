import { differences } from "../corpus/differences";

test("Ferry and Compose understand the same by files that people might write", () => {
  // Others in each run; a difference is shown with its file.
  const seed = Date.now() % 2 ** 32;
  const { taken, different } = differences(100_000, seed);
  expect(different).toEqual([]);
  expect(taken).toBeGreaterThan(20_000);
}, 1_800_000);
