import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import { handOver, neighbours, volumesOf } from "../../core/move/group";
import { isUnrelated } from "../../core/move/history";
import {
  backEntry,
  sourceEntry,
  targetEntry,
  type JournalEntry,
  type MoveFacts,
  type SourceEntry,
} from "../../core/move/journal";
import type { CopyPath } from "../../core/move/port";
import type { ContainerState, Host, VolumeState } from "../../core/ports";
import { labelOfId } from "../../core/replica/names";
import { epochOf, imageAskedFor } from "../../core/replica/request";
import { unnamedVolumes } from "../../core/replica/unnamed-volumes";
import { isRunning } from "../replica/discover";
import { holdingMates } from "../replica/holding";
import { withoutClaim } from "../replica/outcome";
import { stopForGood } from "../replica/start";
import type { ReplicaTools } from "../replica/tools";
import { bringOwn } from "./image";
import { copyLabels, isCopyFor, keepAside } from "./mate-volumes";
import { requireOlderCopy } from "../replica/older-copy";
import type { MoveJob } from "./job";
import { withoutShared } from "./without-shared";

/** The move that carries a group. */
export type GroupMove = Pick<
  MoveJob,
  "id" | "label" | "replica" | "source" | "target" | "container" | "facts"
>;

/** A replica that shares a volume with the one that moves, and comes along. */
export interface Mate {
  readonly id: string;
  readonly label: string;
  readonly container: ContainerState;
  readonly facts: MoveFacts;
  /** Its volumes that nobody before it in the group has. */
  readonly own: readonly VolumeState[];
  readonly thereBefore: JournalEntry | undefined;
  /**
   * What it has left on the target earlier and is of another history: kept aside before anything is
   * copied there.
   */
  readonly unrelated?: JournalEntry;
}

type Tools = Pick<ReplicaTools, "drivers" | "progress" | "fence" | "facts" | "date" | "journals">;

/**
 * Replicas of the deployment on the source that share a volume with the one that moves. They are
 * stopped before its cut, their data goes with its data, and their own `update`, which comes after
 * in the same run, makes them where it then is. Anybody else who uses the volume is refused, and so
 * is what would leave data of theirs behind.
 */
export async function gatherMates(tools: Tools, of: GroupMove): Promise<Mate[]> {
  const { source, container, replica } = of;
  if (volumesOf(container).length === 0) return [];
  const found = neighbours(container, replica, await containersOn(tools, source));
  const [stranger] = found.strangers;
  if (stranger !== undefined) {
    throw new FerryError({
      kind: "settings",
      reason:
        `container '${stranger.container}' on host '${source.name}' uses its volume '${stranger.volume}' as well, and is no ` +
        "replica of the same deployment. Stop that container, or give it a volume of its own",
    });
  }
  const carried = new Set(volumesOf(container));
  const mates: Mate[] = [];
  for (const mate of found.mates) {
    requireMovable(mate);
    const names = volumesOf(mate).filter((name) => !carried.has(name));
    for (const name of names) carried.add(name);
    mates.push(await gather(tools, of, mate, names));
  }
  await requireFreePorts(tools, of, mates);
  return mates;
}

async function containersOn(tools: Tools, host: Host): Promise<ContainerState[]> {
  return withoutShared(tools, host, await host.docker.containers({}));
}

/** Once nobody else may change them: as they are now. */
export async function gatherAgain(
  tools: Tools,
  of: GroupMove,
  held: readonly Mate[],
): Promise<Mate[]> {
  const mates = await gatherMates(tools, of);
  if (mates.map(({ id }) => id).join() === held.map(({ id }) => id).join()) return mates;
  throw new FerryError({
    kind: "settings",
    reason: "another run has just changed who shares a volume with it.",
  });
}

