import type { Input } from "@pulumi/pulumi";
import type { PublishInput } from "../provider/core/ports/everywhere";
import type { Verify } from "../provider/core/replica/model";
import type { Strategy } from "../provider/core/placement/wish";
import type { HookInput, OnSourceLost } from "../provider/core/replica/move-settings";
import type { Cluster } from "./cluster";
import type { OneOf } from "./one-of";
import type { RegistryLogin } from "./service-replica-args";
import type { FlockerControlArgs } from "./flocker-volume";
import type { VolumeUpkeepArgs } from "./volume-upkeep";

/** What a `Deployment` is made of. */
export interface DeploymentArgs {
  /** The cluster that it runs on. */
  cluster: Cluster;
  /**
   * A fig v1, compose v2 / v3 or Compose Specification file: its path, or its text; or several, each
   * on top of those before it by Compose's rules of merging. Where it is an output, services and
   * volumes are declared as soon as it is there: see `parts`.
   *
   * @example ["compose.yml", "compose.production.yml"]
   */
  compose: Input<string | string[]>;
  /** A DNS label; replicas are `<service>.<name>.<the cluster's domain>`. @default the resource's name */
  name?: string;
  /**
   * Whom it was before a `pulumi stack rename`, a rename of the project or of the deployment:
   * "project/stack" or "project/stack/deployment", or a list of them. What is there by that name is
   * taken over, with its data. Leave it in for as long as volumes made by that name may be in use.
   *
   * @example "shop/staging/apples"
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
   * How hosts are found for replicas that the program names none for, by service; "*" stands for all
   * of them, and what is said of one goes before it. Over the file's `deploy.placement` and
   * `deploy.resources.reservations`, which say the same. What runs stays where it is.
   *
   * @example { "*": { on: { disk: "ssd" } }, web: { strategy: "least-busy", apart: "web", cpus: 0.5 } }
   */
  place?: Input<Record<string, Input<PlaceArgs>>>;
  /**
   * Replicas are moved to where their `place` is met, or met better: the preview says of each why, and
   * what it has to copy. Those beyond what a host takes part in are left to the next `up`.
   *
   * @default false
   * @example { movesPerHost: 2 }
   */
  rebalance?: boolean | RebalanceArgs;
  /**
   * How many replicas of each service. Where it is an output, all is declared as soon as it is
   * there: see `parts`.
   *
   * @default what the file says, else 1
   * @example { web: 3 }
   */
  scale?: Input<Record<string, Input<number>>>;
  /**
   * Values for `${NAME}` in the file. The program's own environment is not looked at, so that CI
   * previews the same. What an output stands in is an output, and as secret as that; services,
   * replicas and volumes cannot follow from one.
   *
   * @example { REDIS_TAG: "7", PASSWORD: config.requireSecret("password") }
   */
  variables?: Input<Record<string, Input<string>>>;
  /**
   * A file of NAME=value with further values for `${NAME}`: its path, seen from the compose file.
   * What `variables` has wins over it; false reads none.
   *
   * @default ".env" beside the compose file, where there is one; a line of the preview says so
   */
  envFile?: string | false;
  /** Profiles that are on, as in Compose; ["*"] is all of them. @default none */
  profiles?: string[];
  /**
   * Places of the file that are left out, as messages name them: a key that Ferry refuses, or that
   * is not wanted here. `*` stands for any name.
   *
   * @example ["services.web.gpus", "services.*.mac_address"]
   */
  ignore?: string[];
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
   * Images that the file says how to build are built on this machine by @pulumi/docker, pushed to a
   * registry, and pulled from there by their digests. @pulumi/docker has to be installed beside
   * Ferry, and Docker has to run here.
   *
   * @default the hosts build them, and need no registry
   * @example { server: "ghcr.io", repository: "ghcr.io/shop", username: "shop", password: config.requireSecret("ghcr") }
   */
  registry?: RegistryArgs;
  /**
   * Environment for a service's containers, beside the file's. Secret in state as a whole when one
   * value is.
   *
   * @example { web: { TOKEN: config.requireSecret("token") } }
   */
  environment?: Input<Record<string, Input<Record<string, Input<string>>>>>;
  /**
   * Keeps the whole environment of all services, or of those named here, secret in previews and
   * state, also where the file has it in clear: when an `env_file` holds passwords, for example.
   * What is secret in `environment` or `variables` is secret without it.
   *
   * @default false
   * @example ["db"]
   */
  secretEnvironment?: Input<boolean | string[]>;
  /**
   * A fixed subnet.
   *
   * @default handed out by the cluster's pool
   * @example "10.40.8.0/24"
   */
  subnet?: Input<string>;
  /**
   * Fixed addresses by service; a list names one per replica.
   *
   * @example { redis: "10.40.8.2", web: ["10.40.8.3", "10.40.8.4"] }
   */
  ips?: Input<Record<string, Input<string | Input<string>[]>>>;
  /** Delete the data of the file's named volumes together with them. @default false */
  deleteData?: Input<boolean>;
  /**
   * Backups of the file's named volumes, and what they begin with; as for `FlockerVolume`.
   *
   * @example { data: { backup: { repository: "/mnt/backups", password, every: "6h", keep: 28 } } }
   */
  upkeep?: Record<string, VolumeUpkeepArgs>;
  /**
   * Services whose `ports` answer on every host of the cluster and lead to all of their healthy
   * replicas in turn, wherever these are; with `proxy`, these see the client's address. It wins over
   * the file's `x-ferry`.
   *
   * @default the ports of a replica answer on its own host
   * @example { web: "everywhere", smtp: { on: "everywhere", proxy: "protocol" } }
   */
  publish?: Record<string, PublishInput>;
  /** HAProxy's image, which hosts run for `publish`; its release 2.4 or later. @default "haproxy:lts" */
  proxyImage?: Input<string>;
  /**
   * Flocker's control service, which attaches the file's volumes with `driver: flocker`; as for
   * `FlockerVolume`.
   */
  flocker?: FlockerControlArgs;
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
   *
   * @example { db: { command: ["pg-resume"], seconds: 10 } }
   */
  resume?: Input<Record<string, Input<HookInput>>>;
  /**
   * What runs already becomes this deployment: containers of Compose's project, or such as are named
   * in `containers`. Each is stopped once and kept under another name while its replica starts in its
   * place, with the same volumes and folders; what does not run is taken back. The preview says what
   * was found. Once it is done, this may stay in the program or go from it.
   *
   * @example true
   * @example { project: "myapp", host: "node1" }
   */
  adopt?: boolean | AdoptArgs;
  /** As for `ServiceReplica`. @default no bound */
  maxBandwidth?: Input<string | number>;
  /** As for `ServiceReplica`. @default false */
  estimate?: Input<boolean>;
}

