import { copy, entry, found, movingInVersion1, neverStarted, running } from "./machine-fixture";
import { until, whatIsDone } from "./machine-run";

/** A run that finds what an earlier one left when it was interrupted: on to the end, or back. */

const inPreCopy = found([copy("a", 1, running), copy("b", 2, neverStarted)], {
  b: entry("target/copying", 2, "a"),
});
const compared = {
  a: entry("source/stopped", 1, "b", { highest: 2 }),
  b: entry("target/compared", 2, "a"),
};
const verified = found([copy("a", 1), copy("b", 2)], compared);
const onceMoreOnA = ["a home", "start a-1", "restart policy a-1"];
const nothingLeftOnB = ["remove container b-2", "remove volumes b", "forget b"];

whatIsDone([
  ["all is well", found([copy("a", 1, running)]), {}, "keep a", []],
  ["a move is wanted", found([copy("a", 1, running)]), { wanted: "b" }, "move a", []],
  [
    "interrupted in the pre-copy: the copy that is there is gone on with",
    inPreCopy,
    { wanted: "b" },
    "move a",
    ["remove container b-2"],
  ],
  [
    "interrupted in the pre-copy, and put back: the half copy goes",
    inPreCopy,
    {},
    "keep a",
    nothingLeftOnB,
  ],
  [
    "interrupted with a verified copy: forward",
    verified,
    { wanted: "b" },
    "keep b",
    ["a source/committed", "b home", "start b-2", "remove container a-1", "a retired"],
  ],
  [
    "the same, and the program changed meanwhile: back, and once more",
    found([copy("a", 1), copy("b", 2, { asWanted: false })], compared),
    { wanted: "b" },
    "move a",
    ["b target/rejected", ...onceMoreOnA, ...nothingLeftOnB],
  ],
  [
    "the same, and the source was started by hand and stopped again: back, and once more",
    found([copy("a", 1, { startedAt: "later" }), copy("b", 2)], {
      ...compared,
      a: entry("source/stopped", 1, "b", { highest: 2, startedAt: "before" }),
    }),
    { wanted: "b" },
    "move a",
    ["b target/rejected", ...onceMoreOnA, ...nothingLeftOnB],
  ],
  [
    "the same, put back: the target is dead before the source starts",
    found([copy("a", 1), copy("b", 2, { running: true })], compared),
    {},
    "keep a",
    ["b target/rejected", "stop b-2", ...onceMoreOnA, ...nothingLeftOnB],
  ],
  [
    "the same, and a third host: back, then there",
    verified,
    { wanted: "c" },
    "move a",
    ["b target/rejected", ...onceMoreOnA, ...nothingLeftOnB],
  ],
  [
    "replaced in place, interrupted",
    found([copy("a", 1), copy("a", 2, running)]),
    {},
    "keep a",
    ["remove container a-1"],
  ],
  [
    "the last copy of the data is never removed",
    found([copy("b", 2, neverStarted)], { b: entry("target/copying", 2, "a") }),
    {},
    "create",
    ["remove container b-2", "b retired"],
  ],
  [
    "version 1: committed, the source not cleared up",
    movingInVersion1("leaving", "home", running),
    { wanted: "b" },
    "keep b",
    ["remove container a-1", "a retired"],
  ],
  [
    "version 1: started, not committed",
    movingInVersion1("leaving", "arriving", running),
    { wanted: "b" },
    "keep b",
    ["a source/committed", "b home", "remove container a-1", "a retired"],
  ],
]);

describe("what is done", () => {
  test("epochs are never used twice, that of a move which was taken back included", () => {
    expect(
      until(found([copy("a", 1)], { a: entry("source/stopped", 1, "b", { highest: 7 }) }, ["b"]))
        .end,
    ).toMatchObject({ epoch: 8 });
  });
});
