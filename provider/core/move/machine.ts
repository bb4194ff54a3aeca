import { claimsOf, highestEpoch } from "./findings";
import type { Believed, Claim, Instance, Findings } from "./findings";
import { doubt, older, unheard } from "./doubt";
import type { Goal } from "./goal";
import { decideCutover } from "./in-flight";
import type { JournalEntry } from "./journal";
import { clearUp } from "./leftovers";
import { keepUnrelated } from "./history";
import type { Op } from "./ops";

/**
 * What comes next. After a `do`, the hosts are looked at again: whatever went wrong in between is
 * then seen.
 */
export type Next =
  /** Something is left over from a run that was interrupted, or from a host that was away. */
  | { readonly kind: "do"; readonly why: string; readonly ops: readonly Op[] }
  /** No container is the replica. `dataOn` is the host that has its data, when one says so. */
  | { readonly kind: "create"; readonly epoch: number; readonly dataOn?: string }
  /** It is where it should be. */
  | { readonly kind: "keep"; readonly home: Instance; readonly epoch: number }
  /** `resumes`: the target has a copy of the data that a move was interrupted at. */
  | {
      readonly kind: "move";
      readonly home: Instance;
      readonly to: string;
      readonly epoch: number;
      readonly resumes: boolean;
    }
  /**
   * Nothing can be done that is sure to be right. `silent` is the host whose answer is missing, if
   * it is that.
   */
  | { readonly kind: "refuse"; readonly reason: string; readonly silent?: string };

/** The claim that counts. */
export type Verdict =
  | { readonly kind: "clear"; readonly best: Claim | undefined }
  | { readonly kind: "refuse"; readonly reason: string };

/**
 * The protocol: from what the hosts say and what is wanted to what is done next, for every
 * combination. Nothing else decides what resumes, goes on, is taken back, fenced or retired.
 * docs/move.md tells it in words.
 */
export function next(findings: Findings, goal: Goal): Next {
  const verdict = weigh(claimsOf(findings));
  if (verdict.kind === "refuse") return verdict;
  const { best } = verdict;
  const stale = fenceOutOfDate(findings, goal, best);
  if (stale !== undefined) return stale;
  const unsure = doubt(findings, goal.believed, best);
  if (unsure !== undefined) return { kind: "refuse", ...unsure };
  const outdated = older(goal.believed, best);
  if (outdated !== undefined) return { kind: "refuse", reason: outdated };
  const first = decideCutover(findings, goal, best) ?? clearUp(findings, goal, best);
  if (first !== undefined) return { kind: "do", ...first };
  return decide(findings, goal, best);
}

/** Where the replica is, without anything being done: for a refresh. */
export function locate(
  findings: Findings,
  believed?: Believed,
): Verdict | { readonly kind: "refuse"; readonly reason: string; readonly silent?: string } {
  const verdict = weigh(claimsOf(findings));
  if (verdict.kind === "refuse") return verdict;
  const unsure = doubt(findings, believed, verdict.best);
  return unsure === undefined ? verdict : { kind: "refuse", ...unsure };
}

/**
 * The highest epoch wins; among equals a container beats bare data, and one that runs one that does
 * not.
 */
function weigh(claims: readonly Claim[]): Verdict {
  const highest = Math.max(0, ...claims.map(({ epoch }) => epoch));
  const top = claims.filter(({ epoch }) => epoch === highest);
  const instances = top.filter(({ instance }) => instance !== undefined);
  const running = instances.filter(({ instance }) => instance?.running === true);
  const [best, ...others] = running.length > 0 ? running : instances.length > 0 ? instances : top;
  if (others.length === 0) return { kind: "clear", best };
  const hosts = [best, ...others].map((claim) => `'${claim?.host ?? ""}'`).join(" and ");
  return {
    kind: "refuse",
    reason: `containers on ${hosts} claim to be its one copy (epoch ${highest}); remove the one that is not to be kept`,
  };
}

/**
 * A copy that is surely out of date and runs is stopped before anything else, whatever else is
 * unclear.
 */
function fenceOutOfDate(
  { instances }: Findings,
  { believed }: Goal,
  best: Claim | undefined,
): Next | undefined {
  const outOfDate = ({ host, epoch }: Instance) =>
    epoch < (best?.epoch ?? 0) ||
    (believed !== undefined && host !== believed.host && epoch < believed.epoch);
  const stale = instances.find(
    (instance) => instance.running && instance !== best?.instance && outOfDate(instance),
  );
  const late =
    stale ??
    (best?.instance?.running === true && outOfDate(best.instance) ? best.instance : undefined);
  if (late === undefined) return undefined;
  const { host, containerId } = late;
  return {
    kind: "do",
    why: `stopping a copy on '${host}' that is out of date`,
    ops: [
      { op: "restart policy", host, containerId, policy: "off" },
      { op: "stop", host, containerId },
    ],
  };
}

function decide(findings: Findings, goal: Goal, best: Claim | undefined): Next {
  const { wanted } = goal;
  if (!findings.answered.includes(wanted)) {
    return {
      kind: "refuse",
      reason: `host '${wanted}' ${unheard(findings, wanted)}`,
      silent: wanted,
    };
  }
  const epoch = highestEpoch(findings, goal.believed) + 1;
  const home = best?.instance;
  if (home === undefined) {
    return { kind: "create", epoch, ...(best === undefined ? {} : { dataOn: best.host }) };
  }
  if (home.host === wanted) return { kind: "keep", home, epoch };
  const entry: JournalEntry | undefined = findings.journals[wanted];
  const unrelated = keepUnrelated(wanted, entry, home);
  if (unrelated !== undefined) return { kind: "do", ...unrelated };
  return { kind: "move", home, to: wanted, epoch, resumes: entry?.role === "target" };
}
