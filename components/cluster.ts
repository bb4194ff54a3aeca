import type { ComponentResource, Output } from "@pulumi/pulumi";
import type { NetworkHealth } from "../provider/core/network/network-port";
import type { AddressPoolResource } from "../provider/resources/address-pool-resource";

/**
 * Hosts on one network, and the pool that deployments get their subnets from: what deployments,
 * replicas and volumes ask for. Each network has a component of its own that is one. What else they
 * need of it, a new kind of cluster gives to `setInternals`.
 */
export interface Cluster extends ComponentResource {
  /** Names of the hosts, sorted. */
  readonly hostNames: Output<string[]>;
  /** How the network is, as the last `up` or `refresh` found it. */
  readonly health: Output<NetworkHealth>;
  /** Where this program's subnets come from; another program on the same cluster excludes it. */
  readonly pool: Output<string>;
  /** Every deployment's subnet and leases. Known in preview. */
  readonly deployments: AddressPoolResource["deployments"];
}
