import {
  all,
  ComponentResource,
  getProject,
  getStack,
  output,
  runtime,
  unsecret,
  type ComponentResourceOptions,
  type Input,
  type Output,
} from "@pulumi/pulumi";
import { validateDnsLabel } from "../provider/core/compose";
import { suggestHosts } from "../provider/core/placement/suggest-hosts";
import type { LastMove } from "../provider/core/replica/model";
import type { HookInput } from "../provider/core/replica/move-settings";
import { formerNames } from "../provider/core/replica/formerly";
import { replicaLabel } from "../provider/core/replica/names";
import { mistake } from "../provider/resources/mistake";
import { ReplicaResource } from "../provider/resources/replica-resource";
import { internalsOf } from "./cluster-internals";
import { dependencies } from "./dependencies";
import { volumeInternals, type VolumeInternals, type VolumeLeader } from "./flocker-volume";
import { isPlain, orElse, outputIn } from "./known";
import type { ServiceReplicaArgs } from "./service-replica-args";

/**
 * One container with an address, a name and data of its own that stay with it when it changes its
 * host.
 */
export class ServiceReplica extends ComponentResource {
  /** The host that it is on. */
  readonly host: Output<string>;
  /** Its address on the overlay. Known in preview. */
  readonly ip: Output<string>;
  /** The service's name: replicas of one service share it. Known in preview. */
  readonly dnsName: Output<string>;
  /** The deployment's subnet. Known in preview. */
  readonly subnet: Output<string>;
  /** What `docker ps` shows on the host. Known in preview. */
  readonly containerName: Output<string>;
  /** Docker's id of the container on its host; another one after a move. */
  readonly containerId: Output<string>;
  /**
   * What the move that brought it to its host did. Absent before the first, and when that move was
   * cut off and finished by a later run: nobody knows its figures, and those of an earlier move
   * would be taken for its own.
   */
  readonly lastMove: Output<LastMove | undefined>;

  constructor(name: string, args: ServiceReplicaArgs, opts?: ComponentResourceOptions) {
    super("pulumi-ferry:index:ServiceReplica", name, {}, opts);
    const cluster = internalsOf(args.cluster);
    const { deployment, service, index = 0 } = args;
    const key = `${service}-${index}`;
    for (const [property, label] of Object.entries({ deployment, service })) {
      const wrong = validateDnsLabel(label);
      if (wrong !== undefined) throw mistake(`ServiceReplica '${name}': ${property}: ${wrong}`);
    }
    const volumes = (args.volumes ?? []).map(volumeInternals);
    const suggestedHost =
      args.suggestedHost ??
      all([outputIn(cluster.hostNames, (names) => [...names]), cluster.draining]).apply(
        ([names, draining]) => suggestHosts([{ key, volumes: [] }], names, draining)[key] as string,
      );

    const former = formerNames(args.formerly, deployment);
    cluster.addresses.ask({
      deployment,
      key,
      ...(former.length === 0 ? {} : { formerly: former }),
      ...(args.ip === undefined ? {} : { ip: args.ip }),
      ...(args.subnet === undefined ? {} : { subnet: args.subnet }),
    });
    const leaders = leadersOf(name, args, volumes);
    const quiesce = hookOf(name, "quiesce", args, leaders);
    const resume = hookOf(name, "resume", args, leaders);
    const [leader] = leaders;
    const host = orElse(args.host, leader?.host);
    const wanted = orElse(args.host, leader?.wanted ?? suggestedHost) as Input<string>;
    for (const { users } of volumes) users.add({ replica: key, host: wanted });
    const subnet = cluster.addresses.of(deployment).apply((each) => each?.subnet as string);

    const replica = new ReplicaResource(
      name,
      {
        project: getProject(),
        stack: getStack(),
        deployment,
        service,
        index,
        ...(args.formerly === undefined ? {} : { formerly: args.formerly }),
        ...(host === undefined ? {} : { host }),
        suggestedHost,
        spec: args.container,
        environment: args.environment ?? {},
        volumes: Object.fromEntries(volumes.map((volume) => [volume.key, volume.settings])),
        ip: cluster.addresses.lease(deployment, key),
        subnet,
        dnsDomain: cluster.dnsDomain,
        connections: cluster.connections,
        verify: args.verify ?? "manifest",
        healthTimeoutSeconds: args.healthTimeoutSeconds ?? 60,
        ...moveSettings({ ...args, quiesce, resume }),
        ...estimateOf(args),
        draining: cluster.draining,
        ...(volumes.length === 0 ? {} : { sharesWith: sharers(deployment, key, volumes) }),
        ...(cluster.movesPerHost === undefined ? {} : { movesPerHost: cluster.movesPerHost }),
      },
      {
        parent: this,
        dependsOn: [
          cluster.ready,
          ...volumes.map(({ resource }) => resource),
          ...leaders.map(({ resource }) => resource),
          ...dependencies(opts),
        ],
      },
    );
    const fixed = args.host !== undefined;
    const first = { replica: key, service, wanted, fixed, host: replica.host, resource: replica };
    for (const volume of volumes) volume.leader ??= first;
    this.host = replica.host;
    this.ip = replica.ip;
    this.dnsName = replica.dnsName;
    this.subnet = subnet;
    this.containerName = replica.containerName;
    this.containerId = replica.containerId;
    this.lastMove = replica.lastMove;
    this.registerOutputs({
      host: this.host,
      ip: this.ip,
      dnsName: this.dnsName,
      subnet: this.subnet,
      containerName: this.containerName,
      containerId: this.containerId,
      lastMove: this.lastMove,
    });
  }
}

