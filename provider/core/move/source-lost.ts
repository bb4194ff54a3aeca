import type { OnSourceLost } from "../replica/move-settings";
import { highestEpoch, type Findings } from "./findings";
import { formatDuration } from "./format";
import type { JournalEntry } from "./journal";
import type { Goal } from "./goal";
import type { Op, Work } from "./ops";
import { replacedInWords } from "./places";

/** How the program wants a lost host to be passed over, and what the words need. */
export interface PassOver {
  readonly choice: OnSourceLost;
  /** Now, in ISO 8601. */
  readonly now: string;
  /** Of the history that begins with it. */
  readonly origin?: string;
}

/** How it comes that nobody who answers has the replica's newest data. */
export interface Lost {
  /** In words, to begin with. */
  readonly what: string;
  /** The way that loses nothing, in the imperative. */
  readonly wayBack: string;
  /** What becomes of the lost copy when it turns up again; absent where it cannot. */
  readonly returns?: string;
}

/**
 * The host that may have the replica does not answer, or is another machine than the one that had
 * it.
 */
export function silentHost(silent: string, { believed }: Goal): Lost {
  const replaced = believed?.host === silent ? believed.replaced : undefined;
  if (replaced !== undefined) {
    return {
      what: replacedInWords(replaced),
      wayBack:
        `Put the address of host '${replaced.name}' back, or give the machine that it was a name of its own under the ` +
        "cluster's `hosts`, and try again",
      returns:
        "Once that machine is back, `pulumi up --refresh` stops its copy and keeps its data aside",
    };
  }
  return {
    what: `host '${silent}', where it was last or may be, does not answer`,
    wayBack: `Bring host '${silent}' back and try again`,
    returns: returnInWords(silent),
  };
}

export type WithoutSource =
  /** `warns` says what is lost by it. */
  | ({ readonly kind: "do"; readonly warns: string } & Work)
  | { readonly kind: "refuse"; readonly reason: string };

/**
 * What is done when nobody who answers has the replica's newest data, and the program wants it on a
 * host that does answer. By default nothing, and the reason says which ways there are. The
 * program's `onSourceLost` is the user's word that the host is lost: the wanted host is then noted
 * as the replica's home, with an epoch above any that the lost host can have given out. From there
 * on everything is as always: the container is made there, and the lost host's copy is fenced and
 * kept aside by the first `up` that has to do with the replica once that host is back. A refresh
 * changes nothing on hosts, as a preview can be one, so that only `up --refresh` is sure to.
 */
export function withoutSource(
  findings: Findings,
  goal: Goal,
  lost: Lost,
  choice: PassOver,
): WithoutSource {
  const { what } = lost;
  if (!findings.answered.includes(goal.wanted)) {
    return { kind: "refuse", reason: `${what}, and neither does host '${goal.wanted}'` };
  }
  switch (choice.choice) {
    case "fail":
      return { kind: "refuse", reason: `${what}. ${waysOut(findings, goal, lost, choice.now)}` };
    case "useLastCopy":
      return onceBack(lastCopy(findings, goal, what, choice), lost);
    case "startEmpty":
      return onceBack(empty(findings, goal, what, choice), lost);
  }
}

/** Nothing can stop what runs there until then. */
function onceBack(found: WithoutSource, { returns }: Lost): WithoutSource {
  if (found.kind === "refuse" || returns === undefined) return found;
  return { ...found, warns: `${found.warns}. ${returns}` };
}

export function returnInWords(host: string): string {
  return `Once ${host} is back, \`pulumi up --refresh\` stops its copy and keeps its data aside`;
}

interface CompleteCopy {
  readonly host: string;
  readonly entry: JournalEntry;
}

/**
 * Copies that are whole, as of one moment: not those in the middle of being copied, nor what was
 * begun on top of one.
 */
export function completeCopies({ journals, answered }: Findings): CompleteCopy[] {
  return Object.entries(journals)
    .filter(([host]) => answered.includes(host))
    .map(([host, entry]) => ({ host, entry }))
    .filter(({ entry }) => isComplete(entry))
    .sort(newestFirst);
}

function isComplete(entry: JournalEntry): boolean {
  switch (entry.role) {
    case "retired":
      // Without a date it may have been copied over half way.
      return entry.when !== undefined && entry.volumes.length > 0;
    case "source":
      return entry.step === "committed" && entry.volumes.length > 0;
    case "target":
      return entry.step === "compared" || entry.step === "starting";
    default:
      return false;
  }
}

/** Hosts' clocks have no say in it: the run that made a move has dated it on both sides. */
function newestFirst(a: CompleteCopy, b: CompleteCopy): number {
  const later = (b.entry.when ?? "").localeCompare(a.entry.when ?? "");
  return madeFor(b.entry) - madeFor(a.entry) || later;
}

/**
 * The epoch that the move gave out which the copy is of: it has what was written up to that move,
 * whichever side of it it is. A target may be the older one, as its move may have been taken back
 * while its host was out of reach.
 */
function madeFor({ role, epoch, highest }: JournalEntry): number {
  return role === "target" ? epoch : (highest ?? epoch + 1);
}

