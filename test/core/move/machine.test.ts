import type { Claim, Copy, Findings } from "../../../provider/core/move/findings";
import { claimsOf } from "../../../provider/core/move/findings";
import { parseEntry, type JournalEntry } from "../../../provider/core/move/journal";
import { next, type Goal, type Next } from "../../../provider/core/move/machine";
import { explore, type Bounds } from "./model/explore";
import { FERRY, type Protocol } from "./model/protocol";

const REPLICA = "p/s/d/redis/0";
const copy = (host: string, epoch: number, more: Partial<Copy> = {}): Copy => ({
  host,
  containerId: `${host}-${epoch}`,
  epoch,
  running: false,
  started: true,
  restarts: false,
  asWanted: true,
  ...more,
});
const running = { running: true, restarts: true };
const neverStarted = { started: false };

const entry = (text: string, epoch: number, other = "b", more: object = {}): JournalEntry => {
  const [role, step] = text.split("/");
  const value = { version: 2, replica: REPLICA, role, step, epoch, other, volumes: ["v"], ...more };
  return parseEntry(JSON.stringify(value))!;
};
const firstVersion = (role: string, epoch: number, other = "b"): JournalEntry =>
  entry(role, epoch, other, { version: 1 });

const HOSTS = ["a", "b", "c"];
const found = (
  copies: Copy[],
  journals: Findings["journals"] = {},
  silent: string[] = [],
): Findings => ({ copies, journals, answered: HOSTS.filter((host) => !silent.includes(host)) });

/** What is done until all is settled, when everything that is decided comes to pass. */
function until(findings: Findings, goal: Partial<Goal> = {}): { end: Next; done: string[] } {
  const done: string[] = [];
  let { copies, journals } = findings;
  for (let step = 0; step < 20; step++) {
    const end = next(
      { ...findings, copies, journals },
      { replica: REPLICA, wanted: "a", volumes: ["v"], ...goal },
    );
    if (end.kind !== "do") return { end, done };
    for (const op of end.ops) {
      const of = "containerId" in op ? ` ${op.containerId}` : "";
      done.push(
        op.op === "journal" ? `${op.host} ${nameOf(op.entry)}` : `${op.op}${of || ` ${op.host}`}`,
      );
      const changed = (change: Partial<Copy>) =>
        copies.map((each) =>
          "containerId" in op && each.containerId === op.containerId
            ? { ...each, ...change }
            : each,
        );
      if (op.op === "journal") journals = { ...journals, [op.host]: op.entry };
      else if (op.op === "forget") {
        journals = Object.fromEntries(
          Object.entries(journals).filter(([host]) => host !== op.host),
        );
      } else if (op.op === "stop") copies = changed({ running: false });
      else if (op.op === "start") copies = changed({ running: true, started: true });
      else if (op.op === "restart policy") copies = changed({ restarts: op.policy !== "off" });
      else if (op.op === "remove container")
        copies = copies.filter(({ containerId }) => containerId !== op.containerId);
    }
  }
  throw new Error(`no end: ${done.join(", ")}`);
}

const nameOf = (of: JournalEntry) => ("step" in of ? `${of.role}/${of.step}` : of.role);
const endOf = (end: Next) =>
  end.kind === "keep" || end.kind === "move" ? `${end.kind} ${end.home.host}` : end.kind;

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
      "a target that waits behind its door",
      found([copy("a", 1), copy("b", 2, running)], {
        a: entry("source/stopped", 1),
        b: entry("target/starting", 2, "a"),
      }),
      "a",
    ],
    [
      "a target without a door that may have answered",
      found([copy("a", 1), copy("b", 2)], {
        a: entry("source/opening", 1),
        b: entry("target/starting", 2, "a"),
      }),
      "b",
    ],
    [
      "committed, not home yet",
      found([copy("a", 1), copy("b", 2)], {
        a: entry("source/committed", 1),
        b: entry("target/starting", 2, "a"),
      }),
      "b",
    ],
    [
      "taken back, still running",
      found([copy("a", 1), copy("b", 2, running)], {
        a: entry("source/opening", 1),
        b: entry("target/rejected", 2, "a"),
      }),
      "a",
    ],
    [
      "its container removed by hand, an older one left",
      found([copy("a", 1)], { b: entry("home", 2, "a") }),
      "b",
    ],
    [
      "version 1: after the start",
      found([copy("a", 1), copy("b", 2, running)], {
        a: firstVersion("leaving", 1),
        b: firstVersion("arriving", 2, "a"),
      }),
      "b",
    ],
    [
      "version 1: before it",
      found([copy("a", 1), copy("b", 2, neverStarted)], {
        a: firstVersion("leaving", 1),
        b: firstVersion("arriving", 2, "a"),
      }),
      "a",
    ],
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

