import { type ComponentResource, type Input, type Output, type Resource } from "@pulumi/pulumi";
import { network } from "../provider/core/network";
import { mistake } from "../provider/resources/mistake";
import type { Addresses } from "./addresses";
import type { Known } from "./known";
import type { Placement } from "./placement";

/**
 * What Ferry's components need of a cluster and a program does not. Kept apart: every member of a
 * component is an output.
 */
export interface ClusterInternals {
  readonly name: string;
  readonly hostNames: Known<readonly string[]>;
  /** Its hosts, as JSON (core/cluster-hosts.ts). */
  readonly clusterHosts: Output<string>;
  /** Hosts that replicas are to leave. */
  readonly draining: Output<string[]>;
  /** How many moves a host takes part in at a time; absent unless the program says so. */
  readonly movesPerHost?: Input<number>;
  readonly dnsDomain: Input<string>;
  readonly addresses: Addresses;
  readonly placement: Placement;
  /** What must be there before a container may be put on the network. */
  readonly ready: Input<Resource>;
}

const internals = new WeakMap<ComponentResource, ClusterInternals>();

export function setInternals(cluster: ComponentResource, of: ClusterInternals): void {
  internals.set(cluster, of);
}

export function internalsOf(cluster: ComponentResource): ClusterInternals {
  const found = internals.get(cluster);
  if (found === undefined) {
    throw mistake(
      `\`cluster\` is no ${network.cluster} of this copy of pulumi-ferry. Is the package installed twice?`,
    );
  }
  return found;
}
