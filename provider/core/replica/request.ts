import { LABELS, replicaId, type ReplicaIdentity } from "../identity";
import type { ContainerRequest, ContainerState } from "../adapter-ports";
import { mountedPath } from "../files/model";
import type { PlacedReplica } from "./model";
import { hasOwnHostname, hasOwnNetwork } from "./own-network";
import { specHash } from "./spec-hash";
import { unnamedLabel } from "./unnamed-volumes";

/** By these Ferry finds what it has made for a replica, on whichever host. */
export function replicaLabels(of: ReplicaIdentity): Record<string, string> {
  return { [LABELS.replica]: replicaId(of) };
}

/**
 * The container to be made. It comes with restart policy "no", so that until it has shown that it
 * runs (or until its move is committed) no daemon brings it up; the user's own policy is set after.
 */
export function containerRequest(
  replica: PlacedReplica,
  epoch: number,
  origin?: string,
): ContainerRequest {
  const domain = `${replica.deployment}.${replica.dnsDomain}`;
  const onOverlay = hasOwnNetwork(replica.spec);
  const prefix = replica.subnet.split("/")[1] ?? "32";
  const volumeNames = Object.fromEntries(
    Object.entries(replica.volumes).map(([key, { name }]) => [key, name]),
  );
  return {
    name: replica.containerName,
    spec: replica.spec,
    environment: replica.environment,
    volumeNames,
    ...filePaths(replica),
    labels: {
      ...replicaLabels(replica),
      [LABELS.epoch]: String(epoch),
      ...(origin === undefined ? {} : { [LABELS.origin]: origin }),
      [LABELS.spec]: specHash(replica),
      [LABELS.project]: replica.project,
      [LABELS.stack]: replica.stack,
      [LABELS.deployment]: replica.deployment,
      [LABELS.service]: replica.service,
      ...unnamedLabel(volumeNames),
    },
    ...(hasOwnHostname(replica.spec) ? { hostname: replica.service, domainname: domain } : {}),
    dnsSearch: onOverlay ? [domain] : [],
    restart: { name: "no" },
    overlayAddresses: onOverlay ? [`${replica.ip}/${prefix}`] : [],
  };
}

function filePaths(replica: PlacedReplica): Pick<ContainerRequest, "filePaths"> {
  if (replica.files === undefined) return {};
  const id = replicaId(replica);
  const paths = Object.entries(replica.files).map(([name, digest]) => [
    name,
    mountedPath(id, digest),
  ]);
  return { filePaths: Object.fromEntries(paths) as Record<string, string> };
}

/**
 * The same, made from an image by its id where the program's name for it means another one there.
 */
export function runFrom(request: ContainerRequest, from: string): ContainerRequest {
  const { spec, labels } = request;
  if (from === spec.image) return request;
  const named = { ...labels, [LABELS.image]: spec.image };
  return { ...request, spec: { ...spec, image: from }, labels: named };
}

/** Stands for a job that has ended elsewhere: never started, and says how it ended. */
export function standingFor(request: ContainerRequest, exitCode: number): ContainerRequest {
  return { ...request, labels: { ...request.labels, [LABELS.ended]: String(exitCode) } };
}

/** What the program called the image that a container was made from. */
export function imageAskedFor({ image, labels }: Pick<ContainerState, "image" | "labels">): string {
  return labels[LABELS.image] ?? image;
}

/** The epoch that a container's label says; 0 when it says none. */
export function epochOf(container: Pick<ContainerState, "labels">): number {
  const epoch = Number(container.labels[LABELS.epoch] ?? "0");
  return Number.isInteger(epoch) && epoch > 0 ? epoch : 0;
}
