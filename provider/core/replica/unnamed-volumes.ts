import type { Mount } from "../container-spec";
import { LABELS } from "../identity";
import type { ContainerRequest, ContainerState } from "../adapter-ports";

/** Data of a container that no volume of the program holds: what the image's VOLUME lines made. */
export interface UnnamedVolume {
  readonly name: string;
  readonly target: string;
  /**
   * Made for this container, or for one that it took the place of. Nobody else's, and so it goes
   * with its replica. False where that is not certain: containers of versions before this one do
   * not say whether the program named it.
   */
  readonly made: boolean;
}

/**
 * A name of Docker's own making. It says nothing of who made the volume: an old one may have been
 * given a use since.
 */
function isMadeUp(volume: string): boolean {
  return /^[0-9a-f]{64}$/.test(volume);
}

export function unnamedVolumes({
  mounts,
  labels,
}: Pick<ContainerState, "mounts" | "labels">): UnnamedVolume[] {
  const label = labels[LABELS.unnamed];
  const takenOver = label?.split(",") ?? [];
  return mounts.flatMap(({ volume: name, target, anonymous = false }) => {
    if (name === undefined || !isMadeUp(name)) return [];
    const made = anonymous || takenOver.includes(name);
    return made || label === undefined ? [{ name, target, made }] : [];
  });
}

/**
 * Where Docker makes volumes that nobody has named: mounts without a volume, and those of the
 * image.
 */
export function unnamedTargets(mounts: readonly Mount[], ofImage: readonly string[]): string[] {
  const asked = mounts.filter((mount) => mount.type === "volume" && mount.volume === undefined);
  const taken = new Set(mounts.map(({ target }) => target));
  return [...asked.map(({ target }) => target), ...ofImage.filter((target) => !taken.has(target))];
}

/** The same, when it is not Ferry's to say that nobody else wants them. */
export function theirUnnamedVolumes(
  container: Pick<ContainerState, "mounts" | "labels">,
): UnnamedVolume[] {
  return unnamedVolumes(container).map((volume) => ({ ...volume, made: false }));
}

/** Volumes that the program named, or somebody else. */
export function namedVolumes(container: Pick<ContainerState, "mounts" | "labels">): string[] {
  const unnamed = new Set(
    unnamedVolumes(container).flatMap(({ name, made }) => (made ? [name] : [])),
  );
  const names = container.mounts.flatMap(({ volume }) => (volume === undefined ? [] : [volume]));
  return [...new Set(names.filter((name) => !unnamed.has(name)))];
}

/**
 * The label of a container that mounts these: which of its volumes with names of Docker's making
 * have none of the program's.
 */
export function unnamedLabel(
  volumeNames: Readonly<Record<string, string>>,
  takenOver: readonly string[] = [],
): Record<string, string> {
  const needed = takenOver.length > 0 || Object.values(volumeNames).some(isMadeUp);
  return needed ? { [LABELS.unnamed]: takenOver.join(",") } : {};
}

/**
 * The request with unnamed volumes of the container that it replaces on the same host, so that
 * their data stays.
 */
export function keepingUnnamedVolumes(
  request: ContainerRequest,
  unnamed: readonly UnnamedVolume[],
): ContainerRequest {
  const mounts = request.spec.mounts ?? [];
  const taken = new Set(
    mounts
      .filter((mount) => mount.type !== "volume" || mount.volume !== undefined)
      .map(({ target }) => target),
  );
  const kept = unnamed.filter(({ target }) => !taken.has(target));
  const targets = new Set(kept.map(({ target }) => target));
  const keyOf = (target: string) => `unnamed:${target}`;
  const volumeNames = {
    ...request.volumeNames,
    ...Object.fromEntries(kept.map(({ name, target }) => [keyOf(target), name])),
  };
  const made = kept.filter((volume) => volume.made).map(({ name }) => name);
  // What is kept without being certain stays so: without the label nothing is claimed of it.
  const label = kept.length === made.length ? unnamedLabel(volumeNames, made) : {};
  const { [LABELS.unnamed]: _claimed, ...labels } = request.labels;
  return {
    ...request,
    spec: {
      ...request.spec,
      mounts: [
        ...mounts.filter(({ target }) => !targets.has(target)),
        ...kept.map(({ target }) => ({ type: "volume" as const, volume: keyOf(target), target })),
      ],
    },
    volumeNames,
    labels: { ...labels, ...label },
  };
}
