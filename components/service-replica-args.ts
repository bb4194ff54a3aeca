import type { Input } from "@pulumi/pulumi";
import type { ContainerSpec } from "../provider/core/container-spec";
import type { Verify } from "../provider/core/replica/model";
import type { HookInput, OnSourceLost } from "../provider/core/replica/move-settings";
import type { InputsOf } from "../provider/resources/inputs-of";
import type { Cluster } from "./cluster";
import type { FlockerVolume } from "./flocker-volume";
import type { OneOf } from "./one-of";

/** What a `ServiceReplica` is made of. */
export interface ServiceReplicaArgs {
  /** The cluster that it runs on. */
  cluster: Cluster;
  /** The application that this replica belongs to: one subnet and one DNS domain per deployment. */
  deployment: string;
  /** A DNS label: the replica's name is `<service>.<deployment>.weave.local`. */
  service: string;
  /** Which of the service's replicas. @default 0 */
  index?: number;
  /**
   * The host to run on. Change it, and the container moves there with its address, its name and its
   * data. Without it the replica stays where it is; a new one goes to `suggestedHost`.
   */
  host?: Input<string>;
  /**
   * Where a new replica without a host goes. @default the cluster's least laden host in this
   * deployment
   */
  suggestedHost?: Input<string>;
  /**
   * A fixed address inside the deployment's subnet. Handed out by the cluster's pool when absent.
   */
  ip?: Input<string>;
  /** A fixed subnet for the whole deployment. Handed out by the cluster's pool when absent. */
  subnet?: Input<string>;
  /**
   * Whom it was before a `pulumi stack rename`, a rename of the project or of the deployment:
   * "project/stack" or "project/stack/deployment", or a list of them. What is there by that name is
   * taken over, with its data. Leave it in for as long as volumes made by that name may be in use.
   */
  formerly?: string | string[];
  /**
   * Image, command, ports, mounts and the like. Every value may be an output, and is as secret as
   * that in state.
   */
  container: InputsOf<ContainerSpec>;
  /**
   * The container's environment. Secret in state's inputs, and in previews, as a whole when one
   * value is secret; in state's outputs always.
   */
  environment?: Input<Record<string, Input<string>>>;
  /** The volumes that the container's mounts name. */
  volumes?: FlockerVolume[];
  /**
   * "manifest": both sides' lists of files are compared in the cut. "content": every byte is read
   * once more in the cut, for those who would rather wait.
   *
   * @default "manifest"
   */
  verify?: Input<OneOf<Verify>>;
  /**
   * Seconds for the container to run and, where it has a healthcheck, to be healthy. @default 60
   */
  healthTimeoutSeconds?: Input<number>;
  /**
   * What to do when the program moves the replica and the host that it was on does not answer.
   * "fail": nothing, and say so. "useLastCopy": start the complete copy of its data that an earlier
   * move has left on the new host; what was written since is lost. "startEmpty": start with empty
   * volumes. Once the lost host is back, `pulumi up --refresh` stops its copy and keeps its data
   * aside.
   *
   * @default "fail"
   */
  onSourceLost?: Input<OneOf<OnSourceLost>>;
  /**
   * A command in the container just before it is stopped for a move: shell text, or a list of a
   * program and its arguments. When it fails or overruns its deadline, the move is taken back.
   * Refused, as is `resume`, where it would never run: in a replica that shares a volume with one
   * of another service before it, and moves along with that one.
   *
   * @example "redis-cli wait 1 1000"
   * @example { command: ["pg-quiesce", "--all"], seconds: 10 }
   */
  quiesce?: Input<HookInput>;
  /**
   * A command in the container once it runs on the new host, or runs again on the old one after a
   * move that was taken back. When it fails, that is a warning.
   */
  resume?: Input<HookInput>;
  /**
   * Bound on a move's copying: bytes per second, or a text such as "50MB/s" or "400Mbit/s".
   * @default no bound
   */
  maxBandwidth?: Input<string | number>;
  /**
   * Let the preview of a move look at the hosts and say how much there is to copy, and how long
   * that takes. @default false
   */
  estimate?: Input<boolean>;
}