/** Those that mount one of its volumes already: it goes where they are. */
function leadersOf(
  name: string,
  args: ServiceReplicaArgs,
  volumes: readonly VolumeInternals[],
): VolumeLeader[] {
  return volumes.flatMap(({ key, leader }) => {
    if (leader === undefined) return [];
    if (args.host !== undefined && !leader.fixed) {
      throw mistake(
        `ServiceReplica '${name}': host: '${leader.replica}' mounts volume '${key}' as well and has no host of its own. ` +
          "Replicas that share a volume are on one host: give the first of them the host, or none of them.",
      );
    }
    return [leader];
  });
}

/**
 * Who is carried along by the move of another one is stopped and started by that move: a hook of
 * its own would never run. One that an output brings is refused as soon as it is there.
 */
function hookOf(
  name: string,
  property: "quiesce" | "resume",
  args: ServiceReplicaArgs,
  leaders: readonly VolumeLeader[],
): Input<HookInput | undefined> | undefined {
  const hook = args[property];
  const other = leaders.find(({ service }) => service !== args.service);
  if (other === undefined || hook === undefined) return hook;
  const neverRun = () =>
    mistake(
      `ServiceReplica '${name}': ${property}: it shares a volume with '${other.replica}', which comes before it, and moves along ` +
        `with that one, so that this command would never run. Give '${other.replica}' the command.`,
    );
  if (isPlain(hook)) throw neverRun();
  // A deployment's output may bring nothing for it, and a secret nothing would be a value.
  return unsecret(output<unknown>(hook)).apply((given) => {
    if (given !== undefined) throw neverRun();
    return undefined;
  });
}

/**
 * By volume, the other replicas that mount it, as messages call them; known once the program has
 * declared all.
 */
function sharers(
  deployment: string,
  self: string,
  volumes: readonly VolumeInternals[],
): Output<Record<string, string[]>> {
  return all(volumes.map(({ users }) => output(users.settled))).apply((settled) =>
    Object.fromEntries(
      volumes.flatMap(({ key }, i) => {
        const others = (settled[i] ?? []).filter(({ replica }) => replica !== self);
        if (others.length === 0) return [];
        return [[key, others.map(({ replica }) => labelOfKey(deployment, replica))]];
      }),
    ),
  );
}

function labelOfKey(deployment: string, key: string): string {
  const [, service = key, index = "0"] = /^(.*)-(\d+)$/.exec(key) ?? [];
  return replicaLabel({ deployment, service, index: Number(index) });
}

/** A matter of previews alone. */
function estimateOf({ estimate = false }: ServiceReplicaArgs) {
  if (estimate === false || !runtime.isDryRun()) return {};
  return { estimate: output(estimate).apply((wanted) => (wanted ? true : undefined)) };
}

interface Hooks {
  readonly quiesce: Input<HookInput | undefined> | undefined;
  readonly resume: Input<HookInput | undefined> | undefined;
}

/** Only what is used: nothing of the rest may be seen in state. */
function moveSettings({
  onSourceLost,
  quiesce,
  resume,
  maxBandwidth,
}: Pick<ServiceReplicaArgs, "onSourceLost" | "maxBandwidth"> & Hooks) {
  return {
    ...(onSourceLost === undefined ? {} : { onSourceLost }),
    ...(quiesce === undefined ? {} : { quiesce }),
    ...(resume === undefined ? {} : { resume }),
    ...(maxBandwidth === undefined ? {} : { maxBandwidth }),
  };
}
