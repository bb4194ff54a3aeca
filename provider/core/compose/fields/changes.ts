import type { ChangeSettings } from "../../replica/change-settings";
import type { Mutable, ServiceDraft } from "../draft";
import { into, readFields, withoutEffect, type FieldTable } from "../fields";
import { duration, integer, oneOf, text, type Parser } from "../scalars";

/** Swarm's own, where `update_config` is there and says nothing else. */
const MONITOR_SECONDS = 5;

const ratio: Parser<number> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  const number = /^\d*\.?\d+$/.test(value) ? Number(value) : NaN;
  if (number >= 0 && number <= 1) return number;
  return at.problem(`${at.show(value)} is no share of the replicas. Write 0 to 1, such as 0.3.`);
};

type Changes = Mutable<ChangeSettings>;

export const updateConfigFields: FieldTable<Changes> = {
  parallelism: into("parallelism", integer(0), "Replicas at a time, 1 when absent; 0 is all."),
  delay: into("delaySeconds", duration, "Duration between one and the next."),
  monitor: into(
    "monitorSeconds",
    duration,
    "Duration that a changed replica has to stay up once it is healthy; 5s when absent.",
  ),
  max_failure_ratio: into(
    "maxFailureRatio",
    ratio,
    "Share of the replicas that may fail before the others are left as they are, 0 to 1.",
  ),
  failure_action: {
    how: "pause (default) or rollback: the others are left as they are; continue. One that fails goes back to its old container in any case.",
    parse(node, at, draft) {
      const value = oneOf("pause", "continue", "rollback")(node, at);
      if (value === undefined) return;
      draft.onFailure = value === "continue" ? "continue" : "pause";
      if (value === "rollback")
        at.note(
          "takes back the replica that fails and leaves the others as they are; put the program back for those that were changed before it.",
        );
    },
  },
  order: {
    how: "stop-first (default). start-first is told and done as stop-first: a replica keeps its address, and one container can have it.",
    parse(node, at) {
      if (oneOf("stop-first", "start-first")(node, at) !== "start-first") return;
      at.note(
        "is done as stop-first: a replica keeps its address, and only one container at a time can have it. Other replicas go on serving.",
      );
    },
  },
};

export const rollbackConfigFields: FieldTable<unknown> = Object.fromEntries(
  (
    [
      ["parallelism", integer(0)],
      ["delay", duration],
      ["monitor", duration],
      ["max_failure_ratio", ratio],
      ["failure_action", oneOf("pause", "continue")],
      ["order", oneOf("stop-first", "start-first")],
    ] as const
  ).map(([key, parser]) => [
    key,
    withoutEffect(parser, "Checked. A replica that fails goes back by itself, and at once."),
  ]),
);

export const changeFields: FieldTable<ServiceDraft> = {
  update_config: {
    how: "See below, and `docs/changes.md`. When absent: one replica at a time, and none after one that failed.",
    parse(node, at, draft) {
      const changes: Changes = { monitorSeconds: MONITOR_SECONDS };
      if (readFields(updateConfigFields, node, at, changes)) draft.changes = changes;
    },
  },
  rollback_config: {
    how: "See below: checked, and without effect.",
    parse: (node, at) => void readFields(rollbackConfigFields, node, at, {}),
  },
};
