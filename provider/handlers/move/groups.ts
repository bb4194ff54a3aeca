import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import { handOver, neighbours } from "../../core/move/group";
import {
  backEntry,
  sourceEntry,
  targetEntry,
  type JournalEntry,
  type SourceEntry,
} from "../../core/move/journal";
import type { CopyPath } from "../../core/move/port";
import type { Host } from "../../core/ports";
import { labelOfId } from "../../core/replica/names";
import { imageAskedFor } from "../../core/replica/request";
import { holdingMates } from "../replica/holding";
import { withoutClaim } from "../replica/outcome";
import { stopForGood } from "../replica/start";
import type { ReplicaTools } from "../replica/tools";
import { bringOwn } from "./image";
import { copyLabels, isCopyFor, keepAside } from "./mate-volumes";
import { containersOn, type GroupMove, type Mate, type MateTools } from "./mates";

/**
 * Their images and the volumes that only they have, on the target; what has to be copied beside the
 * carrier's own.
 */
export async function prepareMates(
  tools: ReplicaTools,
  { source, target, replica }: Pick<GroupMove, "source" | "target" | "replica">,
  mates: readonly Mate[],
): Promise<CopyPath[]> {
  const paths: CopyPath[] = [];
  for (const { label, container, facts, own, unrelated } of mates) {
    const reference = imageAskedFor(container);
    await bringOwn(tools, { reference, container, label, source, target, others: [] });
    if (own.length === 0) continue;
    if (unrelated !== undefined) await keepAside(tools, { target, own, replica }, unrelated);
    await tools.journals.write(target, targetEntry(facts, "copying"));
    for (const { name, driver, options, labels, mountpoint } of own) {
      const made = await target.docker.createVolume({
        ...{ name, driver, options },
        labels: copyLabels(labels, replica),
      });
      paths.push({ name, source: mountpoint, target: made.mountpoint });
    }
  }
  return paths;
}

function stoppedEntry({ facts }: Mate, carrier: string): SourceEntry {
  return { ...sourceEntry(facts, "stopped"), with: carrier };
}

/** After the rounds and before the carrier's own cut: none of them may write any more. */
export async function stopMates(
  tools: MateTools,
  { id, label, source }: Pick<GroupMove, "id" | "label" | "source">,
  mates: readonly Mate[],
): Promise<void> {
  if (mates.length === 0) return;
  await Promise.all(
    mates.map(async (mate) => {
      const { container } = mate;
      await tools.journals.write(source, stoppedEntry(mate, id));
      if (container.restart.name !== "no") {
        await source.docker.setRestartPolicy(container.id, { name: "no" });
      }
      await stopForGood(source, container.id, container.stopTimeoutSeconds ?? 10);
    }),
  );
  await tools.fence.clear(source);
  const who = mates.map((mate) => mate.label).join(", ");
  tools.progress.info(`${label}: stopped ${who} on ${source.name}, which it shares data with`);
}

/**
 * After a move that was taken back, and once the carrier is home on the source: what was stopped
 * for it runs again, and what was copied for them goes. Resolves with what could not be done, for
 * the message; their own next `update` does it.
 */
export async function releaseMates(
  tools: MateTools,
  { id, source, target, replica }: Pick<GroupMove, "id" | "source" | "target" | "replica">,
  mates: readonly Mate[],
): Promise<string[]> {
  const left: string[] = [];
  for (const mate of mates) {
    try {
      await serveAgain(tools, source, mate, id);
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      left.push(`${mate.label} could not be started again: ${withoutClaim(error)}`);
    }
    try {
      await dropCopies(tools, target, mate, replica);
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      left.push(`the copy of ${mate.label}'s data could not be removed: ${withoutClaim(error)}`);
    }
  }
  return left;
}

/**
 * Those that a move which was cut off has left stopped, when this one goes no further: they are the
 * carrier's dependents, so that Pulumi does not come to them. Resolves with what was done, for the
 * message.
 */
export async function startStranded(tools: ReplicaTools, of: GroupMove): Promise<string[]> {
  const { id, label: carrier, source, container, replica } = of;
  const told: string[] = [];
  const reason = `starting again what was stopped to move with ${carrier}`;
  for (const each of neighbours(container, replica, await containersOn(tools, source)).mates) {
    const mate = { id: each.labels[LABELS.replica] ?? "", container: each };
    const label = labelOfId(mate.id);
    if (!isStoppedFor(await tools.journals.read(source, mate.id), id)) continue;
    try {
      const claim = { replica, mates: [{ id: mate.id, label }], hosts: [source], reason };
      await holdingMates(tools, claim, () => serveAgain(tools, source, mate, id));
      told.push(`${label}, which an earlier attempt had stopped, was started again there.`);
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      told.push(
        `${label}, which an earlier attempt had stopped, could not be started again: ${withoutClaim(error)}`,
      );
    }
  }
  return told;
}

function isStoppedFor(entry: JournalEntry | undefined, carrier: string): entry is SourceEntry {
  return entry?.role === "source" && entry.step !== "committed" && entry.with === carrier;
}

async function serveAgain(
  tools: MateTools,
  source: Host,
  { id, container }: Pick<Mate, "id" | "container">,
  carrier: string,
): Promise<void> {
  const entry = await tools.journals.read(source, id);
  if (!isStoppedFor(entry, carrier)) return;
  await tools.journals.write(source, homeAgain(entry));
  if (entry.stood !== true) {
    await tools.fence.clear(source);
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
  tools: MateTools,
  target: Host,
  { id, own, thereBefore }: Mate,
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
    if (copy && isCopyFor(copy, labels, replica)) await target.docker.removeVolume(name);
  }
  await tools.journals.remove(target, id);
}

/**
 * After the carrier's commit: their data is on the target for good. Their own `update` makes their
 * containers there; when this is cut off, it finds the same from the carrier's journals.
 */
export async function handOverMates(
  tools: MateTools,
  { id, label, source, target }: Pick<GroupMove, "id" | "label" | "source" | "target">,
  mates: readonly Mate[],
): Promise<void> {
  for (const mate of mates) {
    try {
      const [here, there] = await Promise.all([
        tools.journals.read(source, mate.id),
        tools.journals.read(target, mate.id),
      ]);
      // Somebody else's word is not written over.
      if (!isStoppedFor(here, id)) continue;
      for (const op of handOver(source.name, stoppedEntry(mate, id), there)) {
        if (op.op !== "journal") continue;
        await tools.journals.write(op.host === source.name ? source : target, op.entry);
      }
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      tools.progress.warn(
        `${label} moved to host '${target.name}' with its data, but ${mate.label} was not told so: ${withoutClaim(error)} ` +
          "Its own update finds out.",
      );
    }
  }
}
