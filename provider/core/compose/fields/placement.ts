import { overlaid, type Demand, type Wish } from "../../placement/wish";
import type { ServiceDraft } from "../draft";
import { passedOver, readFields, type FieldTable } from "../fields";
import type { Place } from "../problems";
import { sequence, text } from "../scalars";

/** Adds to what the file wants of the service's hosts. */
export function wish(draft: ServiceDraft, more: Wish): void {
  draft.place = overlaid(draft.place ?? {}, more);
}

const CONSTRAINT = /^node\.(labels\.([^\s=!]+)|hostname)\s*([=!]=)\s*(\S(?:.*\S)?)$/;

/** Hosts have names and labels of the program's, and nothing else of Swarm's nodes. */
function demandOf(constraint: string, at: Place): Demand | undefined {
  const [, key = "", label, operator, is = ""] = CONSTRAINT.exec(constraint.trim()) ?? [];
  if (key === "") {
    at.note(
      "is passed over: hosts are known by `node.labels.NAME` and `node.hostname`, with == or !=.",
    );
    return undefined;
  }
  return {
    ...(label === undefined ? {} : { label }),
    is,
    ...(operator === "!=" ? { not: true as const } : {}),
  };
}

const SPREAD = /^node\.labels\.(\S+)$/;

interface PreferenceDraft {
  label?: string;
}

export const preferenceFields: FieldTable<PreferenceDraft> = {
  spread: {
    how: "`node.labels.NAME`: replicas are spread over its values before they are over hosts.",
    parse(node, at, draft) {
      const [, label] = SPREAD.exec(text(node, at) ?? "") ?? [];
      if (label === undefined) at.note("is passed over: hosts are known by `node.labels.NAME`.");
      else draft.label = label;
    },
  },
};

export const placementFields: FieldTable<ServiceDraft> = {
  constraints: {
    how: "`node.labels.NAME` and `node.hostname` with == or !=: the host's `labels` and its name in the program. Others are told and passed over.",
    parse(node, at, draft) {
      const on = (sequence(node, at) ?? []).flatMap((each, i) => {
        const here = at.index(i);
        const constraint = text(each, here);
        return constraint === undefined ? [] : (demandOf(constraint, here) ?? []);
      });
      if (on.length > 0) wish(draft, { on });
    },
  },
  preferences: {
    how: "`spread`. See below.",
    parse(node, at, draft) {
      const over = (sequence(node, at) ?? []).flatMap((each, i) => {
        const read: PreferenceDraft = {};
        readFields(preferenceFields, each, at.index(i), read);
        return read.label ?? [];
      });
      if (over.length > 0) wish(draft, { over });
    },
  },
  max_replicas_per_node: passedOver(
    "the program keeps replicas apart: `place: { SERVICE: { apart: SERVICE } }`.",
  ),
};
