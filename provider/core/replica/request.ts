import { LABELS, replicaId, type ReplicaIdentity } from "../identity";
import type { ContainerRequest, ContainerState } from "../ports";
import type { PlacedReplica } from "./model";
import { specHash } from "./spec-hash";

/** By these Ferry finds what it has made for a replica, on whichever host. */
export function replicaLabels(of: ReplicaIdentity): Record<string, string> {
  return { [LABELS.replica]: replicaId(of) };
}

/**
 * The container to be made. It comes with restart policy "no", so that until it has shown that it runs (or until its
 * move is committed) no daemon brings it up; the user's own policy is set after.
 */
export function containerRequest(replica: PlacedReplica, epoch: number): ContainerRequest {
  const domain = `${replica.deployment}.${replica.dnsDomain}`;
  const prefix = replica.subnet.split("/")[1] ?? "32";
  return {
    name: replica.containerName,
    spec: replica.spec,
    environment: replica.environment,
    volumeNames: Object.fromEntries(
      Object.entries(replica.volumes).map(([key, { name }]) => [key, name]),
    ),
    labels: {
      ...replicaLabels(replica),
      [LABELS.epoch]: String(epoch),
      [LABELS.spec]: specHash(replica),
      [LABELS.project]: replica.project,
      [LABELS.stack]: replica.stack,
      [LABELS.deployment]: replica.deployment,
      [LABELS.service]: replica.service,
    },
    hostname: replica.service,
    domainname: domain,
    dnsSearch: [domain],
    restart: { name: "no" },
    overlayAddresses: [`${replica.ip}/${prefix}`],
  };
}

/** Data of a container that no volume of the program holds: what the image's VOLUME lines made. */
export interface AnonymousVolume {
  readonly name: string;
  readonly target: string;
}

/** Docker names a volume that nobody named by 64 hexadecimal digits. */
export function isAnonymous(volume: string): boolean {
  return /^[0-9a-f]{64}$/.test(volume);
}

export function anonymousVolumes(container: Pick<ContainerState, "mounts">): AnonymousVolume[] {
  return container.mounts.flatMap(({ volume, target }) =>
    volume !== undefined && isAnonymous(volume) ? [{ name: volume, target }] : [],
  );
}

/** The request with anonymous volumes of the container that it replaces on the same host, so that their data stays. */
export function keepingAnonymousVolumes(
  request: ContainerRequest,
  anonymous: readonly AnonymousVolume[],
): ContainerRequest {
  const mounts = request.spec.mounts ?? [];
  const taken = new Set(
    mounts
      .filter((mount) => mount.type !== "volume" || mount.volume !== undefined)
      .map(({ target }) => target),
  );
  const kept = anonymous.filter(({ target }) => !taken.has(target));
  const targets = new Set(kept.map(({ target }) => target));
  const keyOf = (target: string) => `anonymous:${target}`;
  return {
    ...request,
    spec: {
      ...request.spec,
      mounts: [
        ...mounts.filter(({ target }) => !targets.has(target)),
        ...kept.map(({ target }) => ({ type: "volume" as const, volume: keyOf(target), target })),
      ],
    },
    volumeNames: {
      ...request.volumeNames,
      ...Object.fromEntries(kept.map(({ name, target }) => [keyOf(target), name])),
    },
  };
}

/** The epoch that a container's label says; 0 when it says none. */
export function epochOf(container: Pick<ContainerState, "labels">): number {
  const epoch = Number(container.labels[LABELS.epoch] ?? "0");
  return Number.isInteger(epoch) && epoch > 0 ? epoch : 0;
}
