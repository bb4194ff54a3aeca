import { network } from "./network";

/**
 * Who a replica is: project, stack, deployment, service, index. Never a host and never an address,
 * so that neither a move nor a renumbering makes it somebody else.
 */
export interface ReplicaIdentity {
  readonly project: string;
  readonly stack: string;
  readonly deployment: string;
  readonly service: string;
  readonly index: number;
}

/** The domain of the network's DNS, unless the cluster says otherwise. */
export const DEFAULT_DNS_DOMAIN = network.dnsDomain;

/**
 * Labels on everything that Ferry makes on a host: it finds its own by them, and touches nothing
 * else.
 */
export const LABELS = {
  /** The replica's id. */
  replica: "pulumi-ferry.replica",
  /** Counts the replica's placements; the container with the higher one wins. */
  epoch: "pulumi-ferry.epoch",
  /** Hash of everything that needs a new container when it changes. */
  spec: "pulumi-ferry.spec",
  /**
   * What the program calls a container's image, where it was made from the image's id: the name
   * means another one there.
   */
  image: "pulumi-ferry.image",
  /**
   * On containers that mount volumes by names of Docker's making: those without a name of the
   * program's, taken over.
   */
  unnamed: "pulumi-ferry.unnamed",
  /** Which history the container's data is of: another one whenever data begins anew. */
  origin: "pulumi-ferry.origin",
  /**
   * The exit code of a job, on the container that stands for it on a host where it has not run: it
   * came there with a move.
   */
  ended: "pulumi-ferry.ended",
  /** The volume's id, on Docker volumes. */
  volume: "pulumi-ferry.volume",
  /** On Docker volumes that are filled from a folder of the program's machine when they are made. */
  fill: "pulumi-ferry.fill",
  /** On Docker volumes that bind a folder of the host which is Ferry's: what was there before. */
  folder: "pulumi-ferry.folder",
  /**
   * The same on a volume that holds a copy which was put aside: it is nobody's data any more, and
   * never removed.
   */
  quarantined: "pulumi-ferry.aside",
  /**
   * The deployment, on a Docker volume that a move has made for the data of one that somebody else
   * had made.
   */
  copy: "pulumi-ferry.copy",
  project: "pulumi-ferry.project",
  stack: "pulumi-ferry.stack",
  deployment: "pulumi-ferry.deployment",
  service: "pulumi-ferry.service",
} as const;

/** The id in Pulumi's state and on labels: "shop/prod/apples/redis/0". */
export function replicaId(identity: ReplicaIdentity): string {
  const { project, stack, deployment, service, index } = identity;
  return [project, stack, deployment, service, index].join("/");
}

/** "shop/prod/apples/data". */
export function volumeId(of: Omit<ReplicaIdentity, "service" | "index"> & { key: string }): string {
  return [of.project, of.stack, of.deployment, of.key].join("/");
}

/** What `docker ps` shows, the same on every host: "apples-redis-0". */
export function containerName(
  identity: Pick<ReplicaIdentity, "deployment" | "service" | "index">,
): string {
  return `${identity.deployment}-${identity.service}-${identity.index}`;
}

/** What `docker volume ls` shows, as Compose names them: "apples_data". */
export function dockerVolumeName(deployment: string, key: string): string {
  return `${deployment}_${key}`;
}

/**
 * The name that clients look up: `redis.apples.` and the domain. Replicas of one service share it,
 * and the network's DNS answers with the addresses of all that run.
 */
export function dnsName(service: string, deployment: string, domain = DEFAULT_DNS_DOMAIN): string {
  return `${service}.${deployment}.${domain}`;
}
