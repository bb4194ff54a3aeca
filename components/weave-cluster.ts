import {
  all,
  ComponentResource,
  output,
  RunError,
  unsecret,
  type ComponentResourceOptions,
  type Input,
  type Output,
} from "@pulumi/pulumi";
import { DEFAULT_DNS_DOMAIN } from "../provider/core/identity";
import { AddressPoolResource } from "../provider/resources/address-pool-resource";
import { HostResource } from "../provider/resources/host-resource";
import { MeshResource } from "../provider/resources/mesh-resource";
import { setInternals } from "./cluster-internals";
import { connectionOf, drainingHosts, resolveConnections, type HostArgs } from "./connection-args";
import { leaseRegistrations, requestsByDeployment } from "./lease-requests";
import { DEFAULT_IPALLOC_RANGE, Peer, type PeerSettings } from "./peer";

/** How the peers know one another. */
export const Topology = {
  /** Every peer lists every other one, and every peer is an elector. */
  Uniform: "uniform",
} as const;
export type Topology = (typeof Topology)[keyof typeof Topology];

/** Where deployments' subnets come from, unless the program says otherwise. */
export const DEFAULT_POOL = "10.40.0.0/13";

export interface WeaveClusterArgs extends PeerSettings {
  /**
   * The hosts by the names that the program gives them; a deployment's `hosts` uses these names.
   *
   * @example { node1: { host: "203.0.113.7", privateKey, hostKey }, node2: ... }
   */
  hosts: Record<string, Input<HostArgs>>;
  /** @default "uniform" */
  topology?: Topology;
  /**
   * Where deployments' subnets come from. Must overlap neither `ipallocRange` nor a route of a host.
   *
   * @default "10.40.0.0/13"
   */
  pool?: Input<string>;
  /** Parts of `pool` that are never handed out. @default [] */
  exclude?: Input<Input<string>[]>;
  /** How many moves a host takes part in at a time, in one run. @default 2 */
  movesPerHost?: Input<number>;
  /** Seconds to wait until all peers are connected and agree on Weave's range. @default 120 */
  quorumTimeoutSeconds?: Input<number>;
}

/**
 * Hosts joined by Weave Net, and the pool from which deployments get their subnets.
 *
 * Nothing is changed on any host before every host has been reached and found fit, and before the pool has been checked
 * against the hosts' own routes.
 */
export class WeaveCluster extends ComponentResource {
  /** Names of the hosts, sorted. */
  readonly hostNames: Output<string[]>;
  /** Every deployment's subnet and leases. Known in preview. */
  readonly deployments: AddressPoolResource["deployments"];

  constructor(name: string, args: WeaveClusterArgs, opts?: ComponentResourceOptions) {
    super("pulumi-ferry:index:WeaveCluster", name, {}, opts);
    const { hosts, topology, pool, exclude, quorumTimeoutSeconds, movesPerHost, ...settings } =
      args;
    const hostNames = Object.keys(hosts).sort();
    refuseMistakes(name, hostNames, topology);

    const ipallocRange = settings.ipallocRange ?? DEFAULT_IPALLOC_RANGE;
    const connections = resolveConnections(hosts);
    const reach = (host: string) => connectionOf(hosts[host] as Input<HostArgs>);
    // An address is no secret, though it comes out of a connection that holds some.
    const addresses = new Map(
      hostNames.map((host) => [host, unsecret(reach(host).apply((each) => each.host))]),
    );
    const addressesBut = (host: string) =>
      all(
        hostNames
          .filter((other) => other !== host)
          .map((other) => addresses.get(other) as Output<string>),
      );
    const leaseRequests = leaseRegistrations();

    const discovered = hostNames.map(
      (host) =>
        new HostResource(
          `${name}-${host}`,
          { cluster: name, name: host, connection: connectionOfHost(connections, host) },
          { parent: this },
        ),
    );
    const addressPool = new AddressPoolResource(
      `${name}-pool`,
      {
        cluster: name,
        pool: pool ?? DEFAULT_POOL,
        exclude: exclude ?? [],
        ipallocRange,
        hostRoutes: Object.fromEntries(
          discovered.map((host, i) => [hostNames[i] as string, host.routes]),
        ),
        requests: requestsByDeployment(leaseRequests),
      },
      { parent: this },
    );
    const peers = hostNames.map(
      (host, i) =>
        new Peer(
          `${name}-${host}`,
          {
            ...settings,
            ipallocRange,
            cluster: name,
            host,
            connection: reach(host),
            address: addresses.get(host) as Output<string>,
            targets: addressesBut(host),
            electors: hostNames.length,
            discovered: discovered[i] as HostResource,
          },
          { parent: this, dependsOn: [...discovered, addressPool] },
        ),
    );
    const mesh = new MeshResource(
      `${name}-mesh`,
      {
        cluster: name,
        connections,
        peers: hostNames.map((host) => ({ host, address: addresses.get(host) as Output<string> })),
        electors: hostNames.length,
        timeoutSeconds: quorumTimeoutSeconds ?? 120,
      },
      { parent: this, dependsOn: peers },
    );

    this.hostNames = output(hostNames);
    this.deployments = addressPool.deployments;
    setInternals(this, {
      name,
      hostNames,
      connections,
      draining: drainingHosts(hosts),
      ...(movesPerHost === undefined ? {} : { movesPerHost }),
      dnsDomain: settings.dnsDomain ?? DEFAULT_DNS_DOMAIN,
      pool: addressPool,
      leaseRequests,
      ready: mesh,
    });
    this.registerOutputs({ hostNames: this.hostNames, deployments: this.deployments });
  }
}

function connectionOfHost(connections: ReturnType<typeof resolveConnections>, host: string) {
  return connections.apply((all) => {
    const connection = all[host];
    if (connection === undefined) throw new RunError(`No connection is given for host '${host}'.`);
    return connection;
  });
}

function refuseMistakes(
  name: string,
  hostNames: readonly string[],
  topology: string | undefined,
): void {
  if (hostNames.length === 0) {
    throw new RunError(
      `WeaveCluster '${name}': hosts is empty. Name at least one host with its connection.`,
    );
  }
  if (topology !== undefined && topology !== Topology.Uniform) {
    throw new RunError(
      `WeaveCluster '${name}': topology "${topology}" is not known. Use "uniform", or leave it out.`,
    );
  }
}
