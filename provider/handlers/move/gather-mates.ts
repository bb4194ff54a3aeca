import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import { neighbours, volumesOf } from "../../core/move/group";
import { isUnrelated } from "../../core/move/history";
import type { MoveFacts } from "../../core/move/journal";
import type { ContainerState, Host, VolumeState } from "../../core/ports";
import { labelOfId } from "../../core/replica/names";
import { epochOf } from "../../core/replica/request";
import { unnamedVolumes } from "../../core/replica/unnamed-volumes";
import { isRunning } from "../replica/discover";
import { requireOlderCopy } from "../replica/older-copy";
import { isCopyFor } from "./mate-volumes";
import { containersOn, type GroupMove, type Mate, type MateTools } from "./mates";

/**
 * Replicas of the deployment on the source that share a volume with the one that moves. They are
 * stopped before its cut, their data goes with its data, and their own `update`, which comes after
 * in the same run, makes them where it then is. Anybody else who uses the volume is refused, and so
 * is what would leave data of theirs behind.
 */
export async function gatherMates(tools: MateTools, of: GroupMove): Promise<Mate[]> {
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

/** Once nobody else may change them: as they are now. */
export async function gatherAgain(
  tools: MateTools,
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
  tools: MateTools,
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
  { facts }: MateTools,
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
