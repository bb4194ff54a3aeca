import type { Membership } from "./peer-inputs";
import { normaliseTarget } from "./settings";
import { rolesOf, type PeerRole, type Topology, type TopologyHost } from "./topology";

/** What a cluster's topology comes to for one of its hosts. */
export interface PlannedPeer extends PeerRole {
  readonly host: string;
  readonly address: string;
  readonly membership: Membership;
  /** Hosts of the cluster that it dials, sorted; undefined where everybody dials everybody. */
  readonly dials?: readonly string[];
}

/** Every host's part in the cluster, by host. Ask `topologyProblems` first. */
export function planCluster(
  topology: Topology,
  hosts: readonly TopologyHost[],
  cluster: string,
  timeoutSeconds: number,
): Record<string, PlannedPeer> {
  const roles = rolesOf(topology, hosts, cluster);
  const byAddress = new Map(hosts.map(({ host, address }) => [normaliseTarget(address), host]));
  const dialled = new Map(
    hosts.map(({ host }) => [
      host,
      new Set((roles[host]?.targets ?? []).flatMap((target) => byAddress.get(target) ?? [])),
    ]),
  );
  const dials = (from: string, to: string) => dialled.get(from)?.has(to) ?? false;
  const complete = topology.kind === "uniform" || topology.kind === "seeded";
  return Object.fromEntries(
    hosts.map(({ host, address }): [string, PlannedPeer] => {
      const role = roles[host] as PeerRole;
      return [
        host,
        {
          ...role,
          host,
          address,
          membership: {
            members: hosts
              .map((other) => ({
                host: other.host,
                address: other.address,
                dials: dials(other.host, host),
                dialled: dials(host, other.host),
              }))
              .filter((other) => other.host !== host && (other.dials || other.dialled)),
            oneAtATime: growsOneByOne(topology, role),
            timeoutSeconds,
          },
          ...(complete ? {} : { dials: [...(dialled.get(host) ?? [])].sort() }),
        },
      ];
    }),
  );
}

/**
 * Electors that all list one another: under a partition, two that joined at once could make a
 * network of their own.
 */
function growsOneByOne(topology: Topology, { elector }: PeerRole): boolean {
  return topology.kind === "uniform" || (topology.kind === "fixed" && elector);
}
