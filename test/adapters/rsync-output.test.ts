import {
  parseProgress,
  parseSkipped,
  parseSpecials,
  parseStats,
} from "../../provider/adapters/cutover/rsync-output";

/** Of rsync 3.5.0, with the options of a round. */
const OUTPUT = `skipping non-regular file "dev"
skipping non-regular file "deep/it "is" odd"
\r              3 100%    0.00kB/s    0:00:00  \r      1,234,567  41%   12.34MB/s    0:00:00 (xfr#1, to-chk=0/7)

Number of files: 8 (reg: 1, dir: 2, dev: 2, special: 3)
Number of created files: 5 (reg: 1, dir: 1, special: 3)
Number of deleted files: 2 (reg: 1, special: 1)
Number of regular files transferred: 1
Total file size: 3 bytes
Total bytes sent: 247
Total bytes received: 98
`;

test("what was skipped is told by its name, whatever that holds", () =>
  expect(parseSkipped(OUTPUT)).toEqual(["dev", 'deep/it "is" odd']));

test("nothing was skipped where rsync says nothing of it", () =>
  expect(parseSkipped(OUTPUT.replace(/^skipping.*$/gm, ""))).toEqual([]));

test("pipes and sockets are counted among all files, not among the new ones", () => {
  expect(parseSpecials(OUTPUT)).toBe(3);
  expect(parseSpecials(OUTPUT.replace(", special: 3)", ")"))).toBe(0);
  expect(parseSpecials("")).toBe(0);
});

test("figures and progress", () => {
  expect(parseStats(OUTPUT)).toEqual({ bytesCopied: 98, filesChanged: 3 });
  expect(parseProgress(OUTPUT)).toEqual({ bytes: 1_234_567, rate: "12.34MB/s", percent: 41 });
  // While rsync still looks for files, it is a part of what it has found so far.
  expect(parseProgress(OUTPUT.replace("to-chk", "ir-chk"))).toEqual({
    bytes: 1_234_567,
    rate: "12.34MB/s",
  });
  expect(parseProgress("Number of files: 8")).toBeUndefined();
});
