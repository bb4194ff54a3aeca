import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { AdoptedContainer } from "./adoption";
import type { ChangeSettings } from "./change-settings";
import type { Container } from "./container";
import type { Hook } from "./hook";

/** What a ServiceReplica is made of. */
export interface ServiceReplicaArgs {
  /** The `reference` of the WeaveCluster that it runs on. */
  cluster: Input<string>;
  /** The application that this replica is all of: its subnet and its DNS domain. */
  deployment: string;
  /** A DNS label: the replica's name is `<service>.<deployment>.weave.local`. */
  service: string;
  /** Which of the service's replicas. 0 when absent. */
  index?: number;
  /** The host to run on. Change it, and the container moves there with address, name and data. */
  host?: Input<string>;
  /** Where a new replica without a host goes. */
  suggestedHost?: Input<string>;
  /** A fixed address inside the deployment's subnet. */
  ip?: Input<string>;
  /** A fixed subnet for the whole deployment. */
  subnet?: Input<string>;
  /** Whom it was before a rename: "project/stack" or "project/stack/deployment". */
  formerly?: string[];
  /** Image, command, ports, mounts and the like. */
  container: Container;
  /** The container's environment. */
  environment?: Input<Record<string, Input<string>>>;
  /** The `reference` of each FlockerVolume that the container's mounts name. */
  volumes?: Input<Input<string>[]>;
  /**
   * "manifest": lists of files are compared in the cutover. "content": every byte is read again.
   */
  verify?: Input<string>;
  /** Seconds for the container to run and, where it has a healthcheck, to be healthy. */
  healthTimeoutSeconds?: Input<number>;
  /** It runs to its end, and again only when its container is to be another one. */
  job?: boolean;
  /** Stands for what it depends on: with another text it is started again. */
  restartsWith?: Input<string>;
  /** How replicas of its service are changed where they are. */
  changes?: ChangeSettings;
  /** The container that runs already and becomes this replica when the resource is made. */
  adopt?: AdoptedContainer;
  /** "fail", "useLastCopy" or "startEmpty", when the host that it was on does not answer. */
  onSourceLost?: Input<string>;
  /** A command in the container just before it is stopped for a move. */
  quiesce?: Input<Hook>;
  /** A command in the container once it runs on the new host. */
  resume?: Input<Hook>;
  /** A text such as "50MB/s" or "400Mbit/s". No bound when absent. */
  maxBandwidth?: Input<string>;
  /** Let the preview of a move say how much there is to copy. */
  estimate?: Input<boolean>;
}

/** One container with an address, a name and data of its own that stay with it when it moves. */
export declare class ServiceReplica extends ComponentResource {
  /** The host that it is on. */
  readonly host: Output<string>;
  /** Its address on the overlay. Known in preview. */
  readonly ip: Output<string>;
  /** The service's name. Known in preview. */
  readonly dnsName: Output<string>;
  /** The deployment's subnet. Known in preview. */
  readonly subnet: Output<string>;
  /** What `docker ps` shows on the host. Known in preview. */
  readonly containerName: Output<string>;
  /** Docker's id of the container on its host; another one after a move. */
  readonly containerId: Output<string>;
  constructor(name: string, args: ServiceReplicaArgs, opts?: ComponentResourceOptions);
}
