import type { ContainerInspectInfo } from "dockerode";
import { network } from "../../core/network";
import type { ContainerState } from "../../core/adapter-ports";

type Inspected = Pick<ContainerInspectInfo, "Mounts" | "HostConfig">;

/**
 * What a container mounts. `anonymous` are volumes that Docker made for this very container: their
 * names are Docker's own making, and nothing in what was asked for names them. A name alone says
 * nothing: anybody may mount such a volume by it.
 */
export function mountsOf(info: Inspected, proxied: boolean): ContainerState["mounts"] {
  const named = namedIn(info.HostConfig);
  return info.Mounts.map(({ Type, Name, Source, Destination, ...rest }) => {
    // The network's own, whether it is a folder of the host or, with later ones, a volume.
    const volume =
      Type === "volume" && !(proxied && Destination === network.mountpoint) ? Name : undefined;
    return {
      ...(volume === undefined ? {} : { volume }),
      source: Source,
      target: Destination,
      ...("RW" in rest && !rest.RW ? { readOnly: true } : {}),
      ...(volume !== undefined && named?.has(volume) === false && isMadeUp(volume)
        ? { anonymous: true }
        : {}),
    };
  });
}

/** Docker makes up 64 hexadecimal digits. */
function isMadeUp(volume: string): boolean {
  return /^[0-9a-f]{64}$/.test(volume);
}

interface Asked {
  readonly Binds?: readonly string[] | null;
  readonly Mounts?: readonly { readonly Source?: string }[] | null;
  readonly VolumesFrom?: readonly string[] | null;
}

/**
 * Every volume that was asked for by name; undefined where other containers' volumes were asked for
 * as a whole.
 */
function namedIn(config: object): Set<string> | undefined {
  const { Binds, Mounts, VolumesFrom } = config as Asked;
  if (VolumesFrom?.length) return undefined;
  return new Set([
    ...(Binds ?? []).map((bind) => bind.split(":")[0] ?? ""),
    ...(Mounts ?? []).flatMap(({ Source }) => (Source === undefined ? [] : [Source])),
  ]);
}
