import type { Claim, Copy, Findings } from "./findings";
import type { JournalEntry, RestEntry, TargetEntry } from "./journal";
import type { Goal } from "./goal";
import type { Op, Work } from "./ops";

/**
 * What counts no more is cleared away, host by host; data that nobody has taken over is kept aside.
 */
export function clearUp(findings: Findings, goal: Goal, best: Claim | undefined): Work | undefined {
  const hosts = new Set([
    ...findings.copies.map(({ host }) => host),
    ...Object.keys(findings.journals),
  ]);
  for (const host of [...hosts].sort()) {
    const work =
      host === best?.host ? besideHome(findings, host, best) : away(findings, goal, host, best);
    if (work !== undefined) return work;
  }
  return undefined;
}

/**
 * On the replica's own host: what it replaced there, or what was to replace it. They share its
 * volumes.
 */
function besideHome({ copies }: Findings, host: string, { copy: home }: Claim): Work | undefined {
  const stale = copies.filter((copy) => copy.host === host && copy !== home);
  return stale.length === 0
    ? undefined
    : {
        why: `removing a container on '${host}' that was replaced`,
        ops: stale.flatMap((copy) => removal(copy, home !== undefined)),
      };
}

function away(
  findings: Findings,
  goal: Goal,
  host: string,
  best: Claim | undefined,
): Work | undefined {
  const copies = findings.copies.filter((copy) => copy.host === host);
  const entry = findings.journals[host];
  switch (entry?.role) {
    case "source":
      return isHandedOver(findings, entry, best)
        ? retire(host, copies, entry, best)
        : setAside(host, goal, copies, entry, best);
    case "target":
      return drop(goal, host, copies, entry, best);
    case "retired":
      return copies.length === 0
        ? undefined
        : {
            why: `removing a container on '${host}' that is out of date`,
            ops: copies.flatMap((copy) => removal(copy, false)),
          };
    case "aside":
      return copies.length === 0 && entry.volumes.length === 0
        ? undefined
        : setAside(host, goal, copies, entry, best);
    case "home":
      return setAside(host, goal, copies, entry, best);
    case undefined:
      return unknown(host, goal, copies, best);
  }
}

/**
 * Versions before this one did not note the commit at the source: there, a target that is home says
 * it.
 */
function isHandedOver(
  { journals }: Findings,
  entry: JournalEntry & { role: "source" },
  best: Claim | undefined,
): boolean {
  if (entry.step === "committed") return true;
  if (entry.step !== "opening" || best === undefined) return false;
  return best.host === entry.other && journals[best.host]?.role === "home";
}

function retire(
  host: string,
  copies: readonly Copy[],
  entry: JournalEntry,
  best: Claim | undefined,
): Work {
  const other = best?.host ?? entry.other;
  return {
    why: `clearing up on '${host}', which it has left`,
    ops: [...copies.flatMap((copy) => removal(copy, true)), keptAsRetired(host, entry, other)],
  };
}

function keptAsRetired(host: string, entry: JournalEntry, other: string | undefined): Op {
  const { volumes } = entry;
  const kept = rest("retired", entry, entry.epoch, volumes, other);
  // With a date it is known to be whole, as of that moment.
  const { when } = entry;
  return { op: "journal", host, entry: when === undefined ? kept : { ...kept, when } };
}

/**
 * A copy that was never finished, or was taken back. On the host that the replica is about to move
 * to, the data stays: copying goes on from it.
 */
function drop(
  goal: Goal,
  host: string,
  copies: readonly Copy[],
  entry: TargetEntry,
  best: Claim | undefined,
): Work | undefined {
  const ran = entry.step === "starting" || entry.step === "rejected";
  const removed = copies.flatMap((copy) => removal(copy, true));
  if (best?.copy !== undefined && host === goal.wanted && !ran) {
    return removed.length === 0
      ? undefined
      : { why: `keeping what has been copied to '${host}' so far`, ops: removed };
  }
  const why = `removing what a move that was taken back has left on '${host}'`;
  // Where nobody has the replica, even an unfinished copy may be the last one of its data.
  if (entry.wasRetired === true || best === undefined) {
    const epoch = Math.max(0, (best?.epoch ?? entry.epoch) - 1);
    const kept = rest("retired", entry, epoch, entry.volumes, best?.host ?? entry.other);
    return { why, ops: [...removed, { op: "journal", host, entry: kept }] };
  }
  return {
    why,
    ops: [
      ...removed,
      { op: "remove volumes", host, volumes: entry.volumes },
      { op: "forget", host },
    ],
  };
}

/** Containers of which nobody has noted anything. */
function unknown(
  host: string,
  goal: Goal,
  copies: readonly Copy[],
  best: Claim | undefined,
): Work | undefined {
  if (copies.length === 0) return undefined;
  if (copies.some(({ started }) => started)) return setAside(host, goal, copies, undefined, best);
  return {
    why: `removing a container on '${host}' that was never started`,
    ops: copies.flatMap((copy) => removal(copy, true)),
  };
}

/**
 * A copy that has served and was not handed over, such as one whose host was lost and came back.
 */
function setAside(
  host: string,
  goal: Goal,
  copies: readonly Copy[],
  entry: JournalEntry | undefined,
  best: Claim | undefined,
): Work {
  const volumes = volumesOf(entry, goal);
  const epoch = Math.max(entry?.epoch ?? 0, ...copies.map((copy) => copy.epoch));
  const of = entry ?? { version: 2, replica: goal.replica };
  const note = (left: readonly string[]): Op => ({
    op: "journal",
    host,
    entry: rest("aside", of, epoch, left, best?.host),
  });
  const stopped = copies.flatMap((copy) => fenced(copy));
  const removed = copies.map(({ containerId }) => gone(host, containerId, false));
  return {
    why: `keeping the copy on '${host}' aside, which counts no more: another one was started in its place`,
    ops: [
      note(volumes),
      ...stopped,
      // A volume that a container has cannot be removed.
      ...removed,
      { op: "set aside", host, epoch, volumes },
      note([]),
    ],
  };
}

/** A home that began empty has noted no volumes, but has them by now. */
function volumesOf(entry: JournalEntry | undefined, goal: Goal): readonly string[] {
  if (entry === undefined) return goal.volumes;
  return entry.role === "home" ? [...new Set([...entry.volumes, ...goal.volumes])] : entry.volumes;
}

function removal(copy: Copy, dropAnonymous: boolean): Op[] {
  return [...fenced(copy), gone(copy.host, copy.containerId, dropAnonymous)];
}

function fenced({ host, containerId, running, restarts }: Copy): Op[] {
  return [
    ...(restarts
      ? [{ op: "restart policy" as const, host, containerId, policy: "off" as const }]
      : []),
    ...(running ? [{ op: "stop" as const, host, containerId }] : []),
  ];
}

function gone(host: string, containerId: string, dropAnonymous: boolean): Op {
  return { op: "remove container", host, containerId, dropAnonymous };
}

function rest(
  role: "retired" | "aside",
  { replica, highest, origin }: Pick<JournalEntry, "replica" | "highest" | "origin">,
  epoch: number,
  volumes: readonly string[],
  other: string | undefined,
): RestEntry {
  return {
    version: 2,
    replica,
    role,
    epoch,
    volumes,
    ...(highest === undefined ? {} : { highest }),
    ...(other === undefined ? {} : { other }),
    ...(origin === undefined ? {} : { origin }),
  };
}
