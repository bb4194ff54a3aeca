import type { Input } from "@pulumi/pulumi";
import type { ContainerSpec } from "../provider/core/container-spec";
import type { ChangeSettings } from "../provider/core/replica/change-settings";
import type { Verify } from "../provider/core/replica/model";
import type { HookInput, OnSourceLost } from "../provider/core/replica/move-settings";
import type { InputsOf } from "../provider/resources/inputs-of";
import type { Cluster } from "./cluster";
import type { ServiceReplica } from "./service-replica";
import type { FlockerVolume } from "./flocker-volume";
import type { OneOf } from "./one-of";
import type { FileArgs } from "./travelling-files";
import type { PlacedArgs } from "./wished-hosts";

/** Who a registry takes us for. */
export interface RegistryLogin {
  /** The user's name. */
  username: Input<string>;
  /** A password or a token. */
  password: Input<string>;
}

/** What a `ServiceReplica` is made of. */
export interface ServiceReplicaArgs {
  /** The cluster that it runs on. */
  cluster: Cluster;
  /** The application that this replica belongs to: one subnet and one DNS domain per deployment. */
  deployment: string;
  /** A DNS label: the replica's name is `<service>.<deployment>.<the cluster's domain>`. */
  service: string;
  /** Which of the service's replicas. @default 0 */
  index?: number;
  /**
   * The host to run on. Change it, and the container moves there with its address, its name and its
   * data. Without it the replica stays where it is; a new one goes to `suggestedHost`.
   */
  host?: Input<string>;
  /**
   * Where a new replica without a host goes.
   * @default the host that carries least of what the program has declared on the cluster before it
   */
  suggestedHost?: Input<string>;
  /**
   * A fixed address inside the deployment's subnet. Handed out by the cluster's pool when absent.
   *
   * @example "10.40.8.2"
   */
  ip?: Input<string>;
  /**
   * A fixed subnet for the whole deployment. Handed out by the cluster's pool when absent.
   *
   * @example "10.40.8.0/24"
   */
  subnet?: Input<string>;
  /**
   * Whom it was before a `pulumi stack rename`, a rename of the project or of the deployment:
   * "project/stack" or "project/stack/deployment", or a list of them. What is there by that name is
   * taken over, with its data. Leave it in for as long as volumes made by that name may be in use.
   *
   * @example "shop/staging/apples"
   */
  formerly?: string | string[];
  /**
   * Image, command, ports, mounts and the like. Every value may be an output, and is as secret as
   * that in state.
   *
   * @example { image: "redis:7", command: ["redis-server", "--appendonly", "yes"], init: true }
   */
  container: InputsOf<ContainerSpec>;
  /**
   * Whether its image is pulled when its container is made: "always", "never", or where it was
   * pulled so many seconds ago, or earlier.
   *
   * @default where the host lacks it
   * @example 86400
   */
  pull?: Input<OneOf<"always" | "never"> | number>;
  /**
   * Who registries take the hosts for, by the registry's name, for images that are pulled and those
   * that builds begin with. They go to a host with the request, and are neither in state nor on
   * the host after it.
   *
   * @default what `docker login` has left in this machine's `~/.docker/config.json`
   * @example { "ghcr.io": { username: "shop", password: config.requireSecret("ghcr") } }
   */
  registries?: Input<Record<string, Input<RegistryLogin>>>;
  /**
   * The container's environment. Secret in state's inputs, and in previews, as a whole when one
   * value is secret; in state's outputs always.
   *
   * @example { PGPASSWORD: config.requireSecret("password"), TZ: "Etc/UTC" }
   */
  environment?: Input<Record<string, Input<string>>>;
  /**
   * Files and folders that the container's mounts name; they are read-only, and travel with it.
   *
   * @example { conf: { path: "nginx.conf" }, token: { content: config.requireSecret("token") } }
   */
  files?: Record<string, FileArgs>;
  /**
   * Folders of the program's machine that its volumes are filled from when they are made, and never
   * again, by the volumes' keys.
   *
   * @example { uploads: "seed/uploads" }
   */
  folders?: Record<string, string>;
  /** The volumes that the container's mounts name. */
  volumes?: FlockerVolume[];
  /**
   * "manifest": both sides' lists of files are compared in the cutover. "content": every byte is
   * read once more in the cutover, for those who would rather wait.
   *
   * @default "manifest"
   */
  verify?: Input<OneOf<Verify>>;
  /**
   * Seconds for the container to run and, where it has a healthcheck, to be healthy. @default 60
   */
  healthTimeoutSeconds?: Input<number>;
  /**
   * It is a job: it runs to its end, with exit code 0 or the `up` fails, and is run again only when
   * its container is to be another one.
   *
   * @default false
   */
  job?: boolean;
  /**
   * A text that stands for what it depends on: with another one it is started again where it runs.
   */
  restartsWith?: Input<string>;
  /**
   * How replicas of its service are changed where they are: one after the other unless it says
   * otherwise. No change of a replica itself.
   *
   * @example { parallelism: 2, monitorSeconds: 10 }
   */
  changes?: ChangeSettings;
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
   *
   * @example { command: "redis-cli ping", seconds: 5 }
   */
  resume?: Input<HookInput>;
  /**
   * Bound on a move's copying: bytes per second, or a text such as "50MB/s" or "400Mbit/s".
   *
   * @default no bound
   * @example "50MB/s"
   */
  maxBandwidth?: Input<string | number>;
  /**
   * The container that runs already and becomes this replica when the resource is made: by its name,
   * or by Compose's project and service. It is stopped once and kept under another name, and the
   * replica starts on the same host with the same data; when it does not run, the old one is back.
   * Its named volumes are given as `volumes`, with `external` or `adopt`. Later it says nothing.
   *
   * @example { container: "my-redis" }
   * @example { project: "shop", service: "redis" }
   */
  adopt?: AdoptedContainer;
  /**
   * Let the preview of a move look at the hosts and say how much there is to copy, and how long
   * that takes. @default false
   */
  estimate?: Input<boolean>;
}

/** A container that runs already. */
export interface AdoptedContainer {
  /** Its name, as `docker ps` shows it. */
  container?: string;
  /** In place of its name: the project that Compose made it for. */
  project?: string;
  /** And the service. */
  service?: string;
  /** How many replicas of the service there are to be: more containers than that are told of. */
  replicas?: number;
  /** The only host to look on. @default all */
  host?: string;
}

/** As a `Deployment` declares it. */
export interface DeclaredReplicaArgs extends ServiceReplicaArgs {
  /** Replicas whose namespaces it is in: it is where they are. */
  joins?: readonly ServiceReplica[];
  /** What placement says of it, beside where it is to go. */
  placed?: PlacedArgs;
  /** How its image is built: a recipe, as JSON. A secret. */
  build?: Input<string>;
}
