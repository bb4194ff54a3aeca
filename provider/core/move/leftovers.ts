import type { Claim, Instance, Findings } from "./findings";
import { adoptsOf, type JournalEntry, type RestEntry, type TargetEntry } from "./journal";
import type { Goal } from "./goal";
import type { Op, Work } from "./ops";

/**
 * What counts no more is cleared away, host by host; data that nobody has taken over is kept aside.
 */
export function clearUp(findings: Findings, goal: Goal, best: Claim | undefined): Work | undefined {
  const hosts = new Set([
    ...findings.instances.map(({ host }) => host),
    ...Object.keys(findings.journals),
  ]);
  for (const host of [...hosts].sort()) {
    const work =
      host === best?.host
        ? besideHome(findings, goal, host, best)
        : away(findings, goal, host, best);
    if (work !== undefined) return work;
  }
  return undefined;
}

/**
 * On the replica's own host: what it replaced there, or what was to replace it. They share its
 * volumes.
 */
function besideHome(
  { instances }: Findings,
  { wanted }: Goal,
  host: string,
  { instance: home }: Claim,
): Work | undefined {
  // Where it stays, a change that was cut off is gone on with or taken back.
  const isKept = ({ beside, running }: Instance) =>
    beside === true && !running && home !== undefined && host === wanted;
  const stale = instances.filter(
    (instance) => instance.host === host && instance !== home && !isKept(instance),
  );
  return stale.length === 0
    ? undefined
    : {
        why: `removing a container on '${host}' that was replaced`,
        ops: stale.flatMap((instance) => removal(instance, home !== undefined)),
      };
}

function away(
  findings: Findings,
  goal: Goal,
  host: string,
  best: Claim | undefined,
): Work | undefined {
  const instances = findings.instances.filter((instance) => instance.host === host);
  const entry = findings.journals[host];
  switch (entry?.role) {
    case "source":
      return isHandedOver(findings, entry, best)
        ? retire(host, instances, entry, best)
        : quarantine(host, goal, instances, entry, best);
    case "target":
      return drop(goal, host, instances, entry, best);
    case "retired":
      return instances.length === 0
        ? undefined
        : {
            why: `removing a container on '${host}' that is out of date`,
            ops: instances.flatMap((instance) => removal(instance, false)),
          };
    case "aside":
      return instances.length === 0 && entry.volumes.length === 0
        ? undefined
        : quarantine(host, goal, instances, entry, best);
    case "home":
      return quarantine(host, goal, instances, entry, best);
    case undefined:
      return unknown(host, goal, instances, best);
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
  instances: readonly Instance[],
  entry: JournalEntry,
  best: Claim | undefined,
): Work {
  const other = best?.host ?? entry.other;
  return {
    why: `clearing up on '${host}', which it has left`,
    ops: [
      ...instances.flatMap((instance) => removal(instance, true)),
      keptAsRetired(host, entry, other),
    ],
  };
}

function keptAsRetired(host: string, entry: JournalEntry, other: string | undefined): Op {
  const { volumes } = entry;
  const kept = { ...rest("retired", entry, entry.epoch, volumes, other), ...adoptsOf(entry) };
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
  instances: readonly Instance[],
  entry: TargetEntry,
  best: Claim | undefined,
): Work | undefined {
  const ran = entry.step === "starting" || entry.step === "rejected";
  const removed = instances.flatMap((instance) => removal(instance, true));
  if (best?.instance !== undefined && host === goal.wanted && !ran) {
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
  instances: readonly Instance[],
  best: Claim | undefined,
): Work | undefined {
  if (instances.length === 0) return undefined;
  if (instances.some(({ started }) => started))
    return quarantine(host, goal, instances, undefined, best);
  return {
    why: `removing a container on '${host}' that was never started`,
    ops: instances.flatMap((instance) => removal(instance, true)),
  };
}

/**
 * A copy that has served and was not handed over, such as one whose host was lost and came back.
 */
function quarantine(
  host: string,
  goal: Goal,
  instances: readonly Instance[],
  entry: JournalEntry | undefined,
  best: Claim | undefined,
): Work {
  const volumes = volumesOf(entry, goal);
  const epoch = Math.max(entry?.epoch ?? 0, ...instances.map((instance) => instance.epoch));
  const of = entry ?? { version: 2, replica: goal.replica };
  const note = (left: readonly string[]): Op => ({
    op: "journal",
    host,
    entry: rest("aside", of, epoch, left, best?.host),
  });
  const stopped = instances.flatMap((instance) => fenceOps(instance));
  const removed = instances.map(({ containerId }) => gone(host, containerId, false));
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

function removal(instance: Instance, dropAnonymous: boolean): Op[] {
  return [...fenceOps(instance), gone(instance.host, instance.containerId, dropAnonymous)];
}

function fenceOps({ host, containerId, running, restarts }: Instance): Op[] {
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
