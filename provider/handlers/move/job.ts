import type { Connections } from "../../core/connection";
import { FerryError } from "../../core/errors";
import { LABELS, replicaId } from "../../core/identity";
import { carriedVolumes } from "../../core/replica/following-volumes";
import { GATE_VOLUME } from "../../core/move/gate";
import type { JournalEntry, MoveFacts } from "../../core/move/journal";
import type { Next } from "../../core/move/machine";
import type { ContainerState, Host } from "../../core/ports";
import type { PlacedReplica } from "../../core/replica/model";
import { unnamedVolumes } from "../../core/replica/unnamed-volumes";
import { machineOn } from "../replica/believed";
import { heardFrom, isRunning, type Discovery } from "../replica/discover";
import type { Holding } from "../replica/holding";
import type { ReplicaTools } from "../replica/tools";
import { withoutShared } from "./without-shared";

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
  readonly sourceEpoch: number;
  /** Of the container that will be made on the target. */
  readonly epoch: number;
  /** What the journals say as the move begins. */
  readonly sourceEntry: JournalEntry | undefined;
  readonly targetEntry: JournalEntry | undefined;
  /** What the journals of this move have in common. */
  readonly facts: MoveFacts;
  /** The target has a copy that a move which was cut off had begun. */
  readonly resumes: boolean;
  /** All hosts that answer: one of them may have the image. */
  readonly hosts: readonly Host[];
  /** Ways to all hosts, to look at them again when the move fails. */
  readonly connections: Connections;
  readonly held: Holding;
}

export async function jobOf(
  tools: ReplicaTools,
  of: {
    replica: PlacedReplica;
    label: string;
    settled: Extract<Next, { kind: "move" }>;
    discovery: Discovery;
    connections: Connections;
    held: Holding;
  },
): Promise<MoveJob> {
  const { replica, label, settled, discovery, connections, held } = of;
  const { journals } = discovery.findings;
  const { home, epoch, resumes } = settled;
  const source = heardFrom(discovery, home.host);
  const target = heardFrom(discovery, settled.to);
  const found = discovery.containers.get(home.containerId);
  const [container] = await withoutShared(tools, source, found === undefined ? [] : [found]);
  if (container === undefined)
    throw new FerryError({
      kind: "trouble",
      replica: label,
      reason: `the container of ${label} is gone.`,
    });
  const targetEntry = journals[target.name];
  const id = replicaId(replica);
  const carried = carriedVolumes(replica);
  const named = movedVolumes({ container }).filter(({ anonymous }) => !anonymous);
  const origin = container.labels[LABELS.origin];
  const facts: MoveFacts = {
    replica: id,
    ...(origin === undefined ? {} : { origin }),
    source: {
      host: source.name,
      ...machineOn(discovery, source.name),
      epoch: home.epoch,
      volumes: named.map(({ name }) => name).filter((name) => carried.includes(name)),
      stood: !isRunning(container),
      startedAt: container.startedAt,
    },
    target: { host: target.name, ...machineOn(discovery, target.name), epoch, volumes: carried },
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
    sourceEpoch: home.epoch,
    epoch,
    // To the letter: the cut puts its own in its place, and in no other's.
    sourceEntry: discovery.written.get(source.name),
    targetEntry,
    facts,
    resumes,
    hosts: [...discovery.hosts.values()],
    connections,
    held,
  };
}

function wasRetired(entry: JournalEntry | undefined): boolean {
  if (entry?.role === "target") return entry.wasRetired === true;
  return entry?.role === "retired";
}

/** A Docker volume that the source's container mounts. */
export interface MovedVolume {
  readonly name: string;
  readonly source: string;
  /** Where the container sees it. */
  readonly mountedAt: string;
  /** Made by the image, without a name of the program's: on the target it has another name. */
  readonly anonymous: boolean;
}

export function movedVolumes({ container }: Pick<MoveJob, "container">): MovedVolume[] {
  const seen = new Set<string>();
  const unnamed = new Set(unnamedVolumes(container).map(({ name }) => name));
  return container.mounts.flatMap(({ volume, source, target }) => {
    // A volume that is mounted twice is copied once, and a gate is its host's own.
    if (volume === undefined || volume === GATE_VOLUME || seen.has(volume)) return [];
    seen.add(volume);
    return [{ name: volume, source, mountedAt: target, anonymous: unnamed.has(volume) }];
  });
}
