import type { Host } from "../../core/adapter-ports";
import { replicaId } from "../../core/identity";
import type { PlacedReplica } from "../../core/replica/model";
import { upkeepName } from "../../core/volume/upkeep";
import type { ReplicaTools } from "./replica-tools";

/** Volumes of which this run takes a snapshot first: by replica, what the program has said. */
export class SnapshotsOfRun {
  readonly #said = new Map<string, readonly string[]>();

  say(replica: string, keys: readonly string[]): void {
    this.#said.set(replica, keys);
  }

  of(replica: PlacedReplica): readonly string[] {
    return this.#said.get(replicaId(replica)) ?? [];
  }
}

/** Where the program asks for it: before its container is changed, or moves away. */
export async function snapshotBefore(
  {
    snapshotsOfRun,
    upkeep,
    progress,
  }: Pick<ReplicaTools, "snapshotsOfRun" | "upkeep" | "progress">,
  replica: PlacedReplica,
  label: string,
  host: Host,
): Promise<void> {
  const keys = snapshotsOfRun.of(replica);
  if (keys.length === 0) return;
  const volumes = keys.map((key) => upkeepName({ ...replica, key }));
  await upkeep.snapshotNow(host, volumes);
  progress.info(`${label}: took a snapshot of ${keys.join(", ")} on ${host.name} first`);
}
