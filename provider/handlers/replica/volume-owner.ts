import { LABELS } from "../../core/identity";
import type { VolumeState } from "../../core/ports";
import type { ReplicaVolume } from "../../core/replica/model";

/** Ferry made this Docker volume, for this very volume. */
export function labelled(existing: VolumeState, { id }: Pick<ReplicaVolume, "id">): boolean {
  return existing.labels[LABELS.volume] === id;
}
