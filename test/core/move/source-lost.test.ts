import fc from "fast-check";
import { claimsOf, type Findings } from "../../../provider/core/move/findings";
import type { JournalEntry } from "../../../provider/core/move/journal";
import type { Goal } from "../../../provider/core/move/goal";
import { next } from "../../../provider/core/move/machine";
import type { Op } from "../../../provider/core/move/ops";
import { silentHost, withoutSource } from "../../../provider/core/move/source-lost";
import type { OnSourceLost } from "../../../provider/core/replica/move-settings";

const NOW = "2026-01-02T06:04:05Z";
const goal: Goal = {
  replica: "shop/prod/apples/redis/0",
  wanted: "node2",
  believed: { host: "node1", epoch: 4 },
  volumes: ["apples_data"],
};

const entry = (of: Partial<JournalEntry> & { role: string; step?: string }): JournalEntry => ({
  version: 2,
  replica: goal.replica,
  epoch: 3,
  volumes: ["apples_data"],
  other: "node1",
  ...of,
});
const retired = entry({ role: "retired", when: "2026-01-02T03:04:05Z" });

/** node1 is lost. */
const found = (
  journals: Record<string, JournalEntry> = {},
  answered = ["node2", "node3"],
): Findings => ({
  instances: [],
  journals,
  answered,
});

const lost = (findings: Findings, choice: OnSourceLost, of: Goal = goal) =>
  withoutSource(findings, of, silentHost("node1", of), { choice, now: NOW });
const reason = (findings: Findings, choice: OnSourceLost, of: Goal = goal) => {
  const outcome = lost(findings, choice, of);
  return outcome.kind === "refuse" ? outcome.reason : `did ${outcome.why}`;
};

/** What the journals are after the ops. */
function after(findings: Findings, ops: readonly Op[]): Findings {
  const journals = { ...findings.journals };
  for (const op of ops) if (op.op === "journal") journals[op.host] = op.entry;
  return { ...findings, journals };
}

describe("a lost source, by default", () => {
  test("is refused, and the ways out are named", () => {
    expect(reason(found({ node2: retired }), "fail")).toBe(
      "host 'node1', where it was last or may be, does not answer. Bring host 'node1' back and try again. When it is lost " +
        `for good, say so by \`onSourceLost\`: "useLastCopy" with host 'node2' starts it from the copy there, which is of ` +
        `2026-01-02T03:04:05Z, 3.0 hours ago, "startEmpty" with empty volumes`,
    );
    expect(reason(found(), "fail")).toMatch(
      /no host that answers has a complete copy.*only "startEmpty"/,
    );
    expect(reason(found(), "fail", { ...goal, volumes: [] })).toMatch(
      /"useLastCopy" starts it on host 'node2'$/,
    );
  });

  test("with the wanted host gone as well says that", () => {
    for (const choice of ["fail", "useLastCopy", "startEmpty"] as const) {
      expect(reason(found({}, ["node3"]), choice)).toMatch(/neither does host 'node2'$/);
    }
  });
});

