import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import type { ClusterHealth } from "../../provider/core/weave/health";
import type { AddressPoolResource } from "../../provider/resources/address-pool-resource";
import type { WeaveClusterArgs } from "./cluster-args";
import type { Cluster } from "../cluster";
import { setInternals } from "../cluster-internals";
import { existingCluster, type ExistingClusterArgs } from "./existing-cluster";
import { outputIn } from "../known";
import { LateComponent } from "../late-component";
import { ownCluster } from "./own-cluster";

export { Topology } from "./cluster-args";
export type {
  ClusterArgs,
  ClusterPeerArgs,
  FixedTopologyArgs,
  ManualTopologyArgs,
  SeededTopologyArgs,
  TopologyArgs,
  UniformTopologyArgs,
  WeaveClusterArgs,
} from "./cluster-args";
export { DEFAULT_POOL } from "./cluster-parts";
export type { ExistingClusterArgs } from "./existing-cluster";

/** Args of a cluster that is kept elsewhere; only `WeaveCluster.existing` makes them. */
class Existing {
  constructor(readonly args: ExistingClusterArgs) {}
}

/**
 * Hosts joined by Weave Net, and the pool from which deployments get their subnets.
 *
 * Nothing is changed on any host before every host has been reached and found fit, and before the
 * pool has been checked against the hosts' own routes.
 *
 * @example
 * const cluster = new ferry.WeaveCluster("net", {
 *   hosts: {
 *     node1: { host: "203.0.113.7", privateKey, hostKey: "ssh-ed25519 AAAA..." },
 *     node2: { host: "deploy@203.0.113.8:2222", privateKey, hostKey: "SHA256:..." },
 *   },
 *   password: config.requireSecret("weavePassword"),
 * });
 */
export class WeaveCluster extends LateComponent implements Cluster {
  /** Names of the hosts, sorted. */
  readonly hostNames: Output<string[]>;
  /** Weave's name of each peer, by host. */
  readonly peerNames: Output<Record<string, string>>;
  /** How the network is, as the last `up` or `refresh` found it. */
  readonly health: Output<ClusterHealth>;
  /** The range that Weave hands out addresses from by itself. */
  readonly ipallocRange: Output<string>;
  /** Where this program's subnets come from; another program on the same cluster excludes it. */
  readonly pool: Output<string>;
  /** Every deployment's subnet and leases. Known in preview. */
  readonly deployments: AddressPoolResource["deployments"];
  /**
   * A POSIX script that makes a fresh host (with Docker and the weave command) an observer of the
   * network, without a run of Pulumi: for a machine image or cloud-init. The next `up` that has the
   * host in `hosts` adopts it. A secret where there is a password.
   */
  readonly observerBootScript: Output<string>;

  constructor(name: string, args: WeaveClusterArgs, opts?: ComponentResourceOptions) {
    super("pulumi-ferry:index:WeaveCluster", name, {}, opts);
    const given: unknown = args;
    const {
      internals,
      declared: _declared,
      ...outputs
    } = this.declaring(
      () =>
        given instanceof Existing
          ? existingCluster(name, given.args, this)
          : ownCluster(name, args, this),
      ({ declared }) => declared,
    );
    setInternals(this, internals);
    this.hostNames = outputIn(internals.hostNames, (names) => [...names]);
    this.peerNames = outputs.peerNames;
    this.health = outputs.health;
    this.ipallocRange = outputs.ipallocRange;
    this.pool = outputs.pool;
    this.deployments = outputs.deployments;
    this.observerBootScript = outputs.observerBootScript;
    this.registerOutputs({ hostNames: this.hostNames, ...outputs });
  }

  /**
   * A cluster that runs already and is kept by another program: this one puts its own deployments
   * on it, from a pool of its own, and changes nothing of it.
   *
   * @example
   * const cluster = ferry.WeaveCluster.existing("net", {
   *   hosts: { node1: { host: "203.0.113.7", privateKey, hostKey: "ssh-ed25519 AAAA..." } },
   *   pool: "10.44.0.0/14", // the program that keeps the cluster has `pool: "10.40.0.0/14"`
   * });
   * const pears = new ferry.Deployment("pears", { cluster, compose: "compose.yaml" });
   */
  static existing(
    name: string,
    args: ExistingClusterArgs,
    opts?: ComponentResourceOptions,
  ): WeaveCluster {
    return new WeaveCluster(name, new Existing(args) as unknown as WeaveClusterArgs, opts);
  }
}
