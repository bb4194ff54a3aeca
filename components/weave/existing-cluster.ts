import { output, unsecret, type Input, type Resource } from "@pulumi/pulumi";
import { machineAddress } from "../../provider/core/host-address";
import { DEFAULT_DNS_DOMAIN } from "../../provider/core/identity";
import type { HostResource } from "../../provider/resources/host-resource";
import { MeshResource } from "../../provider/resources/weave/mesh-resource";
import { mistake } from "../../provider/resources/mistake";
import { Addresses } from "../addresses";
import { discoverHosts, routesOf, sharedParts, type ClusterParts } from "./cluster-parts";
import { bootstrapOf, connectionOf, resolveConnections, type HostArgs } from "./host-args";
import { follow, outputIn } from "../known";
import { knownHosts, type Hosts } from "./known-hosts";
import type { WeaveArgs } from "./peer";

/** A running cluster that another stack's program keeps, or somebody by hand. */
export interface ExistingClusterArgs {
  /** Hosts of the cluster that this program puts replicas on; not necessarily all of them. */
  hosts: Input<Record<string, Input<HostArgs>>>;
  /**
   * Where this program's subnets come from. It must overlap neither Weave's range, nor a route of a
   * host, nor, which nobody can check, the pool of another program on the same cluster: give each
   * program a pool of its own, or part one pool by `exclude`.
   *
   * @example "10.44.0.0/14"
   */
  pool: Input<string>;
  /**
   * Parts of `pool` that are never handed out: those of other programs, for example. @default []
   */
  exclude?: Input<Input<string>[]>;
  /** Weave's DNS domain there; another one is an error. @default "weave.local" */
  dnsDomain?: Input<string>;
  /** Weave's own range there; another one is an error. Found on the hosts when absent. */
  ipallocRange?: Input<string>;
  /**
   * Where the hosts have the weave command, when it is not `weave` in PATH or in /usr/local/bin.
   * Whose images run there, and which, is the matter of whoever keeps the cluster.
   */
  weave?: Required<Pick<WeaveArgs, "command">>;
  /** As for `WeaveCluster`. @default 2 */
  movesPerHost?: Input<number>;
}

/**
 * Only looks at the cluster: nothing of it is launched, connected, relaunched or reset, now or by
 * `destroy`.
 */
export function existingCluster(
  name: string,
  args: ExistingClusterArgs,
  parent: Resource,
): ClusterParts {
  const { pool, exclude = [], dnsDomain = DEFAULT_DNS_DOMAIN, weave, movesPerHost } = args;
  const hosts = knownHosts(`WeaveCluster.existing '${name}'`, args.hosts, parent);
  const found = follow(hosts, (each) => {
    refuseMistakes(name, each);
    const discovered = discoverHosts(name, each, parent, () => weave);
    return { discovered, mesh: lookAt(name, args, { hosts: each, discovered, parent }) };
  });
  const ipallocRange = output(
    args.ipallocRange ?? outputIn(found, ({ mesh }) => mesh.found.apply(rangeOf)),
  );
  const ranges = { pool, exclude, ipallocRange };
  const hostRoutes = outputIn(found, ({ discovered }) => routesOf(discovered));
  const addresses = new Addresses(name, ranges, hostRoutes, parent);
  const mesh = follow(found, (each) => each.mesh);
  const discovered = follow(found, (each) => each.discovered);
  return {
    ...sharedParts(name, { pool, hosts, discovered, addresses, mesh, dnsDomain, movesPerHost }),
    ipallocRange,
    observerBootScript: output(
      "echo 'this cluster is kept by another program: take observerBootScript from there' >&2; exit 1\n",
    ),
  };
}

/** The mocks of a user's tests may find nothing. */
const rangeOf = (found: { range: string } | undefined) => found?.range as string;

function refuseMistakes(name: string, hosts: Hosts): void {
  const hostNames = Object.keys(hosts).sort();
  if (hostNames.length === 0) {
    throw mistake(
      `WeaveCluster.existing '${name}': hosts is empty. Name at least one host with its connection.`,
    );
  }
  for (const host of hostNames) {
    if (bootstrapOf(host, hosts[host] as Input<HostArgs>) === undefined) continue;
    throw mistake(
      `WeaveCluster.existing '${name}': hosts.${host}: \`bootstrap\` belongs to the program that keeps the cluster.`,
    );
  }
}

function lookAt(
  name: string,
  args: ExistingClusterArgs,
  of: { hosts: Hosts; discovered: ReadonlyMap<string, HostResource>; parent: Resource },
): MeshResource {
  const { dnsDomain = DEFAULT_DNS_DOMAIN, ipallocRange, weave } = args;
  return new MeshResource(
    `${name}-mesh`,
    {
      cluster: name,
      connections: resolveConnections(of.hosts),
      peers: [...of.discovered.keys()].map((host) => ({
        host,
        address: unsecret(
          connectionOf(of.hosts[host] as Input<HostArgs>).apply((fields) =>
            machineAddress(fields.host),
          ),
        ),
        ...(weave === undefined ? {} : { source: weave }),
      })),
      electors: 1,
      timeoutSeconds: 120,
      existing: true,
      dnsDomain,
      ...(ipallocRange === undefined ? {} : { ipallocRange }),
    },
    { parent: of.parent, dependsOn: [...of.discovered.values()] },
  );
}
