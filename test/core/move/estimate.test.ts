import { estimateInWords } from "../../../provider/core/move/estimate";

const of = { bytes: 1_250_000_000, volumes: 1, there: 0, target: "node2" };

test.each([
  [of, "1.3 GB in 1 volume; copied while it runs, in about 11.1 s at 1 Gbit/s (assumed)"],
  [
    { ...of, linkRate: 1_250_000_000, volumes: 2 },
    "1.3 GB in 2 volumes; copied while it runs, in about 1.1 s at 10 Gbit/s",
  ],
  [
    { ...of, linkRate: 12_500_000, maxBandwidth: 50_000_000 },
    "1.3 GB in 1 volume; copied while it runs, in about 1 min 51 s at 100 Mbit/s",
  ],
  [
    { ...of, linkRate: 125_000_000, maxBandwidth: 50_000_000 },
    "1.3 GB in 1 volume; copied while it runs, in about 25.0 s at its bound of 50.0 MB/s",
  ],
  [
    { ...of, bytes: 1000, there: 900 },
    "1.0 kB in 1 volume, of which an older copy on node2 has up to 900 B; copied while it runs, in at most 1.0 s " +
      "at 1 Gbit/s (assumed)",
  ],
  [{ ...of, bytes: 0, volumes: 0 }, "no data to copy; it stops for a stop and a start"],
])("%j", (estimate, words) => {
  expect(estimateInWords(estimate)).toBe(words);
});
