import type { Connections } from "../../core/connection";
import { FerryError } from "../../core/errors";
import { LABELS, replicaId } from "../../core/identity";
import { copiedVolumes } from "../../core/replica/following-volumes";
import { BARRIER_VOLUME } from "../../core/move/start-barrier";
import { adoptsOf, type JournalEntry, type MoveFacts } from "../../core/move/journal";
import type { Next } from "../../core/move/machine";
import type { ContainerState, Host } from "../../core/adapter-ports";
import type { PlacedReplica } from "../../core/replica/model";
import { unnamedVolumes } from "../../core/replica/unnamed-volumes";
import { machineOn } from "../replica/believed";
import { heardFrom, isRunning, type Discovery } from "../replica/discover";
import type { Locked } from "../replica/while-locked";
import type { ReplicaTools } from "../replica/replica-tools";
import { atItsData } from "./data-places";
import { attachedOnes, scopesOn, withoutShared } from "./scopes";

/** One move, settled: who, from where, to where. */
export interface MoveJob {
  /** The replica's id. */
  readonly id: string;
  /** How messages call it. */
  readonly label: string;
  /** As it is to be on the target. */
  readonly replica: PlacedReplica;
  readonly source: Host;
  readonly target: Host;
  /** The source's container, without volumes that every host reaches. */
  readonly container: ContainerState;
  /** Names of volumes on the source that one host has at a time: they are handed over. */
  readonly attached: ReadonlySet<string>;
  readonly sourceEpoch: number;
  /** Of the container that will be made on the target. */
  readonly epoch: number;
  /** What the journals say as the move begins. */
  readonly sourceEntry: JournalEntry | undefined;
  readonly targetEntry: JournalEntry | undefined;
  /** What the journals of this move have in common. */
  readonly facts: MoveFacts;
  /** The target has a copy that a move which was interrupted had begun. */
  readonly resumes: boolean;
  /** All hosts that answer: one of them may have the image. */
  readonly hosts: readonly Host[];
  /** Ways to all hosts, to look at them again when the move fails. */
  readonly connections: Connections;
  readonly locked: Locked;
}

export async function jobOf(
  tools: ReplicaTools,
  of: {
    replica: PlacedReplica;
    label: string;
    decided: Extract<Next, { kind: "move" }>;
    discovery: Discovery;
    connections: Connections;
    locked: Locked;
  },
): Promise<MoveJob> {
  const { replica, label, decided, discovery, connections, locked } = of;
  const { journals } = discovery.findings;
  const { home, epoch, resumes } = decided;
  const source = heardFrom(discovery, home.host);
  const target = heardFrom(discovery, decided.to);
  const found = discovery.containers.get(home.containerId);
  const scopes = await scopesOn(tools, source, replica);
  const [seen] = withoutShared(found === undefined ? [] : [found], scopes);
  if (seen === undefined)
    throw new FerryError({
      kind: "trouble",
      replica: label,
      reason: `the container of ${label} is gone.`,
    });
  const container = await atItsData(source, seen);
  const targetEntry = journals[target.name];
  const id = replicaId(replica);
  const copiedNames = copiedVolumes(replica);
  const attached = attachedOnes(scopes);
  const named = movedVolumes({ container, attached }).filter(({ anonymous }) => !anonymous);
  const origin = container.labels[LABELS.origin];
  const facts: MoveFacts = {
    replica: id,
    ...(origin === undefined ? {} : { origin }),
    source: {
      host: source.name,
      ...machineOn(discovery, source.name),
      epoch: home.epoch,
      volumes: named.map(({ name }) => name).filter((name) => copiedNames.includes(name)),
      wasStopped: !isRunning(container),
      startedAt: container.startedAt,
      ...adoptsOf(discovery.written.get(source.name)),
    },
    target: {
      host: target.name,
      ...machineOn(discovery, target.name),
      epoch,
      volumes: copiedNames,
    },
    move: tools.moveToken(),
    owner: tools.owner,
    when: tools.date(),
    wasRetired: wasRetired(targetEntry),
  };
  return {
    id,
    label,
    replica,
    source,
    target,
    container,
    attached,
    sourceEpoch: home.epoch,
    epoch,
    // To the letter: the cutover puts its own in its place, and in no other's.
    sourceEntry: discovery.written.get(source.name),
    targetEntry,
    facts,
    resumes,
    hosts: [...discovery.hosts.values()],
    connections,
    locked,
  };
}

/** Whether the source lets go of a volume before the target takes it. */
export function handsOver({ container, replica, attached }: MoveJob): boolean {
  const mounted = container.mounts.map(({ volume = "" }) => volume);
  const wanted = Object.values(replica.volumes).map(({ name }) => name);
  return [...mounted, ...wanted].some((name) => attached.has(name));
}

function wasRetired(entry: JournalEntry | undefined): boolean {
  if (entry?.role === "target") return entry.wasRetired === true;
  return entry?.role === "retired";
}

/** A Docker volume that the source's container mounts, and whose data is copied. */
export interface MovedVolume {
  readonly name: string;
  readonly source: string;
  /** Where the container sees it. */
  readonly mountedAt: string;
  /** Made by the image, without a name of the program's: on the target it has another name. */
  readonly anonymous: boolean;
}

export function movedVolumes({
  container,
  attached,
}: Pick<MoveJob, "container" | "attached">): MovedVolume[] {
  const seen = new Set<string>();
  const unnamed = new Set(unnamedVolumes(container).map(({ name }) => name));
  return container.mounts.flatMap(({ volume, source, target }) => {
    // A volume that is mounted twice is copied once, and a start barrier is its host's own.
    if (volume === undefined || volume === BARRIER_VOLUME || seen.has(volume)) return [];
    if (attached.has(volume)) return [];
    seen.add(volume);
    return [{ name: volume, source, mountedAt: target, anonymous: unnamed.has(volume) }];
  });
}
