import type { JournalEntry } from "../../../provider/core/move/journal";
import { next, type Next } from "../../../provider/core/move/machine";
import { explore, type Bounds } from "./model/explore";
import { FERRY, type Protocol } from "./model/protocol";

describe("every state that hosts can come to", () => {
  jest.setTimeout(300_000);
  test.each<[string, Bounds, Partial<Protocol>, number]>([
    [
      "two hosts, two accidents, two runs interrupted",
      { hosts: ["a", "b"], faults: 2, runs: 2 },
      {},
      50_000,
    ],
    ["three hosts", { hosts: ["a", "b", "c"], faults: 1, runs: 1 }, {}, 1_000],
    [
      "without an inbound block",
      { hosts: ["a", "b"], faults: 2, runs: 1 },
      { inboundBlock: false },
      1_000,
    ],
  ])(
    "%s: one copy at most, and in the end one on the wanted host with every acknowledged write",
    (_name, bounds, protocol, least) => {
      const { states, wrong } = explore(bounds, { ...FERRY, ...protocol });
      expect(wrong).toBeUndefined();
      expect(states).toBeGreaterThan(least);
    },
  );

  const without = (does: string): Partial<Protocol> => ({
    cutover: (ops) => ops.filter((op) => op.does !== does),
  });
  const withJournal =
    (step: string, seenAs: string): Protocol["decide"] =>
    (findings, goal) => {
      const journals = Object.entries(findings.journals).map(
        ([host, each]) =>
          [
            host,
            "step" in each && each.step === step
              ? ({ ...each, step: seenAs } as JournalEntry)
              : each,
          ] as const,
      );
      return next({ ...findings, journals: Object.fromEntries(journals) }, goal);
    };
  const changed =
    (
      change: (ops: (Next & { kind: "do" })["ops"]) => (Next & { kind: "do" })["ops"],
    ): Protocol["decide"] =>
    (findings, goal) => {
      const decision = next(findings, goal);
      return decision.kind === "do" ? { ...decision, ops: change(decision.ops) } : decision;
    };
  test.each<[string, Partial<Protocol>]>([
    ["the source is not fenced", without("policy off")],
    ["the source is not stopped", without("stop")],
    ["the last difference is not copied", without("copy")],
    [
      "a home is left behind its inbound block",
      { decide: changed((ops) => ops.filter(({ op }) => op !== "stop")) },
    ],
    [
      "commit comes before the last copy",
      {
        cutover: (ops) => {
          const commit = ops.findIndex(
            ({ text }) => text?.role === "source" && text.step === "committed",
          );
          const stop = ops.findIndex(({ does }) => does === "stop");
          return [
            ...ops.slice(0, stop + 1),
            ops[commit]!,
            ...ops.slice(stop + 1).filter((op) => op !== ops[commit]),
          ];
        },
      },
    ],
    [
      "commit does not look whether the move was taken back",
      { cutover: (ops) => ops.map(({ only: _only, ...op }) => op) },
    ],
    [
      "the inbound block opens before commit",
      {
        cutover: (ops) => {
          const inboundBlock = ops.find(({ does }) => does === "open inbound")!;
          return ops.flatMap((op) =>
            op === inboundBlock ? [] : op.does === "ready" ? [op, inboundBlock] : [op],
          );
        },
      },
    ],
    [
      "the source starts before the target is dead",
      {
        decide: changed((ops) => {
          const starts = ops.filter(({ op }) => op === "start");
          return starts.length === 0 ? ops : [...starts, ...ops.filter(({ op }) => op !== "start")];
        }),
      },
    ],
    ["a copy that was not compared is gone on with", { decide: withJournal("delta", "compared") }],
    [
      "a source that has run since is taken for one that has not",
      {
        decide: (findings, goal) => {
          const instances = findings.instances.map(({ startedAt: _at, ...copy }) => copy);
          return next({ ...findings, instances }, goal);
        },
      },
    ],
    ["a commit is not seen", { decide: withJournal("committed", "stopped") }],
    [
      "an unfinished copy counts",
      { decide: (findings, goal) => next({ ...findings, journals: {} }, goal) },
    ],
  ])("the exploration finds it out when %s", (_name, mutation) => {
    const { wrong } = explore({ hosts: ["a", "b"], faults: 2, runs: 2 }, { ...FERRY, ...mutation });
    expect(wrong?.what).toBeDefined();
  });
});
