import { all, output, type Input, type Output, type Resource } from "@pulumi/pulumi";
import { writeClusterHosts } from "../../provider/core/cluster-hosts";
import type { Connection } from "../../provider/core/connection";
import type { AddressPoolResource } from "../../provider/resources/address-pool-resource";
import { HostResource } from "../../provider/resources/host-resource";
import type { WeaveHostArgs } from "../../provider/resources/weave/host-args";
import type { MeshResource } from "../../provider/resources/weave/mesh-resource";
import type { ClusterHealth } from "../../provider/core/weave/health";
import type { Addresses } from "../addresses";
import type { ClusterInternals } from "../cluster-internals";
import type { WeaveArgs } from "./peer";
import { connectionOf, type HostArgs } from "./host-args";
import { outputIn, type Known } from "../known";
import { connectionsOf, drainingOf, namesOf, type Hosts } from "./known-hosts";
import { Placement } from "../placement";
import { hostsToPlaceOn } from "./hosts-to-place-on";

/** What a WeaveCluster is made of, whether it is kept by this program or by another one. */
export interface ClusterParts {
  readonly peerNames: Output<Record<string, string>>;
  readonly health: Output<ClusterHealth>;
  readonly ipallocRange: Output<string>;
  readonly pool: Output<string>;
  readonly deployments: AddressPoolResource["deployments"];
  readonly observerBootScript: Output<string>;
  readonly internals: ClusterInternals;
  /** When all its resources are declared. */
  readonly declared: Known<unknown>;
}

/** Where deployments' subnets come from, unless the program says otherwise. */
export const DEFAULT_POOL = "10.40.0.0/13";

const weaveIn = (weave: WeaveArgs | undefined) => (weave === undefined ? {} : { weave });

/** Every host as it is found, before anything is done to any of them. */
export function discoverHosts(
  cluster: string,
  hosts: Hosts,
  parent: Resource,
  weaveOf: (host: string) => WeaveArgs | undefined = () => undefined,
  prepared: readonly Resource[] = [],
): Map<string, HostResource> {
  return new Map(
    Object.keys(hosts)
      .sort()
      .map((host) => [
        host,
        new HostResource<WeaveHostArgs>(
          `${cluster}-${host}`,
          {
            cluster,
            name: host,
            connection: connectionOf(hosts[host] as Input<HostArgs>).apply(
              (fields) => fields as Connection,
            ),
            ...weaveIn(weaveOf(host)),
          },
          // One that is being prepared may be asked about by another: nobody looks before all are
          // ready.
          { parent, dependsOn: [...prepared] },
        ),
      ]),
  );
}

/** What each host has routes to already. */
export function routesOf(
  discovered: ReadonlyMap<string, HostResource>,
): Record<string, Output<string[]>> {
  return Object.fromEntries([...discovered].map(([host, found]) => [host, found.routes]));
}

/** What every cluster is to a program and to Ferry's own components, whoever keeps it. */
export function sharedParts(
  name: string,
  of: {
    readonly pool: Input<string>;
    readonly hosts: Known<Hosts>;
    readonly discovered: Known<ReadonlyMap<string, HostResource>>;
    readonly addresses: Addresses;
    readonly mesh: Known<MeshResource>;
    readonly dnsDomain: Input<string>;
    readonly movesPerHost: Input<number> | undefined;
  },
): Omit<ClusterParts, "ipallocRange" | "observerBootScript"> {
  const { pool, hosts, discovered, addresses, mesh, dnsDomain, movesPerHost } = of;
  const hostNames = namesOf(hosts);
  const draining = drainingOf(hosts);
  return {
    peerNames: outputIn(mesh, ({ peerNames }) => peerNames),
    health: outputIn(mesh, ({ health }) => health),
    pool: output(pool),
    deployments: addresses.pool.deployments,
    internals: {
      name,
      hostNames,
      clusterHosts: all([connectionsOf(hosts), draining]).apply(([connections, leaving]) =>
        writeClusterHosts({ cluster: name, connections, draining: leaving }),
      ),
      draining,
      ...(movesPerHost === undefined ? {} : { movesPerHost }),
      dnsDomain,
      addresses,
      placement: new Placement(hostsToPlaceOn(`Cluster '${name}'`, hosts, discovered)),
      ready: "now" in mesh ? mesh.now : outputIn(mesh, (resource) => resource),
    },
    declared: mesh,
  };
}