function lastCopy(findings: Findings, goal: Goal, lost: string, choice: PassOver): WithoutSource {
  const { wanted } = goal;
  const { now } = choice;
  if (!hasData(goal)) {
    return {
      kind: "do",
      why: `starting on '${wanted}' what ran on a host that is lost`,
      warns: `${lost}; ${withoutCopies(goal)}, so it is started on '${wanted}' as it is in the program`,
      ops: [becomesHome(findings, goal, choice, [])],
    };
  }
  const copies = completeCopies(findings);
  const here = copies.find(({ host }) => host === wanted);
  if (here === undefined) {
    const [newest] = copies;
    const ways =
      newest === undefined
        ? "No host that answers has a complete copy of its data. Bring the host back, or start it with empty volumes " +
          '(`onSourceLost: "startEmpty"`)'
        : `Host '${wanted}' has no complete copy of its data; the newest is on host '${newest.host}'${dated(newest, now)}. ` +
          `Set the replica's host to '${newest.host}' first`;
    return { kind: "refuse", reason: `${lost}. ${ways}` };
  }
  const newer = copies.find((copy) => copy !== here && newestFirst(copy, here) < 0);
  if (newer !== undefined) {
    return {
      kind: "refuse",
      reason:
        `${lost}. The copy on host '${wanted}' is not the last one: host '${newer.host}' has a newer${dated(newer, now)}. ` +
        `Set the replica's host to '${newer.host}' first`,
    };
  }
  const without = goal.external?.find((name) => !here.entry.volumes.includes(name));
  if (without !== undefined) {
    return {
      kind: "refuse",
      reason:
        `${lost}. The copy on host '${wanted}' has nothing of volume '${without}', which is external: Ferry does not know of ` +
        'what age its data there is. Bring the host back, or take the volume as it is there (`onSourceLost: "startEmpty"`)',
    };
  }
  return {
    kind: "do",
    why: `starting from the last copy, on '${wanted}'`,
    warns: `${lost}; it starts on '${wanted}' from the last copy there${dated(here, now)}: ${missing(here.entry)} is not in it`,
    ops: [becomesHome(findings, goal, choice, here.entry.volumes)],
  };
}

/** Why there is no copy to start from. */
function withoutCopies({ reached = [] }: Goal): string {
  return reached.length === 0
    ? "it has no volumes"
    : `its data (${namesOf(reached)}) is not on that host, and is taken from it if it still has it`;
}

const namesOf = (volumes: readonly string[]) => volumes.map((name) => `'${name}'`).join(", ");

function empty(findings: Findings, goal: Goal, lost: string, choice: PassOver): WithoutSource {
  const { wanted, volumes, reached = [] } = goal;
  if (reached.length > 0) {
    return {
      kind: "refuse",
      reason:
        `${lost}. Its data in ${namesOf(reached)} is not on that host, and is not emptied by this. Start with it as it is ` +
        '(`onSourceLost: "useLastCopy"`)',
    };
  }
  const entry = findings.journals[wanted];
  const quarantineOps: Op[] =
    volumes.length === 0
      ? []
      : [{ op: "set aside", host: wanted, epoch: entry?.epoch ?? 0, volumes }];
  return {
    kind: "do",
    why: `starting with empty volumes, on '${wanted}'`,
    warns: `${lost}; it starts on '${wanted}' with empty volumes. What an earlier copy held there is kept aside${asTheyAre(goal)}`,
    ops: [...quarantineOps, becomesHome(findings, goal, choice, [])],
  };
}

function asTheyAre({ external = [] }: Goal): string {
  if (external.length === 0) return "";
  const names = external.map((name) => `'${name}'`).join(", ");
  return `; what is external (${names}) is taken as it is there`;
}

function hasData({ volumes, external = [] }: Goal): boolean {
  return volumes.length + external.length > 0;
}

/** One more than a move that the lost host took part in may have given out. */
function becomesHome(
  findings: Findings,
  goal: Goal,
  { origin }: PassOver,
  volumes: readonly string[],
): Op {
  const epoch = highestEpoch(findings, goal.believed) + 2;
  const { replica, wanted } = goal;
  return {
    op: "journal",
    host: wanted,
    entry: {
      version: 2,
      replica,
      role: "home",
      epoch,
      volumes,
      ...(origin === undefined ? {} : { origin }),
    },
  };
}

function waysOut(findings: Findings, goal: Goal, { wayBack }: Lost, now: string): string {
  const [newest] = hasData(goal) ? completeCopies(findings) : [];
  const back = `${wayBack}. When it is lost for good, say so by \`onSourceLost\`: `;
  if (!hasData(goal)) return `${back}"useLastCopy" starts it on host '${goal.wanted}'`;
  if (newest === undefined) {
    return `${back}no host that answers has a complete copy of its data, so only "startEmpty" is left`;
  }
  return `${back}"useLastCopy" with host '${newest.host}' starts it from the copy there${dated(newest, now)}, "startEmpty" with empty volumes`;
}

/** Nobody who answers knows whether a move that had finished its copy was taken back after all. */
function missing({ role, other = "" }: JournalEntry): string {
  return role === "target"
    ? `what host '${other}' served since, if that move was taken back,`
    : "what was written since";
}

/** ", which is of 2026-01-02T03:04:05Z, 3 min 10 s ago". */
function dated({ entry }: CompleteCopy, now: string): string {
  if (entry.when === undefined) return "";
  const age = Date.parse(now) - Date.parse(entry.when);
  const ago = Number.isFinite(age) && age >= 0 ? `, ${ageInWords(age)} ago` : "";
  const what = entry.role === "target" ? "which is complete as of a move of" : "which is of";
  return `, ${what} ${entry.when}${ago}`;
}

function ageInWords(milliseconds: number): string {
  const hours = milliseconds / 3_600_000;
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  if (hours >= 1) return `${hours.toFixed(1)} hours`;
  return formatDuration(milliseconds);
}
