import {
  ComponentResource,
  getProject,
  getStack,
  RunError,
  type ComponentResourceOptions,
  type Input,
  type Output,
} from "@pulumi/pulumi";
import { validateDnsLabel } from "../provider/core/compose";
import type { ContainerSpec } from "../provider/core/container-spec";
import { suggestHosts } from "../provider/core/placement/suggest-hosts";
import type { LastMove } from "../provider/core/replica/model";
import { ReplicaResource } from "../provider/resources/replica-resource";
import { internalsOf } from "./cluster-internals";
import { dependencies } from "./dependencies";
import { volumeInternals, type FlockerVolume } from "./flocker-volume";
import type { WeaveCluster } from "./weave-cluster";

export interface ServiceReplicaArgs {
  cluster: WeaveCluster;
  /** The application that this replica belongs to: one subnet and one DNS domain per deployment. */
  deployment: string;
  /** A DNS label: the replica's name is `<service>.<deployment>.weave.local`. */
  service: string;
  /** Which of the service's replicas. @default 0 */
  index?: number;
  /**
   * The host to run on. Change it, and the container moves there with its address, its name and its data.
   * Without it the replica stays where it is; a new one goes to `suggestedHost`.
   */
  host?: Input<string>;
  /** Where a new replica without a host goes. @default the cluster's least laden host in this deployment */
  suggestedHost?: string;
  /** A fixed address inside the deployment's subnet. Handed out by the cluster's pool when absent. */
  ip?: Input<string>;
  /** A fixed subnet for the whole deployment. Handed out by the cluster's pool when absent. */
  subnet?: Input<string>;
  /** Image, command, ports, mounts and the like. */
  container: Input<ContainerSpec>;
  /** The container's environment. Kept as a secret. */
  environment?: Input<Record<string, Input<string>>>;
  /** The volumes that the container's mounts name. */
  volumes?: FlockerVolume[];
  /**
   * "manifest": both sides' lists of files are compared in the cut. "content": every byte is read once more in the cut,
   * for those who would rather wait.
   *
   * @default "manifest"
   */
  verify?: Input<string>;
  /** Seconds for the container to run and, where it has a healthcheck, to be healthy. @default 60 */
  healthTimeoutSeconds?: Input<number>;
}

/** One container with an address, a name and data of its own that stay with it when it changes its host. */
export class ServiceReplica extends ComponentResource {
  /** The host that it is on. */
  readonly host: Output<string>;
  /** Its address on the overlay. Known in preview. */
  readonly ip: Output<string>;
  /** The service's name: replicas of one service share it. Known in preview. */
  readonly dnsName: Output<string>;
  /** The deployment's subnet. Known in preview. */
  readonly subnet: Output<string>;
  /** What `docker ps` shows on the host. Known in preview. */
  readonly containerName: Output<string>;
  readonly containerId: Output<string>;
  /** What the last move did; absent before the first. */
  readonly lastMove: Output<LastMove | undefined>;

  constructor(name: string, args: ServiceReplicaArgs, opts?: ComponentResourceOptions) {
    super("pulumi-ferry:index:ServiceReplica", name, {}, opts);
    const cluster = internalsOf(args.cluster);
    const { deployment, service, index = 0 } = args;
    const key = `${service}-${index}`;
    for (const [property, label] of Object.entries({ deployment, service })) {
      const wrong = validateDnsLabel(label);
      if (wrong !== undefined)
        throw new RunError(`ServiceReplica '${name}': ${property}: ${wrong}`);
    }
    const volumes = (args.volumes ?? []).map(volumeInternals);
    const suggestedHost =
      args.suggestedHost ?? suggestHosts([{ key, volumes: [] }], cluster.hostNames)[key] ?? "";

    cluster.leaseRequests.add({
      deployment,
      key,
      ...(args.ip === undefined ? {} : { ip: args.ip }),
      ...(args.subnet === undefined ? {} : { subnet: args.subnet }),
    });
    for (const { users } of volumes) users.add({ replica: key, host: args.host ?? suggestedHost });
    const addresses = cluster.pool.deployments.apply((all) => all[deployment]);

    const replica = new ReplicaResource(
      name,
      {
        project: getProject(),
        stack: getStack(),
        deployment,
        service,
        index,
        ...(args.host === undefined ? {} : { host: args.host }),
        suggestedHost,
        spec: args.container,
        environment: args.environment ?? {},
        volumes: Object.fromEntries(volumes.map((volume) => [volume.key, volume.settings])),
        ip: addresses.apply((each) => each?.leases[key] as string),
        subnet: addresses.apply((each) => each?.subnet as string),
        dnsDomain: cluster.dnsDomain,
        connections: cluster.connections,
        verify: args.verify ?? "manifest",
        healthTimeoutSeconds: args.healthTimeoutSeconds ?? 60,
      },
      {
        parent: this,
        dependsOn: [
          cluster.ready,
          ...volumes.map(({ resource }) => resource),
          ...dependencies(opts),
        ],
      },
    );
    this.host = replica.host;
    this.ip = replica.ip;
    this.dnsName = replica.dnsName;
    this.subnet = addresses.apply((each) => each?.subnet as string);
    this.containerName = replica.containerName;
    this.containerId = replica.containerId;
    this.lastMove = replica.lastMove;
    this.registerOutputs({
      host: this.host,
      ip: this.ip,
      dnsName: this.dnsName,
      subnet: this.subnet,
      containerName: this.containerName,
      containerId: this.containerId,
      lastMove: this.lastMove,
    });
  }
}
