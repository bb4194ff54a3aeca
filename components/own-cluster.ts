import {
  all,
  output,
  secret,
  unsecret,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import type { Connection } from "../provider/core/connection";
import { machineAddress } from "../provider/core/host-address";
import { DEFAULT_DNS_DOMAIN } from "../provider/core/identity";
import { observerBootScript } from "../provider/core/weave/boot-script";
import { hostProgram } from "../provider/on-host/load";
import { planCluster, type PlannedPeer } from "../provider/core/weave/cluster-plan";
import { nameKeepers } from "../provider/core/weave/mesh-inputs";
import { checkPeer, launchSettings } from "../provider/core/weave/peer-inputs";
import { normaliseTarget } from "../provider/core/weave/settings";
import { MeshResource } from "../provider/resources/mesh-resource";
import { Addresses } from "./addresses";
import {
  refuseMistakes,
  shapeOf,
  topologyHosts,
  type ClusterPeerArgs,
  type WeaveClusterArgs,
} from "./cluster-args";
import { DEFAULT_POOL, discoverHosts, type ClusterParts } from "./cluster-parts";
import {
  bootstrapOf,
  connectionOf,
  drainingHosts,
  resolveConnections,
  type HostArgs,
} from "./connection-args";
import { HostBootstrap } from "./host-bootstrap";
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
  refuseMistakes(name, args);
  const {
    hosts,
    peers: each = {},
    pool = DEFAULT_POOL,
    exclude = [],
    quorumTimeoutSeconds = QUORUM_SECONDS,
    movesPerHost,
    dnsEntries,
    topology: _topology,
    targets: _targets,
    core: _core,
    seed: _seed,
    ...shared
  } = args;
  const settings: PeerSettings = {
    ...shared,
    ipallocRange: shared.ipallocRange ?? DEFAULT_IPALLOC_RANGE,
  };
  const hostNames = Object.keys(hosts).sort();
  const plan = planCluster(shapeOf(args), topologyHosts(args), name, QUORUM_SECONDS);
  const planned = hostNames.map((host) => plan[host] as PlannedPeer);
  const connections = resolveConnections(hosts);
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
  const standIns = new Map(planned.map(({ host, address }) => [normaliseTarget(address), host]));
  const dialled = ({ targets }: PlannedPeer): Input<string>[] =>
    targets.map((target) => {
      const host = standIns.get(target);
      return host === undefined ? target : addressOf(host);
    });

  const weaveOf = (host: string) => mergedWeave(shared, each[host]);
  const prepared = prepareHosts(name, hosts, parent);
  const discovered = discoverHosts(name, hosts, parent, weaveOf, prepared);
  const ranges = { pool, exclude, ipallocRange: settings.ipallocRange as Input<string> };
  const addresses = new Addresses(name, ranges, discovered, parent);
  const keepers = new Set(nameKeepers(planned.map(asMeshPeer)));
  const routers = planned.map((peer) => {
    const { host, electors, peerName, seed, company } = peer;
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
        discovered: discovered.get(host) as NonNullable<ReturnType<typeof discovered.get>>,
        company: {
          ...company,
          timeoutSeconds: quorumTimeoutSeconds,
          members: company.members.map((member) => ({
            ...member,
            address: addressOf(member.host),
          })),
        },
      },
      { parent, dependsOn: [...discovered.values(), addresses.pool] },
    );
  });
  const mesh = new MeshResource(
    `${name}-mesh`,
    {
      cluster: name,
      connections,
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

  return {
    peerNames: mesh.peerNames,
    health: mesh.health,
    ipallocRange: output(settings.ipallocRange as Input<string>),
    pool: output(pool),
    deployments: addresses.pool.deployments,
    observerBootScript: bootScript(name, settings, planned, addressOf),
    internals: {
      name,
      hostNames,
      connections,
      draining: drainingHosts(hosts),
      ...(movesPerHost === undefined ? {} : { movesPerHost }),
      dnsDomain: settings.dnsDomain ?? DEFAULT_DNS_DOMAIN,
      addresses,
      ready: mesh,
    },
  };
}

/** Those of the hosts of which the program wants it. */
function prepareHosts(
  cluster: string,
  hosts: WeaveClusterArgs["hosts"],
  parent: Resource,
): HostBootstrap[] {
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
function bootScript(
  cluster: string,
  settings: PeerSettings,
  planned: readonly PlannedPeer[],
  addressOf: (host: string) => Output<string>,
): Output<string> {
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
