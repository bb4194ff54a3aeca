import { claimsOf, type Findings } from "./findings";
import type { Goal } from "./goal";
import type { JournalEntry } from "./journal";
import { completeCopies, type Lost } from "./source-lost";

/**
 * Docker volumes that are the replica's own by their label, by the host that has them: names of
 * those in the goal.
 */
export type VolumesByHost = Readonly<Record<string, readonly string[]>>;

export type FirstStart =
  /** With the data that is there, or, where nobody has ever had any, without. */
  | { readonly kind: "start" }
  /**
   * Its data is on another host, without a container; on several, where nobody says which of them
   * counts.
   */
  | { readonly kind: "elsewhere"; readonly hosts: readonly string[]; readonly volume: string }
  | { readonly kind: "lost"; readonly lost: Lost };

/**
 * Whether a container may be made for a replica that has none anywhere. Volumes that are not there
 * are made empty, so it must be sure that no data is missed by it: what state and journals know of
 * is there, or nobody knows of any.
 */
export function firstStart(findings: Findings, goal: Goal, volumes: VolumesByHost): FirstStart {
  const { wanted, believed } = goal;
  const external = externalMissed(findings, goal);
  if (external !== undefined) return external;
  if (goal.volumes.length === 0) return { kind: "start" };
  const there = (host: string) => volumes[host] ?? [];
  const home = homeOf(findings);
  const known = home?.host ?? believed?.host;
  if (known !== undefined) {
    const expected = home === undefined ? goal.volumes : namedIn(home.entry, goal);
    const missing = expected.find((name) => !there(known).includes(name));
    if (missing !== undefined && (home !== undefined || there(known).length === 0)) {
      return { kind: "lost", lost: gone(known, missing, findings) };
    }
    const [volume] = there(known);
    return known === wanted || volume === undefined
      ? { kind: "start" }
      : { kind: "elsewhere", hosts: [known], volume };
  }
  return withoutState(findings, goal, volumes);
}

/**
 * A volume that somebody else has made is there or not, whoever made it: only journals know whether
 * what is in it is the replica's newest.
 */
function externalMissed(findings: Findings, goal: Goal): FirstStart | undefined {
  const named = ({ volumes }: JournalEntry) =>
    (goal.external ?? []).find((name) => volumes.includes(name));
  const home = homeOf(findings);
  if (home !== undefined) {
    const volume = named(home.entry);
    if (home.host === goal.wanted || volume === undefined) return undefined;
    return { kind: "elsewhere", hosts: [home.host], volume };
  }
  const entry = findings.journals[goal.wanted];
  if (entry === undefined || named(entry) === undefined) return undefined;
  return { kind: "lost", lost: onlyCopies(goal.wanted, findings) };
}

/** Neither state nor a journal says where it lives. */
function withoutState(findings: Findings, { wanted }: Goal, volumes: VolumesByHost): FirstStart {
  const counts = (host: string) => findings.journals[host] === undefined;
  const holders = Object.entries(volumes).filter(
    ([host, names]) => counts(host) && names.length > 0,
  );
  const [first] = holders;
  if (first !== undefined) {
    const hosts = holders.map(([host]) => host).sort();
    if (hosts.every((host) => host === wanted)) return { kind: "start" };
    return { kind: "elsewhere", hosts, volume: first[1][0] ?? "" };
  }
  const [newest] = completeCopies(findings);
  const host = newest?.host ?? olderOn(findings, wanted, volumes);
  return host === undefined
    ? { kind: "start" }
    : { kind: "lost", lost: onlyCopies(host, findings) };
}

/** The host whose journal says that it has the data; a container is not there any more. */
function homeOf(findings: Findings): { host: string; entry: JournalEntry } | undefined {
  const [best] = claimsOf(findings).sort((a, b) => b.epoch - a.epoch);
  const entry = best && findings.journals[best.host];
  return best === undefined || entry === undefined ? undefined : { host: best.host, entry };
}

function namedIn({ volumes }: JournalEntry, goal: Goal): string[] {
  return goal.volumes.filter((name) => volumes.includes(name));
}

/** A host with a copy of no certain age: the one that it is to start on before any other. */
function olderOn(
  { journals }: Findings,
  wanted: string,
  volumes: VolumesByHost,
): string | undefined {
  const holds = (host: string) =>
    (volumes[host] ?? []).some((name) => journals[host]?.volumes.includes(name) === true);
  return [wanted, ...Object.keys(volumes).sort()].find(holds);
}

function gone(host: string, volume: string, findings: Findings): Lost {
  const wiped = findings.journals[host] === undefined;
  return {
    what: wiped
      ? `it was on host '${host}', which answers and has nothing of it any more, as after its disk was replaced`
      : `its data was on host '${host}', where Docker volume '${volume}' is not there any more`,
    wayBack: `If its data can be brought back to host '${host}' under the name '${volume}', do that first`,
  };
}

function onlyCopies(host: string, { journals }: Findings): Lost {
  const went = journals[host]?.other;
  const to = went === undefined ? "" : `, and went to host '${went}'`;
  return {
    what: `it is on no host that answers, but host '${host}' has an older copy of its data: it was there before${to}`,
    wayBack:
      went === undefined
        ? "If the newest is somewhere else, bring that host back under the cluster's `hosts`"
        : `If host '${went}' still has it, bring it back under the cluster's \`hosts\``,
  };
}
