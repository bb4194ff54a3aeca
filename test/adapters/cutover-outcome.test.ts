import { parseOutcome as parse } from "../../provider/adapters/cutover/outcome";

const parseOutcome = (said: string) =>
  parse(said, { source: "node1", target: "node2", volumes: ["data", "more"] });

const STATS = (received: number, files: number) =>
  `Number of files: 3 (reg: 2, dir: 1)\nNumber of deleted files: 1 (reg: 1)\nNumber of regular files transferred: ${files}\nTotal bytes received: ${received}\n`;

describe("what the cutover's script says", () => {
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

  test("copies that differ are told by what differs", () => {
    const list = (...entries: string[]) =>
      Buffer.from(entries.map((entry) => `${entry}\0`).join("")).toString("base64");
    const said =
      "kind back\nstep compare\nreason the copies differ\n" +
      `difference 1 source ${list("file mode 644\t./a", "attribute user.word=0x1\tb", "\tc")}\n` +
      `difference 1 target ${list("file mode 600\t./a", "attribute user.word=0x2\tb")}\n`;
    expect(parseOutcome(said)).toMatchObject({
      reason:
        "the copies differ: more: 'a' is file mode 644 on 'node1' and file mode 600 on 'node2'; " +
        "more: attribute user.word of 'b' differs; more: 'c' is only on 'node1'",
    });
  });

  test("anything else is no outcome", () => {
    for (const said of ["", "kind\n", "kind other\n", "sh: 1: not found\n"]) {
      expect(parseOutcome(said)).toBeUndefined();
    }
  });
});
