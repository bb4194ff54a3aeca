import { GATE_VOLUME } from "../../core/move/gate";
import type { PlacementRecord } from "../../core/move/record";
import type { ContainerState, Host } from "../../core/ports";
import type { PlacedReplica } from "../../core/replica/model";
import { isAnonymous } from "../../core/replica/request";

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
  /** The source's container. */
  readonly container: ContainerState;
  readonly sourceEpoch: number;
  /** Of the container that will be made on the target. */
  readonly epoch: number;
  readonly sourceRecord: PlacementRecord | undefined;
  readonly targetRecord: PlacementRecord | undefined;
  /** All hosts that answer: one of them may have the image. */
  readonly hosts: readonly Host[];
}

/** A Docker volume that the source's container mounts. */
export interface MovedVolume {
  readonly name: string;
  readonly source: string;
  /** Where the container sees it. */
  readonly mountedAt: string;
  /** Made by the image, without a name of the program's. */
  readonly anonymous: boolean;
}

export function movedVolumes({ container }: Pick<MoveJob, "container">): MovedVolume[] {
  const seen = new Set<string>();
  return container.mounts.flatMap(({ volume, source, target }) => {
    // A volume that is mounted twice is copied once, and a gate is its host's own.
    if (volume === undefined || volume === GATE_VOLUME || seen.has(volume)) return [];
    seen.add(volume);
    return [{ name: volume, source, mountedAt: target, anonymous: isAnonymous(volume) }];
  });
}
