import type { ContainerState } from "../adapter-ports";
import { LABELS } from "../identity";
import type { PlacedReplica } from "../replica/model";
import { COMPOSE } from "./request";
import { folderOfVolume, mayWrite } from "./same-data";

/**
 * The first of these that runs and is plainly the same thing, made by somebody else: it has the
 * replica's data at the replica's path. A folder of the host may be shared on purpose, unless it is
 * by the service of that name.
 */
export function samePlace(
  containers: readonly ContainerState[],
  { spec, volumes, service }: Pick<PlacedReplica, "spec" | "volumes" | "service">,
): ContainerState | undefined {
  const taken = new Set(
    (spec.mounts ?? []).flatMap((mount) => {
      if (!mayWrite(mount)) return [];
      if (mount.type === "bind") return [`${service} ${mount.source} ${mount.target}`];
      const volume = volumes[mount.volume ?? ""];
      const folder = folderOfVolume(volume);
      if (folder !== undefined) return [`${service} ${folder} ${mount.target}`];
      return volume?.external === true ? [`${volume.name} ${mount.target}`] : [];
    }),
  );
  return containers.find(
    ({ status, labels, mounts }) =>
      status === "running" &&
      labels[LABELS.replica] === undefined &&
      mounts.some(({ volume, source, target }) =>
        taken.has(
          volume === undefined
            ? `${labels[COMPOSE.service] ?? ""} ${source} ${target}`
            : `${volume} ${target}`,
        ),
      ),
  );
}
