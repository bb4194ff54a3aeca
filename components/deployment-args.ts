import type { Input } from "@pulumi/pulumi";
import type { Verify } from "../provider/core/replica/model";
import type { HookInput, OnSourceLost } from "../provider/core/replica/move-settings";
import type { Cluster } from "./cluster";
import type { OneOf } from "./one-of";

/** What a `Deployment` is made of. */
export interface DeploymentArgs {
  /** The cluster that it runs on. */
  cluster: Cluster;
  /**
   * A fig v1, compose v2 / v3 or Compose Specification file: its path, or its text. Where it is an
   * output, services and volumes are declared as soon as it is there: see `parts`.
   */
  compose: Input<string>;
  /** A DNS label; replicas are `<service>.<name>.weave.local`. @default the resource's name */
  name?: string;
  /**
   * Whom it was before a `pulumi stack rename`, a rename of the project or of the deployment:
   * "project/stack" or "project/stack/deployment", or a list of them. What is there by that name is
   * taken over, with its data. Leave it in for as long as volumes made by that name may be in use.
   */
  formerly?: string | string[];
  /**
   * The host of each service; a list names one host per replica. Change it and the replica moves
   * with its address, name and data. A service that is not named is placed once and stays.
   *
   * @example { redis: "node1", web: ["node1", "node2"] }
   */
  hosts?: Input<Record<string, Input<string | Input<string>[]>>>;
  /**
   * How many replicas of each service. Where it is an output, all is declared as soon as it is
   * there: see `parts`. @default what the file says, else 1
   */
  scale?: Input<Record<string, Input<number>>>;
  /**
   * Values for `${NAME}` in the file. The program's own environment is not looked at, so that CI
   * previews the same. What an output stands in is an output, and as secret as that; services,
   * replicas and volumes cannot follow from one.
   */
  variables?: Input<Record<string, Input<string>>>;
  /**
   * Environment for a service's containers, beside the file's. Secret in state as a whole when one
   * value is.
   */
  environment?: Input<Record<string, Input<Record<string, Input<string>>>>>;
  /**
   * Keeps the whole environment of all services, or of those named here, secret in previews and
   * state, also where the file has it in clear: when an `env_file` holds passwords, for example.
   * What is secret in `environment` or `variables` is secret without it.
   *
   * @default false
   */
  secretEnvironment?: Input<boolean | string[]>;
  /** A fixed subnet, for example "10.40.8.0/24". @default handed out by the cluster's pool */
  subnet?: Input<string>;
  /** Fixed addresses by service; a list names one per replica. */
  ips?: Input<Record<string, Input<string | Input<string>[]>>>;
  /** Delete the data of the file's named volumes together with them. @default false */
  deleteData?: Input<boolean>;
  /** As for `ServiceReplica`. @default "manifest" */
  verify?: Input<OneOf<Verify>>;
  /** As for `ServiceReplica`. @default 60 */
  healthTimeoutSeconds?: Input<number>;
  /**
   * As for `ServiceReplica`: one word for all services, or one for each that differs from "fail".
   *
   * @example { redis: "useLastCopy" }
   */
  onSourceLost?: Input<OneOf<OnSourceLost> | Record<string, Input<OneOf<OnSourceLost>>>>;
  /**
   * By service, a command in its containers just before one is stopped for a move; as for
   * `ServiceReplica`.
   *
   * @example { redis: "redis-cli save" }
   */
  quiesce?: Input<Record<string, Input<HookInput>>>;
  /**
   * By service, a command in its container once it runs on its new host; as for `ServiceReplica`.
   */
  resume?: Input<Record<string, Input<HookInput>>>;
  /** As for `ServiceReplica`. @default no bound */
  maxBandwidth?: Input<string | number>;
  /** As for `ServiceReplica`. @default false */
  estimate?: Input<boolean>;
}