function requireMovable(mate: ContainerState): void {
  const who = `container '${mate.name}', which shares a volume with it,`;
  if (mate.status === "paused") {
    throw new FerryError({ kind: "settings", reason: `${who} is paused. Unpause it first` });
  }
  const [unnamed] = unnamedVolumes(mate);
  if (unnamed !== undefined) {
    throw new FerryError({
      kind: "settings",
      reason: `${who} has data at ${unnamed.target} in a volume without a name, which cannot come along. Mount a named volume there`,
    });
  }
  // Weave's own is there in every container, and not to be written to.
  const written = mate.mounts.find(
    ({ volume, readOnly }) => volume === undefined && readOnly !== true,
  );
  if (written !== undefined) {
    throw new FerryError({
      kind: "settings",
      reason: `${who} may write to '${written.source}', a folder of the host itself, which does not follow a replica`,
    });
  }
}

async function gather(
  tools: Tools,
  { id: carrier, replica, source, target, facts: carried }: GroupMove,
  container: ContainerState,
  names: readonly string[],
): Promise<Mate> {
  const id = container.labels[LABELS.replica] ?? "";
  const label = labelOfId(id);
  const [here, there, ...own] = await Promise.all([
    tools.journals.read(source, id),
    tools.journals.read(target, id),
    ...names.map((name) => volumeOn(source, name)),
  ]);
  const carriedBefore = here?.role === "source" && here.with === carrier;
  if (here !== undefined && here.role !== "home" && !carriedBefore) {
    throw new FerryError({
      kind: "settings",
      reason: `${label}, which shares a volume with it, is in the middle of a move of its own. That one comes first`,
    });
  }
  const epoch = Math.max(epochOf(container), here?.epoch ?? 0);
  const origin = container.labels[LABELS.origin];
  const history = origin === undefined ? {} : { origin };
  const unrelated = isUnrelated(there, { epoch, ...history }) ? there : undefined;
  for (const { name, labels } of own) {
    const existing = await target.docker.volume(name);
    if (existing === undefined) continue;
    const ours = isCopyFor(existing, labels, replica);
    const whose = ` of ${label}, which comes along,`;
    // Only what Ferry has made can be kept aside.
    const stays = unrelated !== undefined && existing.labels[LABELS.volume] === undefined;
    const entry = stays ? undefined : there;
    await requireOlderCopy(tools, { id, target, there: existing, ours, whose, entry });
  }
  // One that an earlier attempt of the same move had stopped is to run again when this one is taken
  // back.
  const stood = carriedBefore ? here.stood === true : !isRunning(container);
  const given = Math.max(epoch, here?.highest ?? 0, there?.highest ?? 0, there?.epoch ?? 0);
  const facts: MoveFacts = {
    replica: id,
    ...history,
    source: { ...placeOf(carried.source), epoch, volumes: names, stood },
    target: { ...placeOf(carried.target), epoch: given + 1, volumes: names },
    move: carried.move,
    owner: carried.owner,
    when: tools.date(),
    wasRetired: there?.role === "retired" && unrelated === undefined,
  };
  const mate = { id, label, container, facts, own };
  return unrelated === undefined
    ? { ...mate, thereBefore: there }
    : { ...mate, thereBefore: undefined, unrelated };
}

function placeOf({ host, machine }: MoveFacts["target"]) {
  return { host, ...(machine === undefined ? {} : { machine }) };
}

async function volumeOn(host: Host, name: string): Promise<VolumeState> {
  const found = await host.docker.volume(name);
  if (found !== undefined) return found;
  throw new FerryError({
    kind: "settings",
    reason: `Docker volume '${name}' is gone from host '${host.name}'`,
  });
}

async function requireFreePorts(
  { facts }: Tools,
  { target }: GroupMove,
  mates: readonly Mate[],
): Promise<void> {
  if (mates.every(({ container }) => container.publishedPorts.length === 0)) return;
  const listening = await facts.listeningPorts(target);
  for (const { label, container } of mates) {
    const taken = container.publishedPorts.filter((port) => listening.has(port));
    if (taken.length === 0) continue;
    throw new FerryError({
      kind: "settings",
      reason: `${label}, which comes along, publishes ${taken.join(", ")}, in use on host '${target.name}'`,
    });
  }
}

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
  tools: Tools,
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
  tools: Tools,
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
  tools: Tools,
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
  tools: Tools,
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
  tools: Tools,
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
