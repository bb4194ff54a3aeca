import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import { handOver, findGroup } from "../../core/move/group";
import {
  backEntry,
  sourceEntry,
  targetEntry,
  type JournalEntry,
  type SourceEntry,
} from "../../core/move/journal";
import type { CopyPath } from "../../core/move/move-ports";
import type { Host, VolumeState } from "../../core/adapter-ports";
import { labelOfId } from "../../core/replica/replica-names";
import { imageAskedFor } from "../../core/replica/request";
import { whileMembersLocked } from "../replica/while-locked";
import { withoutClaim } from "../replica/outcome";
import { stopForGood } from "../replica/start";
import type { ReplicaTools } from "../replica/replica-tools";
import { folderIn } from "../../core/volume/folder";
import { requirePlaceFor } from "./data-places";
import { bringOwn } from "./image";
import { copyLabels, isCopyFor, quarantine } from "./member-volumes";
import { containersOn, type GroupMove, type GroupMember, type GroupTools } from "./group";

/**
 * Their images and the volumes that only they have, on the target; what has to be copied beside the
 * lead's own.
 */
export async function prepareMembers(
  tools: ReplicaTools,
  { source, target, replica }: Pick<GroupMove, "source" | "target" | "replica">,
  members: readonly GroupMember[],
): Promise<CopyPath[]> {
  const paths: CopyPath[] = [];
  for (const { label, container, facts, own, unrelated } of members) {
    const reference = imageAskedFor(container);
    await bringOwn(tools, { reference, container, label, source, target, others: [] });
    if (own.length === 0) continue;
    if (unrelated !== undefined) await quarantine(tools, { target, own, replica }, unrelated);
    await tools.journals.write(target, targetEntry(facts, "copying"));
    for (const each of own) {
      const made = await makeCopy(tools, target, each, copyLabels(each.labels, replica));
      paths.push({ name: each.name, source: each.mountpoint, target: made.mountpoint });
    }
  }
  return paths;
}

async function makeCopy(
  { drivers }: Pick<GroupTools, "drivers">,
  target: Host,
  { name, driver, options, labels: had, ...rest }: VolumeState,
  labels: VolumeState["labels"],
): Promise<VolumeState> {
  const own = drivers.ofFound({ ...rest, name, driver, options, labels: had });
  const there = await target.docker.volume(name);
  if (there !== undefined) return there;
  await requirePlaceFor(own, target, { called: `volume '${name}'`, options, bytes: 0 });
  // One of another driver of Docker's has that one again.
  return folderIn(options) === undefined
    ? target.docker.createVolume({ name, driver, options, labels })
    : own.make(target, { name, options, labels });
}

function stoppedEntry({ facts }: GroupMember, lead: string): SourceEntry {
  return { ...sourceEntry(facts, "stopped"), with: lead };
}

/** After the rounds and before the lead's own cutover: none of them may write any more. */
export async function stopMembers(
  tools: GroupTools,
  { id, label, source }: Pick<GroupMove, "id" | "label" | "source">,
  members: readonly GroupMember[],
): Promise<void> {
  if (members.length === 0) return;
  await Promise.all(
    members.map(async (member) => {
      const { container } = member;
      await tools.journals.write(source, stoppedEntry(member, id));
      if (container.restart.name !== "no") {
        await source.docker.setRestartPolicy(container.id, { name: "no" });
      }
      await stopForGood(source, container.id, container.stopTimeoutSeconds ?? 10);
    }),
  );
  await tools.overlay.detachEnded(source);
  const who = members.map((member) => member.label).join(", ");
  tools.progress.info(`${label}: stopped ${who} on ${source.name}, which it shares data with`);
}

/**
 * After a move that was taken back, and once the lead is home on the source: what was stopped
 * for it runs again, and what was copied for them goes. Resolves with what could not be done, for
 * the message; their own next `update` does it.
 */
