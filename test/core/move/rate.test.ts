import { parseRate } from "../../../provider/core/move/rate";

test.each([
  ["50MB/s", 50e6],
  ["50 MB/s", 50e6],
  ["1.5 GiB/s", 1.5 * 2 ** 30],
  ["400Mbit/s", 50e6],
  ["400 Mbps", 50e6],
  ["400Mbitps", 50e6],
  ["1000", 1000],
  ["64k", 64_000],
  ["8 kbps", 1000],
])("'%s' is %d bytes per second", (text, rate) => {
  expect(parseRate(text)).toBeCloseTo(rate, 6);
});

test.each(["", "fast", "MB/s", "-5MB/s", "5 MB / s", "5 xB/s", "1e9", "5MB/h", "5MB/s x"])(
  "'%s' is none",
  (text) => {
    expect(parseRate(text)).toBeNaN();
  },
);
