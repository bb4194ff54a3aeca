import {
  all,
  output,
  secret,
  unsecret,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import type { Connection } from "../../provider/core/connection";
import { machineAddress } from "../../provider/core/host-address";
import { DEFAULT_DNS_DOMAIN } from "../../provider/core/identity";
import { observerBootScript } from "../../provider/core/weave/boot-script";
import { hostProgram } from "../../provider/on-host/load";
import { planCluster, type PlannedPeer } from "../../provider/core/weave/cluster-plan";
import { nameKeepers } from "../../provider/core/weave/mesh-inputs";
import { checkPeer, launchSettings } from "../../provider/core/weave/peer-inputs";
import { normaliseTarget } from "../../provider/core/weave/settings";
import type { HostResource } from "../../provider/resources/host-resource";
import { MeshResource } from "../../provider/resources/weave/mesh-resource";
import { Addresses } from "../addresses";
import {
  refuseMistakes,
  refuseMistakesOfHosts,
  shapeOf,
  topologyHosts,
  type ClusterPeerArgs,
  type WeaveClusterArgs,
  type WithHosts,
} from "./cluster-args";
import {
  DEFAULT_POOL,
  discoverHosts,
  routesOf,
  sharedParts,
  type ClusterParts,
} from "./cluster-parts";
import { bootstrapOf, connectionOf, resolveConnections, type HostArgs } from "./host-args";
import { HostBootstrap } from "./host-bootstrap";
import { follow, outputIn } from "../known";
import { knownHosts, type Hosts } from "./known-hosts";
import {
  asPeerInputs,
  DEFAULT_IPALLOC_RANGE,
  Peer,
  peerDefaults,
  type PeerSettings,
  type WeaveArgs,
} from "./peer";

/** @default of `quorumTimeoutSeconds` */
const QUORUM_SECONDS = 120;

/** A cluster that this program keeps: hosts, pool, a peer on each host, and the mesh of them. */
export function ownCluster(name: string, args: WeaveClusterArgs, parent: Resource): ClusterParts {
  const { pool = DEFAULT_POOL, exclude = [], movesPerHost, dnsDomain = DEFAULT_DNS_DOMAIN } = args;
  const ipallocRange = output(args.ipallocRange ?? DEFAULT_IPALLOC_RANGE);
  refuseMistakes(name, args);
  const hosts = knownHosts(`WeaveCluster '${name}'`, args.hosts, parent);
  const found = follow(hosts, (each) => findHosts(name, { ...args, hosts: each }, parent));
  const hostRoutes = outputIn(found, ({ discovered }) => routesOf(discovered));
  const addresses = new Addresses(name, { pool, exclude, ipallocRange }, hostRoutes, parent);
  const mesh = follow(found, (each) => joinPeers(name, each, addresses.pool, parent));
  const discovered = follow(found, (each) => each.discovered);

  return {
    ...sharedParts(name, { pool, hosts, discovered, addresses, mesh, dnsDomain, movesPerHost }),
    ipallocRange,
    observerBootScript: outputIn(found, (each) => bootScript(name, each)),
  };
}

/** The hosts as they are found, and what becomes of each. */
interface FoundHosts {
  readonly args: WithHosts;
  /** What all peers share. */
  readonly settings: PeerSettings;
  readonly planned: readonly PlannedPeer[];
  readonly addressOf: (host: string) => Output<string>;
  readonly weaveOf: (host: string) => WeaveArgs | undefined;
  readonly discovered: ReadonlyMap<string, HostResource>;
}

function findHosts(name: string, args: WithHosts, parent: Resource): FoundHosts {
  refuseMistakesOfHosts(name, args);
  const { hosts, peers: each = {} } = args;
  const settings = sharedSettings(args);
  const hostNames = Object.keys(hosts).sort();
  const plan = planCluster(shapeOf(args), topologyHosts(args), name, QUORUM_SECONDS);
  const planned = hostNames.map((host) => plan[host] as PlannedPeer);
  // An address is no secret, though it comes out of a connection that holds some.
  const hostAddresses = new Map<string, Output<string>>(
    hostNames.map((host) => [
      host,
      output(
        each[host]?.address ??
          unsecret(
            connectionOf(hosts[host] as Input<HostArgs>).apply((fields) =>
              machineAddress(fields.host),
            ),
          ),
      ),
    ]),
  );
  const addressOf = (host: string) => hostAddresses.get(host) as Output<string>;
  const weaveOf = (host: string) => mergedWeave(settings, each[host]);
  const prepared = prepareHosts(name, hosts, parent);
  const discovered = discoverHosts(name, hosts, parent, weaveOf, prepared);
  return { args, settings, planned, addressOf, weaveOf, discovered };
}

function sharedSettings(args: WithHosts): PeerSettings {
  const {
    hosts: _hosts,
    peers: _peers,
    pool: _pool,
    exclude: _exclude,
    quorumTimeoutSeconds: _seconds,
    movesPerHost: _moves,
    dnsEntries: _entries,
    topology: _topology,
    targets: _targets,
    core: _core,
    seed: _seed,
    ...shared
  } = args;
  return { ...shared, ipallocRange: shared.ipallocRange ?? DEFAULT_IPALLOC_RANGE };
}

/** A peer on each host, and what waits for all of them. */
function joinPeers(
  name: string,
  { args, settings, planned, addressOf, weaveOf, discovered }: FoundHosts,
  pool: Resource,
  parent: Resource,
): MeshResource {
  const { hosts, peers: each = {}, quorumTimeoutSeconds = QUORUM_SECONDS, dnsEntries } = args;
  const standIns = new Map(planned.map(({ host, address }) => [normaliseTarget(address), host]));
  const dialled = ({ targets }: PlannedPeer): Input<string>[] =>
    targets.map((target) => {
      const host = standIns.get(target);
      return host === undefined ? target : addressOf(host);
    });
  const keepers = new Set(nameKeepers(planned.map(asMeshPeer)));
  const routers = planned.map((peer) => {
    const { host, electors, peerName, seed, membership } = peer;
    const { address: _address, peerName: _name, ...own } = each[host] ?? {};
    const { imageVersion, ...others } = { ...settings, ...own };
    const weave = weaveOf(host);
    return new Peer(
      `${name}-${host}`,
      {
        ...others,
        ...(weave !== undefined ? { weave } : imageVersion === undefined ? {} : { imageVersion }),
        ...(peerName === undefined ? {} : { peerName }),
        ...(isObserver(peer) ? { observer: true } : {}),
        ...(seed === undefined ? {} : { seed: [...seed] }),
        ...(dnsEntries !== undefined && keepers.has(host) ? { dnsEntries } : {}),
        cluster: name,
        host,
        connection: connectionOf(hosts[host] as Input<HostArgs>),
        address: addressOf(host),
        targets: dialled(peer),
        electors,
        discovered: discovered.get(host) as HostResource,
        company: {
          ...membership,
          timeoutSeconds: quorumTimeoutSeconds,
          members: membership.members.map((member) => ({
            ...member,
            address: addressOf(member.host),
          })),
        },
      },
      { parent, dependsOn: [...discovered.values(), pool] },
    );
  });
  return new MeshResource(
    `${name}-mesh`,
    {
      cluster: name,
      connections: resolveConnections(hosts),
      peers: planned.map((peer) => ({
        ...asMeshPeer(peer),
        address: addressOf(peer.host),
        ...(peer.peerName === undefined ? {} : { peerName: peer.peerName }),
        ...(peer.dials === undefined ? {} : { dials: [...peer.dials] }),
        ...exposureOf(each[peer.host]),
        ...sourceIn(weaveOf(peer.host)),
      })),
      electors: planned[0]?.electors ?? 1,
      timeoutSeconds: quorumTimeoutSeconds,
      ...(shapeOf(args).kind === "seeded" ? { seeded: true } : {}),
      ...(dnsEntries === undefined ? {} : { dnsEntries }),
    },
    { parent, dependsOn: routers },
  );
}

/** Those of the hosts of which the program wants it. */
function prepareHosts(cluster: string, hosts: Hosts, parent: Resource): HostBootstrap[] {
  const wanted = Object.keys(hosts)
    .sort()
    .flatMap((host) => {
      const args = hosts[host] as Input<HostArgs>;
      const bootstrap = bootstrapOf(host, args);
      const connection = connectionOf(args).apply((fields) => fields as Connection);
      return bootstrap === undefined ? [] : [{ cluster, host, connection, bootstrap }];
    });
  return HostBootstrap.of(wanted, parent);
}

/** Takes no part in dividing the range; with a seed, nobody has to. */
const isObserver = ({ elector, seed }: Pick<PlannedPeer, "elector" | "seed">) =>
  !elector && seed === undefined;

const asMeshPeer = (peer: PlannedPeer) => ({
  host: peer.host,
  ...(isObserver(peer) ? { observer: true as const } : {}),
});

/** A host's own word counts, field by field. */
function mergedWeave(shared: PeerSettings, own: PeerSettings = {}): WeaveArgs | undefined {
  if (shared.weave === undefined && own.weave === undefined) return undefined;
  // Whichever of its two names the version has.
  const version =
    own.weave?.version ?? own.imageVersion ?? shared.weave?.version ?? shared.imageVersion;
  return {
    ...shared.weave,
    ...own.weave,
    ...(version === undefined ? {} : { version }),
  };
}

const sourceIn = (source: WeaveArgs | undefined) => (source === undefined ? {} : { source });

const exposureOf = ({ expose }: ClusterPeerArgs = {}) => (expose === undefined ? {} : { expose });

/** For hosts that no program has yet. They dial those that stay: the electors. */
function bootScript(cluster: string, { settings, planned, addressOf }: FoundHosts): Output<string> {
  const electors = planned.filter(({ elector }) => elector);
  const [first] = electors;
  const script = all([
    output(peerDefaults(settings)),
    all(electors.map(({ host }) => addressOf(host))),
  ]).apply(([resolved, targets]) => {
    const { inputs } = checkPeer(
      {},
      {
        ...resolved,
        ...asPeerInputs(resolved.weave),
        cluster,
        host: "a host to come",
        connection: { host: "host-to-come.invalid" },
        targets,
        electors: first?.electors ?? 1,
        ...(first?.seed === undefined ? { observer: true } : { seed: first.seed }),
      },
    );
    const { command } = inputs;
    return observerBootScript(launchSettings(inputs), {
      launcher: hostProgram("weave/launcher.sh"),
      ...(command === undefined ? {} : { command }),
    });
  });
  return settings.password === undefined ? script : secret(script);
}