describe("the last copy", () => {
  test("is started where it lies, and its age is told", () => {
    expect(lost(found({ node2: retired }), "useLastCopy")).toMatchObject({
      kind: "do",
      warns: expect.stringContaining(
        "from the last copy there, which is of 2026-01-02T03:04:05Z, 3.0 hours ago: what was written since is not in it",
      ),
      ops: [
        {
          op: "journal",
          host: "node2",
          entry: { role: "home", epoch: 6, volumes: ["apples_data"] },
        },
      ],
    });
  });

  test("that a move had finished may lack what was written since, as the move may have been taken back", () => {
    const compared = entry({
      role: "target",
      step: "compared",
      epoch: 5,
      when: "2026-01-02T03:04:05Z",
    });
    expect(lost(found({ node2: compared }), "useLastCopy")).toMatchObject({
      kind: "do",
      warns:
        "host 'node1', where it was last or may be, does not answer; it starts on 'node2' from the last copy there, which " +
        "is complete as of a move of 2026-01-02T03:04:05Z, 3.0 hours ago: what host 'node1' served since, if that move was " +
        "taken back, is not in it. Once node1 is back, `pulumi up --refresh` stops its copy and keeps its data aside",
    });
    expect(reason(found({ node2: compared }), "fail")).toMatch(
      /starts it from the copy there, which is complete as of a move of 2026-01-02T03:04:05Z, 3\.0 hours ago/,
    );
  });

  test.each<[string, Record<string, JournalEntry>, RegExp]>([
    ["on no host", {}, /No host that answers has a complete copy/],
    ["on another host", { node3: retired }, /the newest is on host 'node3'.*host to 'node3' first/],
    [
      "newer on another host",
      { node2: retired, node3: { ...retired, epoch: 4, when: "2026-01-02T05:04:05Z" } },
      /host 'node3' has a newer, which is of 2026-01-02T05:04:05Z, 1\.0 hours ago/,
    ],
    [
      "older than a retired one, as its move was taken back before",
      {
        node2: entry({ role: "target", step: "compared", epoch: 3, when: "2026-01-01T00:00:00Z" }),
        node3: { ...retired, epoch: 4, when: "2026-01-02T05:04:05Z" },
      },
      /host 'node3' has a newer, which is of 2026-01-02T05:04:05Z/,
    ],
    [
      "older than that of a source which served on under its own epoch",
      {
        node2: entry({ role: "target", step: "compared", epoch: 5, when: "2026-01-01T00:00:00Z" }),
        node3: { ...retired, epoch: 4, highest: 6, when: "2026-01-02T05:04:05Z" },
      },
      /host 'node3' has a newer/,
    ],
    [
      "older by its date alone",
      {
        node2: { ...retired, when: "2026-01-01T00:00:00Z" },
        node3: { ...retired, when: "2026-01-02T05:04:05Z" },
      },
      /host 'node3' has a newer/,
    ],
    [
      "half copied over",
      { node2: entry({ role: "target", step: "copying" }) },
      /No host that answers has a complete copy/,
    ],
    ["of unknown completeness", { node2: entry({ role: "retired" }) }, /No host that answers/],
    [
      "taken back after it had been started",
      { node2: entry({ role: "target", step: "rejected" }) },
      /No host that answers/,
    ],
  ])("%s is refused", (_name, journals, words) => {
    expect(reason(found(journals), "useLastCopy")).toMatch(words);
  });

  test("is the finished one of a move rather than any that was older when it began", () => {
    const compared = entry({ role: "target", step: "starting", epoch: 5 });
    const older = { ...retired, highest: 4, when: "2026-01-02T05:04:05Z" };
    expect(lost(found({ node2: compared, node3: older }), "useLastCopy").kind).toBe("do");
  });

  test("is as good as another one of the same move", () => {
    const same = { ...retired, other: "node1" };
    expect(lost(found({ node2: same, node3: same }), "useLastCopy").kind).toBe("do");
    const wantsNode3 = { ...goal, wanted: "node3" };
    expect(lost(found({ node2: same, node3: same }), "useLastCopy", wantsNode3).kind).toBe("do");
  });

  test("is as good as another one of the same move", () => {
    const same = { ...retired, other: "node1" };
    expect(lost(found({ node2: same, node3: same }), "useLastCopy").kind).toBe("do");
    const wantsNode3 = { ...goal, wanted: "node3" };
    expect(lost(found({ node2: same, node3: same }), "useLastCopy", wantsNode3).kind).toBe("do");
  });

  test("of a replica without volumes is the program's own word", () => {
    expect(lost(found(), "useLastCopy", { ...goal, volumes: [] })).toMatchObject({ kind: "do" });
  });
});

