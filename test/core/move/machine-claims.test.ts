import { claimsOf, type Claim, type Findings } from "../../../provider/core/move/findings";
import {
  copy,
  entry,
  found,
  moving,
  movingInVersion1,
  neverStarted,
  running,
} from "./machine-fixture";

describe("which copy counts", () => {
  const bestOf = (findings: Findings): Claim | undefined =>
    claimsOf(findings).sort((x, y) => y.epoch - x.epoch)[0];
  test.each<[string, Findings, string | undefined]>([
    ["nothing anywhere", found([]), undefined],
    ["one that runs", found([copy("a", 1, running)]), "a"],
    ["one that was stopped by hand", found([copy("a", 1)]), "a"],
    [
      "one being made",
      found([copy("a", 1), copy("b", 2, neverStarted)], { b: entry("target/copying", 2, "a") }),
      "a",
    ],
    [
      "a target that waits behind its inbound block",
      moving("source/stopped", "target/starting", running),
      "a",
    ],
    [
      "a target without an inbound block that may have answered",
      moving("source/opening", "target/starting"),
      "b",
    ],
    ["committed, not home yet", moving("source/committed", "target/starting"), "b"],
    ["taken back, still running", moving("source/opening", "target/rejected", running), "a"],
    [
      "its container removed by hand, an older one left",
      found([copy("a", 1)], { b: entry("home", 2, "a") }),
      "b",
    ],
    ["version 1: after the start", movingInVersion1("leaving", "arriving", running), "b"],
    ["version 1: before it", movingInVersion1("leaving", "arriving", neverStarted), "a"],
    [
      "another move's journals",
      found([copy("a", 1), copy("b", 2)], {
        a: entry("source/committed", 1, "c"),
        b: entry("target/starting", 2, "a"),
      }),
      undefined,
    ],
  ])("%s", (_name, findings, expected) => {
    expect(bestOf(findings)?.host).toBe(expected);
  });
});
