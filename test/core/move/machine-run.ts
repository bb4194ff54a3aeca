import type { Instance, Findings } from "../../../provider/core/move/findings";
import type { JournalEntry } from "../../../provider/core/move/journal";
import type { Goal } from "../../../provider/core/move/goal";
import { next, type Next } from "../../../provider/core/move/machine";
import { REPLICA } from "./machine-fixture";

/**
 * A name, what is found, what is wanted instead of "on a", how it ends, and what is done until
 * then.
 */
export type Case = [string, Findings, Partial<Goal>, string, string[]];

export function whatIsDone(cases: readonly Case[]): void {
  describe("what is done", () => {
    test.each(cases)("%s", (_name, findings, goal, end, done) => {
      const result = until(findings, goal);
      expect({ end: endOf(result.end), done: result.done }).toEqual({ end, done });
    });
  });
}

/** What is done until all is settled, when everything that is decided comes to pass. */
export function until(findings: Findings, goal: Partial<Goal> = {}): { end: Next; done: string[] } {
  const done: string[] = [];
  let { instances, journals } = findings;
  for (let step = 0; step < 20; step++) {
    const end = next(
      { ...findings, instances, journals },
      { replica: REPLICA, wanted: "a", volumes: ["v"], ...goal },
    );
    if (end.kind !== "do") return { end, done };
    for (const op of end.ops) {
      const of = "containerId" in op ? ` ${op.containerId}` : "";
      done.push(
        op.op === "journal" ? `${op.host} ${nameOf(op.entry)}` : `${op.op}${of || ` ${op.host}`}`,
      );
      const changed = (change: Partial<Instance>) =>
        instances.map((each) =>
          "containerId" in op && each.containerId === op.containerId
            ? { ...each, ...change }
            : each,
        );
      if (op.op === "journal") journals = { ...journals, [op.host]: op.entry };
      else if (op.op === "forget") {
        journals = Object.fromEntries(
          Object.entries(journals).filter(([host]) => host !== op.host),
        );
      } else if (op.op === "stop") instances = changed({ running: false });
      else if (op.op === "start") instances = changed({ running: true, started: true });
      else if (op.op === "restart policy") instances = changed({ restarts: op.policy !== "off" });
      else if (op.op === "remove container")
        instances = instances.filter(({ containerId }) => containerId !== op.containerId);
    }
  }
  throw new Error(`no end: ${done.join(", ")}`);
}

const nameOf = (of: JournalEntry) => ("step" in of ? `${of.role}/${of.step}` : of.role);
const endOf = (end: Next) =>
  end.kind === "keep" || end.kind === "move" ? `${end.kind} ${end.home.host}` : end.kind;