describe("what is done", () => {
  const cut = {
    a: entry("source/stopped", 1, "b", { highest: 2 }),
    b: entry("target/compared", 2, "a"),
  };
  test.each<[string, Findings, Partial<Goal>, string, string[]]>([
    ["all is well", found([copy("a", 1, running)]), {}, "keep a", []],
    ["a move is wanted", found([copy("a", 1, running)]), { wanted: "b" }, "move a", []],
    [
      "cut off in the pre-copy: the copy that is there is gone on with",
      found([copy("a", 1, running), copy("b", 2, neverStarted)], {
        b: entry("target/copying", 2, "a"),
      }),
      { wanted: "b" },
      "move a",
      ["remove container b-2"],
    ],
    [
      "cut off in the pre-copy, and put back: the half copy goes",
      found([copy("a", 1, running), copy("b", 2, neverStarted)], {
        b: entry("target/copying", 2, "a"),
      }),
      {},
      "keep a",
      ["remove container b-2", "remove volumes b", "forget b"],
    ],
    [
      "cut off with a verified copy: forward",
      found([copy("a", 1), copy("b", 2)], cut),
      { wanted: "b" },
      "keep b",
      ["a source/committed", "b home", "start b-2", "remove container a-1", "a retired"],
    ],
    [
      "the same, and the program changed meanwhile: back, and once more",
      found([copy("a", 1), copy("b", 2, { asWanted: false })], cut),
      { wanted: "b" },
      "move a",
      [
        "b target/rejected",
        "a home",
        "start a-1",
        "restart policy a-1",
        "remove container b-2",
        "remove volumes b",
        "forget b",
      ],
    ],
    [
      "the same, put back: the target is dead before the source starts",
      found([copy("a", 1), copy("b", 2, { running: true })], cut),
      {},
      "keep a",
      [
        "b target/rejected",
        "stop b-2",
        "a home",
        "start a-1",
        "restart policy a-1",
        "remove container b-2",
        "remove volumes b",
        "forget b",
      ],
    ],
    [
      "the same, and a third host: back, then there",
      found([copy("a", 1), copy("b", 2)], cut),
      { wanted: "c" },
      "move a",
      [
        "b target/rejected",
        "a home",
        "start a-1",
        "restart policy a-1",
        "remove container b-2",
        "remove volumes b",
        "forget b",
      ],
    ],
    [
      "the target is silent before commit: its source serves again",
      found([copy("a", 1)], { a: cut.a }, ["b"]),
      {},
      "keep a",
      ["a home", "start a-1", "restart policy a-1"],
    ],
    [
      "the target is silent after commit",
      found([copy("a", 1)], { a: entry("source/committed", 1) }, ["b"]),
      {},
      "refuse",
      [],
    ],
    [
      "without a door, it may run there",
      found([copy("a", 1)], { a: entry("source/opening", 1) }, ["b"]),
      {},
      "refuse",
      [],
    ],
    [
      "the source is silent before commit",
      found([copy("b", 2)], { b: cut.b }, ["a"]),
      { wanted: "b", believed: { host: "a", epoch: 1 } },
      "refuse",
      [],
    ],
    [
      "nobody knows where it went",
      found([], { a: entry("retired", 1, "b") }, ["b"]),
      {},
      "refuse",
      [],
    ],
    [
      "a source that comes back with a lower epoch: fenced, and kept aside",
      found([copy("a", 1, running), copy("b", 2, running)]),
      { wanted: "b" },
      "keep b",
      [
        "restart policy a-1",
        "stop a-1",
        "a aside",
        "remove container a-1",
        "set aside a",
        "a aside",
      ],
    ],
    [
      "the same while its successor's host is silent: fenced all the same",
      found([copy("a", 1, running)], {}, ["b"]),
      { wanted: "b", believed: { host: "b", epoch: 2 } },
      "refuse",
      ["restart policy a-1", "stop a-1"],
    ],
    [
      "what was being set aside is done to its end",
      found([copy("a", 1), copy("b", 2, running)], { a: entry("aside", 1) }),
      { wanted: "b" },
      "keep b",
      ["a aside", "remove container a-1", "set aside a", "a aside"],
    ],
    [
      "a source that had let go, started by hand: fenced and retired",
      found([copy("a", 1, running), copy("b", 2, running)], {
        a: entry("source/committed", 1),
        b: entry("home", 2, "a"),
      }),
      { wanted: "b" },
      "keep b",
      ["restart policy a-1", "stop a-1", "remove container a-1", "a retired"],
    ],
    [
      "two homes with one epoch",
      found([copy("a", 2, running), copy("b", 2, running)]),
      {},
      "refuse",
      [],
    ],
    [
      "two with one epoch, of which one runs",
      found([copy("a", 2), copy("b", 2, running)]),
      { wanted: "b" },
      "keep b",
      ["a aside", "remove container a-2", "set aside a", "a aside"],
    ],
    ["removed by hand", found([], { a: entry("home", 2) }), {}, "create", []],
    [
      "state knows of a newer one that is gone",
      found([copy("a", 1, running)]),
      { believed: { host: "b", epoch: 2 } },
      "refuse",
      ["restart policy a-1", "stop a-1"],
    ],
    [
      "replaced in place, cut off",
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
      "the wanted host is silent: what can be put right is",
      found([copy("a", 1)], { a: cut.a }, ["b"]),
      { wanted: "b" },
      "refuse",
      ["a home", "start a-1", "restart policy a-1"],
    ],
    [
      "version 1: committed, the source not cleared up",
      found([copy("a", 1), copy("b", 2, running)], {
        a: firstVersion("leaving", 1),
        b: firstVersion("home", 2, "a"),
      }),
      { wanted: "b" },
      "keep b",
      ["remove container a-1", "a retired"],
    ],
    [
      "version 1: started, not committed",
      found([copy("a", 1), copy("b", 2, running)], {
        a: firstVersion("leaving", 1),
        b: firstVersion("arriving", 2, "a"),
      }),
      { wanted: "b" },
      "keep b",
      ["a source/committed", "b home", "remove container a-1", "a retired"],
    ],
  ])("%s", (_name, findings, goal, end, done) => {
    const result = until(findings, goal);
    expect({ end: endOf(result.end), done: result.done }).toEqual({ end, done });
  });

  test("epochs are never used twice, that of a move which was taken back included", () => {
    expect(
      until(found([copy("a", 1)], { a: entry("source/stopped", 1, "b", { highest: 7 }) }, ["b"]))
        .end,
    ).toMatchObject({ epoch: 8 });
  });
});