/** How a host is found for a service's replicas. */
export interface PlaceArgs {
  /**
   * "spread": where the fewest of its replicas are, then the fewest of all. "binpack": where most is
   * reserved already. "least-busy": where the least load is when it is made.
   *
   * @default "spread"
   */
  strategy?: Input<OneOf<Strategy>>;
  /** Labels that the host must have. @example { disk: "ssd" } */
  on?: Input<Record<string, Input<string>>>;
  /** Services of the file that must be on the same host. @example "redis" */
  near?: Input<string | Input<string>[]>;
  /** Services of the file of which none may be; its own name keeps its replicas apart. */
  apart?: Input<string | Input<string>[]>;
  /** CPUs that are kept free for each replica. @example 0.5 */
  cpus?: Input<number>;
  /** Memory that is: bytes, or a text as Compose has it. @example "512m" */
  memory?: Input<number | string>;
}

/** How far a placement is changed in one `up`. */
export interface RebalanceArgs {
  /** Moves that a host takes part in. @default 1 */
  movesPerHost?: number;
}

/** Where built images are pushed to. */
export interface RegistryArgs {
  /** The registry. @example "ghcr.io" */
  server: Input<string>;
  /**
   * What the names of images without a registry begin with. @default the server
   *
   * @example "ghcr.io/shop"
   */
  repository?: Input<string>;
  /** Who may push, and pull; without both, what `docker login` has left on this machine counts. */
  username?: Input<string>;
  /** A password or a token. */
  password?: Input<string>;
}

/** What runs already, and where. */
export interface AdoptArgs {
  /** Compose's project. @default the file's `name`, else the deployment's */
  project?: string;
  /** The host that it runs on. @default wherever it is found */
  host?: string;
  /**
   * Containers that `docker run` has made, by service; a list names one per replica.
   *
   * @example { redis: "my-redis" }
   */
  containers?: Record<string, string | string[]>;
}