export async function releaseMembers(
  tools: GroupTools,
  { id, source, target, replica }: Pick<GroupMove, "id" | "source" | "target" | "replica">,
  members: readonly GroupMember[],
): Promise<string[]> {
  const left: string[] = [];
  for (const member of members) {
    try {
      await serveAgain(tools, source, member, id);
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      left.push(`${member.label} could not be started again: ${withoutClaim(error)}`);
    }
    try {
      await dropCopies(tools, target, member, replica);
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      left.push(`the copy of ${member.label}'s data could not be removed: ${withoutClaim(error)}`);
    }
  }
  return left;
}

/**
 * Those that a move which was interrupted has left stopped, when this one goes no further: they are
 * the lead's dependents, so that Pulumi does not come to them. Resolves with what was done, for the
 * message.
 */
export async function startStranded(tools: ReplicaTools, of: GroupMove): Promise<string[]> {
  const { id, label: lead, source, container, replica } = of;
  const reported: string[] = [];
  const reason = `starting again what was stopped to move with ${lead}`;
  for (const each of findGroup(container, replica, await containersOn(tools, source, replica))
    .members) {
    const member = { id: each.labels[LABELS.replica] ?? "", container: each };
    const label = labelOfId(member.id);
    if (!isStoppedFor(await tools.journals.read(source, member.id), id)) continue;
    try {
      const claim = { replica, members: [{ id: member.id, label }], hosts: [source], reason };
      await whileMembersLocked(tools, claim, () => serveAgain(tools, source, member, id));
      reported.push(`${label}, which an earlier attempt had stopped, was started again there.`);
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      reported.push(
        `${label}, which an earlier attempt had stopped, could not be started again: ${withoutClaim(error)}`,
      );
    }
  }
  return reported;
}

function isStoppedFor(entry: JournalEntry | undefined, lead: string): entry is SourceEntry {
  return entry?.role === "source" && entry.step !== "committed" && entry.with === lead;
}

async function serveAgain(
  tools: GroupTools,
  source: Host,
  { id, container }: Pick<GroupMember, "id" | "container">,
  lead: string,
): Promise<void> {
  const entry = await tools.journals.read(source, id);
  if (!isStoppedFor(entry, lead)) return;
  await tools.journals.write(source, homeAgain(entry));
  if (entry.stood !== true) {
    await tools.overlay.detachEnded(source);
    await source.docker.start(container.id, { proxied: true });
  }
  if (container.restart.name !== "no") {
    await source.docker.setRestartPolicy(container.id, container.restart);
  }
}

function homeAgain(entry: SourceEntry): JournalEntry {
  const { with: _with, ...home } = backEntry(entry);
  return home;
}

async function dropCopies(
  tools: GroupTools,
  target: Host,
  { id, own, thereBefore }: GroupMember,
  replica: GroupMove["replica"],
) {
  if (own.length === 0) return;
  if (thereBefore?.role === "retired") {
    // It has been copied over, maybe half way: from here on it is of no certain age.
    const { when: _when, ...older } = thereBefore;
    await tools.journals.write(target, older);
    return;
  }
  for (const { name, labels } of own) {
    const copy = await target.docker.volume(name);
    if (copy && isCopyFor(copy, labels, replica)) {
      await tools.drivers.ofFound(copy).remove(target, copy);
    }
  }
  await tools.journals.remove(target, id);
}

/**
 * After the lead's commit: their data is on the target for good. Their own `update` makes their
 * containers there; when this is interrupted, it finds the same from the lead's journals.
 */
export async function handOverMembers(
  tools: GroupTools,
  { id, label, source, target }: Pick<GroupMove, "id" | "label" | "source" | "target">,
  members: readonly GroupMember[],
): Promise<void> {
  for (const member of members) {
    try {
      const [here, there] = await Promise.all([
        tools.journals.read(source, member.id),
        tools.journals.read(target, member.id),
      ]);
      // Somebody else's word is not written over.
      if (!isStoppedFor(here, id)) continue;
      for (const op of handOver(source.name, stoppedEntry(member, id), there)) {
        if (op.op !== "journal") continue;
        await tools.journals.write(op.host === source.name ? source : target, op.entry);
      }
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      tools.progress.warn(
        `${label} moved to host '${target.name}' with its data, but ${member.label} was not told so: ${withoutClaim(error)} ` +
          "Its own update finds out.",
      );
    }
  }
}
