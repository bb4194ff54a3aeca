import { parseOutcome } from "../../provider/adapters/cut/outcome";

const STATS = (received: number, files: number) =>
  `Number of files: 3 (reg: 2, dir: 1)\nNumber of deleted files: 1 (reg: 1)\nNumber of regular files transferred: ${files}\nTotal bytes received: ${received}\n`;

describe("what the cut's script says", () => {
  test("a commit, with times, and figures of every volume", () => {
    const said = `kind committed\nstep commit\nreason \ntook 180 fence\ntook 61 stop\ntook 90 final delta\ndown 402\n${STATS(100, 2)}${STATS(23, 1)}`;
    expect(parseOutcome(said)).toEqual({
      kind: "committed",
      bytesCopied: 123,
      filesChanged: 5,
      durationMs: 331,
      downtimeMs: 402,
      steps: { fence: 180, stop: 61, "final delta": 90 },
    });
  });

  test("a failure says where, why, and whether the source is back", () => {
    expect(parseOutcome("kind back\nstep ready\nreason its program ended at once\n")).toMatchObject(
      {
        kind: "failed",
        step: "ready",
        reason: "its program ended at once",
        takenBack: true,
      },
    );
    expect(parseOutcome("kind stuck\nreason it was ended before its time: x\n")).toMatchObject({
      kind: "failed",
      takenBack: false,
    });
  });

  test("anything else is no outcome", () => {
    for (const said of ["", "kind\n", "kind other\n", "sh: 1: not found\n"]) {
      expect(parseOutcome(said)).toBeUndefined();
    }
  });
});
