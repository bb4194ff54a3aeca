import type { Host } from "../../core/ports";
import type { OnSourceLost } from "../../core/replica/move-settings";
import type { PlacedReplica } from "../../core/replica/model";
import { isOurs, whoseInWords } from "../../core/volume/owner";

/**
 * Why a replica whose host is lost cannot be started on this one from what is there, or with empty volumes; undefined when
 * it can. Asked before anything is noted down: a host that is named the replica's home by mistake would have the lost one's
 * newer data put aside.
 */
export async function volumesProblem(
  host: Host,
  { volumes }: Pick<PlacedReplica, "volumes">,
  choice: OnSourceLost,
  copied: readonly string[],
): Promise<string | undefined> {
  for (const volume of Object.values(volumes)) {
    if (volume.external) continue;
    const existing = await host.docker.volume(volume.name);
    const called = `Docker volume '${volume.name}'`;
    if (existing !== undefined && !isOurs(existing, volume)) {
      return (
        `${called} is there already on host '${host.name}' and ${whoseInWords(existing)}. Give the volume another name, or ` +
        "the replica another host"
      );
    }
    if (choice !== "useLastCopy" || existing !== undefined || !copied.includes(volume.name)) {
      continue;
    }
    return (
      `the copy on host '${host.name}' is gone: there is no ${called} any more. Bring the lost host back, or start with empty ` +
      'volumes (`onSourceLost: "startEmpty"`)'
    );
  }
  return undefined;
}
