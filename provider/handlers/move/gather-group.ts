import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import { findGroup, volumesOf } from "../../core/move/group";
import { isUnrelated } from "../../core/move/history";
import { adoptsOf, type MoveFacts } from "../../core/move/journal";
import type { ContainerState, Host, VolumeState } from "../../core/adapter-ports";
import { labelOfId } from "../../core/replica/replica-names";
import { epochOf } from "../../core/replica/request";
import { unnamedVolumes } from "../../core/replica/unnamed-volumes";
import { isRunning } from "../replica/discover";
import { requireOlderCopy } from "../replica/older-copy";
import { requireFolderAlone, requirePlaceFor } from "./data-places";
import { isCopyFor } from "./member-volumes";
import { containersOn, type GroupMove, type GroupMember, type GroupTools } from "./group";

/**
 * Replicas of the deployment on the source that share a volume with the one that moves. They are
 * stopped before its cutover, their data goes with its data, and their own `update`, which comes
 * after in the same run, makes them where it then is. Anybody else who uses the volume is refused,
 * and so is what would leave data of theirs behind.
 */
export async function gatherGroup(tools: GroupTools, of: GroupMove): Promise<GroupMember[]> {
  const { source, container, replica } = of;
  const found = findGroup(container, replica, await containersOn(tools, source, replica));
  const [stranger] = found.strangers;
  if (stranger !== undefined) {
    throw new FerryError({
      kind: "settings",
      reason:
        `container '${stranger.container}' on host '${source.name}' uses its volume '${stranger.volume}' as well, and is no ` +
        "replica of the same deployment. Stop that container, or give it a volume of its own",
    });
  }
  const known = new Set(volumesOf(container));
  const members: GroupMember[] = [];
  for (const member of found.members) {
    requireMovable(member);
    const names = volumesOf(member).filter((name) => !known.has(name) && !of.attached.has(name));
    for (const name of names) known.add(name);
    members.push(await gather(tools, of, member, names));
  }
  await requireFreePorts(tools, of, members);
  return members;
}

/** Once nobody else may change them: as they are now. */
export async function gatherAgain(
  tools: GroupTools,
  of: GroupMove,
  gathered: readonly GroupMember[],
): Promise<GroupMember[]> {
  const members = await gatherGroup(tools, of);
  if (members.map(({ id }) => id).join() === gathered.map(({ id }) => id).join()) return members;
  throw new FerryError({
    kind: "settings",
    reason: "another run has just changed who shares a volume with it.",
  });
}

function requireMovable(member: ContainerState): void {
  const who = `container '${member.name}', which shares a volume with it,`;
  if (member.status === "paused") {
    throw new FerryError({ kind: "settings", reason: `${who} is paused. Unpause it first` });
  }
  const [unnamed] = unnamedVolumes(member);
  if (unnamed !== undefined) {
    throw new FerryError({
      kind: "settings",
      reason: `${who} has data at ${unnamed.target} in a volume without a name, which cannot come along. Mount a named volume there`,
    });
  }
  // The network's own is there in every container, and not to be written to.
  const written = member.mounts.find(
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
  tools: GroupTools,
  { id: lead, replica, source, target, facts: known }: GroupMove,
  container: ContainerState,
  names: readonly string[],
): Promise<GroupMember> {
  const id = container.labels[LABELS.replica] ?? "";
  const label = labelOfId(id);
  const [here, there, ...own] = await Promise.all([
    tools.journals.read(source, id),
    tools.journals.read(target, id),
    ...names.map((name) => volumeOn(source, name)),
  ]);
  const stoppedBefore = here?.role === "source" && here.with === lead;
  if (here !== undefined && here.role !== "home" && !stoppedBefore) {
    throw new FerryError({
      kind: "settings",
      reason: `${label}, which shares a volume with it, is in the middle of a move of its own. That one comes first`,
    });
  }
  const epoch = Math.max(epochOf(container), here?.epoch ?? 0);
  const origin = container.labels[LABELS.origin];
  const history = origin === undefined ? {} : { origin };
  const unrelated = isUnrelated(there, { epoch, ...history }) ? there : undefined;
  for (const each of own) {
    const { name, labels } = each;
    const driver = tools.drivers.ofFound(each);
    const problem = driver.handOverProblem(each);
    if (problem !== undefined) {
      const reason = `volume '${name}' of ${label}, which comes along, ${problem}`;
      throw new FerryError({ kind: "settings", reason });
    }
    const existing = await target.docker.volume(name);
    await requireFolderAlone(source, each);
    if (existing === undefined) {
      const called = `volume '${name}' of ${label}`;
      await requirePlaceFor(driver, target, { called, options: each.options, bytes: 0 });
      continue;
    }
    const ours = isCopyFor(existing, labels, replica);
    const whose = ` of ${label}, which comes along,`;
    // Only what Ferry has made can be kept aside.
    const stays = unrelated !== undefined && existing.labels[LABELS.volume] === undefined;
    const entry = stays ? undefined : there;
    await requireOlderCopy(tools, { id, target, there: existing, ours, whose, entry });
  }
  // One that an earlier attempt of the same move had stopped is to run again when this one is taken
  // back.
  const wasStopped = stoppedBefore ? here.stood === true : !isRunning(container);
  const given = Math.max(epoch, here?.highest ?? 0, there?.highest ?? 0, there?.epoch ?? 0);
  const facts: MoveFacts = {
    replica: id,
    ...history,
    source: { ...placeOf(known.source), epoch, volumes: names, wasStopped, ...adoptsOf(here) },
    target: { ...placeOf(known.target), epoch: given + 1, volumes: names },
    move: known.move,
    owner: known.owner,
    when: tools.date(),
    wasRetired: there?.role === "retired" && unrelated === undefined,
  };
  const member = { id, label, container, facts, own };
  return unrelated === undefined
    ? { ...member, thereBefore: there }
    : { ...member, thereBefore: undefined, unrelated };
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
  { facts }: GroupTools,
  { target }: GroupMove,
  members: readonly GroupMember[],
): Promise<void> {
  if (members.every(({ container }) => container.publishedPorts.length === 0)) return;
  const listening = await facts.listeningPorts(target);
  for (const { label, container } of members) {
    const taken = container.publishedPorts.filter((port) => listening.has(port));
    if (taken.length === 0) continue;
    throw new FerryError({
      kind: "settings",
      reason: `${label}, which comes along, publishes ${taken.join(", ")}, in use on host '${target.name}'`,
    });
  }
}
