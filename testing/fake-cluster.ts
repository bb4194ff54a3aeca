import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { HostArgs } from "../components/weave/host-args";
import { WeaveCluster, type ClusterArgs } from "../components/weave/weave-cluster";

/** What a `fakeCluster` is made of. */
export interface FakeClusterArgs extends Pick<ClusterArgs, "pool" | "exclude" | "dnsDomain"> {
  /** Names of its hosts. @default ["node1", "node2", "node3"] */
  hosts?: readonly string[];
}

/**
 * A cluster for a unit test of what is put on one: hosts that there are not, by names alone.
 *
 * @example
 * const cluster = fakeCluster("net", { hosts: ["node1", "node2"] });
 */
export function fakeCluster(
  name = "net",
  { hosts = ["node1", "node2", "node3"], ...settings }: FakeClusterArgs = {},
  opts?: ComponentResourceOptions,
): WeaveCluster {
  // Names under .invalid lead nowhere, and two clusters share no machine.
  const connections = hosts.map((host): [string, HostArgs] => [
    host,
    { host: `${host}.${name}.invalid`, trustOnFirstUse: true },
  ]);
  return new WeaveCluster(name, { ...settings, hosts: Object.fromEntries(connections) }, opts);
}
