import {
  all,
  output,
  type ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Inputs,
  type Output,
} from "@pulumi/pulumi";
import { Deployment } from "../components/deployment";
import type { HostArgs } from "../components/weave/host-args";
import { FlockerVolume, volumeInternals } from "../components/flocker-volume";
import { Peer } from "../components/weave/peer";
import { Registrations } from "../components/registrations";
import { ServiceReplica } from "../components/service-replica";
import { WeaveCluster } from "../components/weave/weave-cluster";
import type * as seen from "./args";
import { inEach, within } from "./in-each";
import { referred, remember, valueOf } from "./references";

/** A component, and what other languages see of it. */
interface Constructed {
  readonly component: ComponentResource;
  readonly state: Inputs;
}

type Construct<A> = (
  name: string,
  args: A,
  opts: ComponentResourceOptions,
) => Constructed | Promise<Constructed>;

/** By its name, with whatever args the engine brings: they are as the schema says. */
export function constructOf(component: string): Construct<Inputs> | undefined {
  return Object.hasOwn(constructs, component)
    ? (constructs[component as keyof seen.ArgsOf] as unknown as Construct<Inputs>)
    : undefined;
}

/**
 * Ferry's components by name: from the args that other languages can say to those that TypeScript
 * has.
 */
const constructs: {
  readonly [Name in keyof seen.ArgsOf]: Construct<seen.ArgsOf[Name]>;
} = {
  async WeaveCluster(name, args, opts) {
    const cluster = makeCluster(name, args, opts);
    await remember(cluster);
    const { hostNames, peerNames, health, ipallocRange, pool, observerBootScript } = cluster;
    const state = {
      ...{ reference: cluster.urn, hostNames, peerNames, ipallocRange, pool, observerBootScript },
      status: health.apply(({ status }) => status),
      problems: health.apply(({ problems }) => [...problems]),
    };
    return { component: cluster, state };
  },

  Peer(name, { network, connection, ...args }, opts) {
    const peer = new Peer(
      name,
      {
        ...args,
        ...(network === undefined ? {} : { cluster: network }),
        connection: within(connection, hostOf),
      },
      opts,
    );
    const { peerName, nickname, version, address } = peer;
    return { component: peer, state: { peerName, nickname, version, address } };
  },

  async Deployment(name, { cluster, hosts, replicaHosts, ...args }, opts) {
    const on = await referred(`Deployment '${name}'`, "cluster", cluster, WeaveCluster);
    const placed = hostsOf(hosts, replicaHosts);
    const given = { ...args, ...(placed === undefined ? {} : { hosts: placed }), cluster: on };
    const deployment = new Deployment(name, given as Given<typeof Deployment>, opts);
    const ofEach = (part: (replica: ServiceReplica) => Output<string>) =>
      eachPart(
        deployment.parts,
        ({ services }) => services,
        (replicas) => replicas.map(part),
      );
    const state = {
      subnet: deployment.subnet,
      addresses: ofEach(({ ip }) => ip),
      dnsNames: eachPart(
        deployment.parts,
        ({ services }) => services,
        ([first]) => first?.dnsName,
      ),
      placement: ofEach(({ host }) => host),
      containerNames: ofEach(({ containerName }) => containerName),
      volumeNames: eachPart(
        deployment.parts,
        ({ volumes }) => volumes,
        ({ volumeName }) => volumeName,
      ),
    };
    return { component: deployment, state };
  },

  async ServiceReplica(name, { cluster, volumes = [], ...args }, opts) {
    const who = `ServiceReplica '${name}'`;
    const on = await referred(who, "cluster", cluster, WeaveCluster);
    const references = (await valueOf(volumes)) as readonly string[] | undefined;
    const mounted = await Promise.all(
      (references ?? []).map((each) => referred(who, "volumes", each, FlockerVolume)),
    );
    for (const volume of mounted) reopen(volume);
    const given = { ...args, cluster: on, volumes: mounted };
    const replica = new ServiceReplica(name, given as Given<typeof ServiceReplica>, opts);
    const { host, ip, dnsName, subnet, containerName, containerId } = replica;
    const state = { host, ip, dnsName, subnet, containerName, containerId };
    return { component: replica, state };
  },

  async FlockerVolume(name, { cluster, ...args }, opts) {
    const on = await referred(`FlockerVolume '${name}'`, "cluster", cluster, WeaveCluster);
    const given = { ...args, cluster: on } as Given<typeof FlockerVolume>;
    const volume = new FlockerVolume(name, given, opts);
    await remember(volume);
    const { volumeId, volumeName, key } = volume;
    return { component: volume, state: { reference: volume.urn, volumeId, volumeName, key } };
  },
};

/** Words out of a few are texts in other languages; what is none of them is refused by `check`. */
type Given<T extends new (name: string, args: never) => unknown> = ConstructorParameters<T>[1];

function makeCluster(
  name: string,
  { existing = false, hosts, peers = {}, ...args }: seen.WeaveClusterArgs,
  opts: ComponentResourceOptions,
): WeaveCluster {
  const reached = inEach(hosts, hostOf) as Input<Record<string, Input<HostArgs>>>;
  if (existing) {
    const given = { ...args, hosts: reached };
    return WeaveCluster.existing(name, given as Parameters<typeof WeaveCluster.existing>[1], opts);
  }
  const given = {
    ...args,
    hosts: reached,
    peers: Object.fromEntries(
      Object.entries(peers).map(([host, { exposeAddresses, ...peer }]) => [
        host,
        { ...peer, ...(exposeAddresses === undefined ? {} : { expose: exposeAddresses }) },
      ]),
    ),
  };
  return new WeaveCluster(name, given as unknown as Given<typeof WeaveCluster>, opts);
}

/** `sshConfig` is a file's name or a yes or no, which other languages say in two fields. */
function hostOf<T extends { sshConfig?: Input<boolean>; sshConfigFile?: Input<string> }>({
  sshConfigFile,
  ...host
}: T) {
  return sshConfigFile === undefined ? host : { ...host, sshConfig: sshConfigFile };
}

/** One host for all replicas of a service, or a list. */
function hostsOf(
  hosts: seen.DeploymentArgs["hosts"],
  lists: seen.DeploymentArgs["replicaHosts"],
): Input<Record<string, Input<string | Input<string>[]>>> | undefined {
  if (lists === undefined) return hosts;
  if (hosts === undefined) return lists;
  return within(hosts, (single) => within(lists, (list) => ({ ...single, ...list }))) as Input<
    Record<string, Input<string | Input<string>[]>>
  >;
}

/** One value of each part, as an output that is unknown only where a value is. */
function eachPart<P, T>(
  parts: Output<P>,
  of: (parts: P) => Readonly<Record<string, T>>,
  value: (part: T) => unknown,
): Output<unknown> {
  return parts.apply((known) =>
    all(
      Object.fromEntries(
        Object.entries(of(known)).map(([name, part]) => [name, output(value(part))]),
      ),
    ),
  );
}

/**
 * Who mounts a volume is known by the end of the call that makes the volume; here each replica comes
 * with a call of its own, which is later. It is counted for the replicas that come after it.
 */
function reopen(volume: FlockerVolume): void {
  const internals = volumeInternals(volume);
  if (internals.users.closed) internals.users = new Registrations(() => "");
}
