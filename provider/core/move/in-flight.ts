import type { Claim, Instance, Findings } from "./findings";
import { backEntry, type JournalEntry, type SourceEntry, type TargetEntry } from "./journal";
import type { Goal } from "./goal";
import type { Op, Work } from "./ops";

/**
 * A move whose cutover had begun goes on where that is sure to lose nothing, and else back to its
 * source.
 */
export function decideCutover(
  findings: Findings,
  goal: Goal,
  best: Claim | undefined,
): Work | undefined {
  if (best === undefined) return undefined;
  const entry = findings.journals[best.host];
  if (entry?.role === "source" && entry.step !== "committed") {
    return goesForward(findings, goal, best, entry)
      ? commit(best.host, entry)
      : goBack(findings, best, entry);
  }
  if (entry?.role === "target" && entry.epoch === best.epoch) {
    return arrive(findings, best, entry);
  }
  // Whoever runs under an old journal was put there by hand, and is the replica all the same.
  return entry !== undefined && entry.role !== "home"
    ? { why: `noting that it lives on '${best.host}'`, ops: [homeNoted(best, entry)] }
    : undefined;
}

function targetOf(
  { journals, instances }: Findings,
  source: string,
  { other, move }: SourceEntry,
): { entry: TargetEntry; instances: readonly Instance[] } | undefined {
  const entry = other === undefined ? undefined : journals[other];
  if (entry?.role !== "target" || entry.other !== source) return undefined;
  if (move !== undefined && entry.move !== undefined && move !== entry.move) return undefined;
  const made = instances.filter(({ host, epoch }) => host === other && epoch === entry.epoch);
  return { entry, instances: made };
}

/**
 * The copy is verified, its container is what the program still wants there, and the source has not
 * run since.
 */
function goesForward(
  findings: Findings,
  { wanted }: Goal,
  { host, instance }: Claim,
  entry: SourceEntry,
): boolean {
  if (
    entry.other !== wanted ||
    instance === undefined ||
    instance.running ||
    entry.step === "fenced"
  ) {
    return false;
  }
  if (hasRunSince(instance, entry)) return false;
  const target = targetOf(findings, host, entry);
  if (target === undefined) return false;
  const verified = target.entry.step === "compared" || target.entry.step === "starting";
  return verified && target.instances.some(({ asWanted }) => asWanted);
}

/** Started by hand and stopped again, it may have acknowledged writes that the copy has not. */
function hasRunSince(instance: Instance, { startedAt }: SourceEntry): boolean {
  return (
    startedAt !== undefined && instance.startedAt !== undefined && instance.startedAt !== startedAt
  );
}

function commit(host: string, entry: SourceEntry): Work {
  return {
    why: `its copy on '${entry.other ?? ""}' is complete and verified: going on with the move that was cut off`,
    ops: [{ op: "journal", host, entry: { ...entry, step: "committed" } }],
  };
}

/**
 * The target is stopped first where it answers. Where it does not, its cutover can commit no more
 * once the source says so.
 */
function goBack(findings: Findings, { host, instance }: Claim, entry: SourceEntry): Work {
  const target = targetOf(findings, host, entry);
  const other = entry.other ?? "";
  const ops: Op[] = [];
  if (target !== undefined) {
    if (target.entry.step !== "rejected") {
      ops.push({ op: "journal", host: other, entry: { ...target.entry, step: "rejected" } });
    }
    for (const { containerId, running } of target.instances) {
      if (running) ops.push({ op: "stop", host: other, containerId });
    }
  }
  ops.push({ op: "journal", host, entry: backEntry(entry), unlessCommitted: true });
  if (instance !== undefined) ops.push(...serveAgain(host, instance, entry));
  return {
    why: `taking the move to '${other}' back: it runs on '${host}'`,
    ops,
  };
}

function serveAgain(host: string, { containerId, running }: Instance, entry: SourceEntry): Op[] {
  const policy: Op = { op: "restart policy", host, containerId, policy: "as wanted" };
  if (entry.stood === true) return [policy];
  // Its address may have been taken off the network: a start puts it back.
  return [
    ...(running ? [{ op: "stop" as const, host, containerId }] : []),
    { op: "start", host, containerId },
    policy,
  ];
}

/** The target is the replica: its journal says so next, and it runs open to clients. */
function arrive(findings: Findings, best: Claim, entry: TargetEntry): Work {
  const { host, instance } = best;
  const source = entry.other ?? "";
  const ofSource = findings.journals[source];
  const answered = ofSource?.role === "source" && ofSource.step === "opening";
  const ops: Op[] = [];
  if (answered) {
    ops.push({ op: "journal", host: source, entry: { ...ofSource, step: "committed" } });
  }
  const runsOpen = answered && instance?.running === true;
  // It may still be behind its inbound block, which goes with its end; a home must not be left
  // there.
  if (instance?.running === true && !runsOpen) {
    ops.push({ op: "stop", host, containerId: instance.containerId });
  }
  ops.push(homeNoted(best, entry));
  if (instance !== undefined && !runsOpen) {
    ops.push({ op: "start", host, containerId: instance.containerId });
  }
  return { why: `its move from '${source}' had been committed: it runs on '${host}'`, ops };
}

function homeNoted({ host, epoch }: Claim, entry: JournalEntry): Op {
  const { version, replica, volumes, highest = 0, other, move, owner, when } = entry;
  const { otherMachine, origin } = entry;
  const given = Math.max(highest, entry.epoch);
  const noted: JournalEntry = {
    version,
    replica,
    role: "home",
    epoch,
    volumes,
    ...(given > epoch ? { highest: given } : {}),
    ...(other === undefined ? {} : { other }),
    ...(otherMachine === undefined ? {} : { otherMachine }),
    ...(origin === undefined ? {} : { origin }),
    ...(move === undefined ? {} : { move }),
    ...(owner === undefined ? {} : { owner }),
    ...(when === undefined ? {} : { when }),
  };
  return { op: "journal", host, entry: noted };
}
