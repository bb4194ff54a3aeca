import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { AdoptArgs } from "./adoption";
import type { FlockerControl } from "./flocker-control";
import type { Hook } from "./hook";
import type { Place, RebalanceArgs } from "./place";

/** What a Deployment is made of. */
export interface DeploymentArgs {
  /** The `reference` of the WeaveCluster that it runs on. */
  cluster: Input<string>;
  /** A fig v1, compose v2 / v3 or Compose Specification file: its path, or its text. */
  compose: Input<string>;
  /** A DNS label; replicas are `<service>.<name>.weave.local`. The resource's name when absent. */
  name?: string;
  /** Whom it was before a rename: "project/stack" or "project/stack/deployment". */
  formerly?: string[];
  /** The host of each service. Change it and its replicas move there. */
  hosts?: Input<Record<string, Input<string>>>;
  /** The hosts of a service's replicas, one for each. Goes before `hosts`. */
  replicaHosts?: Input<Record<string, Input<Input<string>[]>>>;
  /** How hosts are found for replicas without one, by service; "*" is all of them. */
  place?: Input<Record<string, Input<Place>>>;
  /** Move replicas to where their `place` is met, or met better; `{}` is one move for each host. */
  rebalance?: RebalanceArgs;
  /** How many replicas of each service. What the file says, else 1, when absent. */
  scale?: Input<Record<string, Input<number>>>;
  /** Values for `${NAME}` in the file. */
  variables?: Input<Record<string, Input<string>>>;
  /** Environment for a service's containers, beside the file's. */
  environment?: Input<Record<string, Input<Record<string, Input<string>>>>>;
  /** Keeps the whole environment of all services secret. */
  secretEnvironment?: Input<boolean>;
  /** A fixed subnet, for example "10.40.8.0/24". Handed out by the cluster's pool when absent. */
  subnet?: Input<string>;
  /** Fixed addresses by service, one for each replica. */
  ips?: Input<Record<string, Input<Input<string>[]>>>;
  /** Delete the data of the file's named volumes together with them. */
  deleteData?: Input<boolean>;
  /** Flocker's control service, which attaches the file's volumes with `driver: flocker`. */
  flocker?: FlockerControl;
  /** "manifest" or "content"; as for ServiceReplica. */
  verify?: Input<string>;
  /** As for ServiceReplica. 60 when absent. */
  healthTimeoutSeconds?: Input<number>;
  /** By service: "fail", "useLastCopy" or "startEmpty"; as for ServiceReplica. */
  onSourceLost?: Input<Record<string, Input<string>>>;
  /** By service, a command in its containers just before one is stopped for a move. */
  quiesce?: Input<Record<string, Input<Hook>>>;
  /** By service, a command in its container once it runs on its new host. */
  resume?: Input<Record<string, Input<Hook>>>;
  /** What runs already becomes this deployment, with its data; `{}` is Compose's project. */
  adopt?: AdoptArgs;
  /** A text such as "50MB/s" or "400Mbit/s". No bound when absent. */
  maxBandwidth?: Input<string>;
  /** Let the preview of a move say how much there is to copy. */
  estimate?: Input<boolean>;
}

/** One application with a subnet of its own: every service of a compose or fig file. */
export declare class Deployment extends ComponentResource {
  /** Known in preview. */
  readonly subnet: Output<string>;
  /** Addresses of a service's replicas, in order of their index. Known in preview. */
  readonly addresses: Output<Record<string, string[]>>;
  /** The DNS name of each service. Known in preview. */
  readonly dnsNames: Output<Record<string, string>>;
  /** Where a service's replicas are. */
  readonly placement: Output<Record<string, string[]>>;
  /** What `docker ps` shows of a service's replicas. */
  readonly containerNames: Output<Record<string, string[]>>;
  /** The Docker volume of each of the file's named volumes. */
  readonly volumeNames: Output<Record<string, string>>;
  constructor(name: string, args: DeploymentArgs, opts?: ComponentResourceOptions);
}