test("an empty start keeps aside what is there", () => {
  expect(lost(found({ node2: retired }), "startEmpty")).toMatchObject({
    ops: [
      { op: "set aside", host: "node2", epoch: 3, volumes: ["apples_data"] },
      { op: "journal", host: "node2", entry: { role: "home", volumes: [] } },
    ],
  });
});

describe("after it", () => {
  const roles = fc.constantFrom<Partial<JournalEntry> & { role: string; step?: string }>(
    { role: "retired", when: "2026-01-01T00:00:00Z" },
    { role: "retired" },
    { role: "aside", volumes: [] },
    { role: "source", step: "committed" },
    { role: "target", step: "copying" },
    { role: "target", step: "compared" },
    { role: "target", step: "rejected" },
  );
  const journal = fc
    .record({
      of: roles,
      epoch: fc.integer({ min: 1, max: 6 }),
      other: fc.constantFrom("node1", "node2", "node3"),
    })
    .map(({ of, epoch, other }) => entry({ ...of, epoch, other }));
  const findings = fc
    .record({
      node2: fc.option(journal, { nil: undefined }),
      node3: fc.option(journal, { nil: undefined }),
    })
    .map(({ node2, node3 }) => found({ ...(node2 ? { node2 } : {}), ...(node3 ? { node3 } : {}) }));

  test("the wanted host is where it belongs, and the protocol goes on by itself", () => {
    fc.assert(
      fc.property(
        findings,
        fc.constantFrom<OnSourceLost>("useLastCopy", "startEmpty"),
        (before, choice) => {
          const outcome = lost(before, choice);
          if (outcome.kind === "refuse") return;
          let state = after(before, outcome.ops);
          const best = claimsOf(state).sort((a, b) => b.epoch - a.epoch)[0];
          expect(best).toMatchObject({ host: "node2" });
          // Above what a move away from or to the lost host can have given out.
          expect(best!.epoch).toBeGreaterThan(5);
          for (let step = 0; ; step++) {
            expect(step).toBeLessThan(10);
            const then = next(state, goal);
            if (then.kind === "create") {
              expect(then.dataOn).toBe("node2");
              return;
            }
            expect(then.kind).toBe("do");
            if (then.kind !== "do") return;
            // Nothing that is done on the way touches the copy that it is to start from.
            expect(then.ops.filter(({ op, host }) => host === "node2" && op !== "journal")).toEqual(
              [],
            );
            const forgotten = then.ops.filter(({ op }) => op === "forget").map(({ host }) => host);
            state = after(state, then.ops);
            state = {
              ...state,
              journals: Object.fromEntries(
                Object.entries(state.journals).filter(([host]) => !forgotten.includes(host)),
              ),
            };
          }
        },
      ),
    );
  });

  test("a source that comes back is fenced and kept aside, whatever it says of itself", () => {
    fc.assert(
      fc.property(
        findings,
        fc.boolean(),
        fc.constantFrom(
          entry({ role: "home", epoch: 4 }),
          entry({ role: "source", step: "stopped", epoch: 4, other: "node2" }),
        ),
        (before, running, entryOfReturned) => {
          const outcome = lost(before, "startEmpty");
          if (outcome.kind === "refuse") return;
          const state = after(before, outcome.ops);
          const back: Findings = {
            answered: ["node1", "node2", "node3"],
            journals: { ...state.journals, node1: entryOfReturned },
            instances: [
              {
                host: "node1",
                containerId: "old",
                epoch: 4,
                running,
                started: true,
                restarts: true,
                asWanted: true,
              },
            ],
          };
          const then = next(back, goal);
          expect(then.kind).toBe("do");
          if (then.kind !== "do") return;
          const done = then.ops.map(({ op }) => op);
          if (running) expect(done).toEqual(expect.arrayContaining(["restart policy", "stop"]));
          expect(then.ops.some(({ op }) => op === "remove volumes")).toBe(false);
        },
      ),
    );
  });
});