describe("every state that hosts can come to", () => {
  jest.setTimeout(300_000);
  test.each<[string, Bounds, Partial<Protocol>, number]>([
    [
      "two hosts, two accidents, two runs cut off",
      { hosts: ["a", "b"], faults: 2, runs: 2 },
      {},
      50_000,
    ],
    ["three hosts", { hosts: ["a", "b", "c"], faults: 1, runs: 1 }, {}, 1_000],
    ["without a door", { hosts: ["a", "b"], faults: 2, runs: 1 }, { door: false }, 1_000],
  ])(
    "%s: one copy at most, and in the end one on the wanted host with every acknowledged write",
    (_name, bounds, protocol, least) => {
      const { states, wrong } = explore(bounds, { ...FERRY, ...protocol });
      expect(wrong).toBeUndefined();
      expect(states).toBeGreaterThan(least);
    },
  );

  const without = (does: string): Partial<Protocol> => ({
    cut: (ops) => ops.filter((op) => op.does !== does),
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
      "a home is left behind its door",
      { decide: changed((ops) => ops.filter(({ op }) => op !== "stop")) },
    ],
    [
      "commit comes before the last copy",
      {
        cut: (ops) => {
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
      { cut: (ops) => ops.map(({ only: _only, ...op }) => op) },
    ],
    [
      "the door opens before commit",
      {
        cut: (ops) => {
          const door = ops.find(({ does }) => does === "open door")!;
          return ops.flatMap((op) => (op === door ? [] : op.does === "ready" ? [op, door] : [op]));
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
