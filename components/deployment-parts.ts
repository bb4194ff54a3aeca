import { all, output, secret, type Input, type Output, type Resource } from "@pulumi/pulumi";
import type { Service } from "../provider/core/application";
import type { ContainerSpec } from "../provider/core/container-spec";
import { startOrder } from "../provider/core/start-order";
import type { FieldsOf } from "../provider/resources/inputs-of";
import type { ClusterInternals } from "./cluster-internals";
import type { ByService } from "./by-service";
import type { DeploymentArgs } from "./deployment-args";
import { at, indicesOf, volumeKeys } from "./deployment-hosts";
import { FlockerVolume } from "./flocker-volume";
import { isPlain } from "./known";
import type { LoadedApplication } from "./load-application";
import { ServiceReplica } from "./service-replica";
import type { ServiceReplicaArgs } from "./service-replica-args";

/** A deployment whose parts are being declared. */
export interface Deploying {
  /** The resource's name, which those of its parts begin with. */
  readonly name: string;
  /** The deployment's own. */
  readonly deployment: string;
  readonly args: DeploymentArgs;
  readonly loaded: LoadedApplication;
  readonly scale: Readonly<Record<string, number>>;
  readonly given: ByService;
  readonly internals: ClusterInternals;
  readonly parent: Resource;
  /** What every replica waits for. */
  readonly dependsOn: readonly Input<Resource>[];
}

/** Where its replicas go, by their keys. */
export interface Hosts {
  /** The program's word. */
  readonly given: ReadonlyMap<string, Input<string | undefined>>;
  readonly suggested: Output<Record<string, string>>;
}

export function createVolumes(of: Deploying): Record<string, FlockerVolume> {
  const { name, deployment, args, loaded, parent } = of;
  const created = Object.values(loaded.application.volumes).map(
    (volume): [string, FlockerVolume] => [
      volume.key,
      new FlockerVolume(
        `${name}-${volume.key}`,
        {
          cluster: args.cluster,
          deployment,
          ...loaded.volume(volume),
          key: volume.key,
          ...formerlyOf(args),
          deleteData: args.deleteData ?? false,
        },
        { parent },
      ),
    ],
  );
  return Object.fromEntries(created);
}

/** By service; each waits for those that start before it. */
export function createReplicas(
  of: Deploying,
  volumes: Readonly<Record<string, FlockerVolume>>,
  hosts: Hosts,
): Record<string, ServiceReplica[]> {
  const { application } = of.loaded;
  const created: Record<string, ServiceReplica[]> = {};
  for (const step of startOrder(application)) {
    const service = application.services[step.name] as Service;
    const startedBefore = step.after.flatMap((other) => created[other] ?? []);
    created[service.name] = indicesOf(service, of.scale).map((index) =>
      createReplica(of, { service, index, startedBefore, volumes, hosts }),
    );
  }
  return created;
}

function createReplica(
  of: Deploying,
  one: {
    readonly service: Service;
    readonly index: number;
    readonly startedBefore: readonly ServiceReplica[];
    readonly volumes: Readonly<Record<string, FlockerVolume>>;
    readonly hosts: Hosts;
  },
): ServiceReplica {
  const { name, deployment, args, given, parent, dependsOn } = of;
  const { service, index, startedBefore, volumes, hosts } = one;
  const key = `${service.name}-${index}`;
  const host = hosts.given.get(key);
  const ip = at(given.ips[service.name], index);
  return new ServiceReplica(
    `${name}-${key}`,
    {
      cluster: args.cluster,
      deployment,
      service: service.name,
      index,
      ...formerlyOf(args),
      container: withAliases(of, service),
      environment: environmentOf(of, service),
      volumes: volumeKeys(service).map((volume) => volumes[volume] as FlockerVolume),
      suggestedHost: hosts.suggested.apply((each) => each[key] as string),
      ...(host === undefined ? {} : { host }),
      ...(ip === undefined ? {} : { ip }),
      ...replicaSettings(of, service.name),
      // An output may bring nothing for this one, which is as good as nothing.
    } as ServiceReplicaArgs,
    { parent, dependsOn: [...startedBefore, ...dependsOn] },
  );
}

function formerlyOf({ formerly }: DeploymentArgs): Pick<DeploymentArgs, "formerly"> {
  return formerly === undefined ? {} : { formerly };
}

/** Only what is used: nothing of the rest may be seen in state. */
function replicaSettings({ args, given }: Deploying, service: string) {
  const { subnet, verify, healthTimeoutSeconds, maxBandwidth, estimate } = args;
  const lost = given.onSourceLost[service];
  const quiesce = given.quiesce[service];
  const resume = given.resume[service];
  return {
    ...(subnet === undefined ? {} : { subnet }),
    ...(verify === undefined ? {} : { verify }),
    ...(healthTimeoutSeconds === undefined ? {} : { healthTimeoutSeconds }),
    ...(lost === undefined ? {} : { onSourceLost: lost }),
    ...(quiesce === undefined ? {} : { quiesce }),
    ...(resume === undefined ? {} : { resume }),
    ...(maxBandwidth === undefined ? {} : { maxBandwidth }),
    ...(estimate === undefined ? {} : { estimate }),
  };
}

function environmentOf({ given, loaded }: Deploying, service: Service) {
  const ofProgram = given.environment[service.name] ?? {};
  const whole = all([loaded.environment(service), ofProgram]).apply(([ofFile, its]) => ({
    ...ofFile,
    ...its,
  }));
  const hidden = given.secretEnvironment[service.name] ?? false;
  if (isPlain(hidden)) return hidden ? secret(whole) : whole;
  return output(hidden).apply((kept) => (kept === true ? secret(whole) : whole));
}

/**
 * A link under another name becomes an entry in /etc/hosts: the address stays for life, so it never
 * goes stale.
 */
function withAliases(
  { deployment, scale, loaded, internals }: Deploying,
  service: Service,
): FieldsOf<ContainerSpec> {
  const container = loaded.container(service);
  const aliases = service.links.filter((link) => link.alias !== link.service);
  if (aliases.length === 0) return container;
  const linkedTo = (name: string) => loaded.application.services[name] as Service;
  return {
    ...container,
    extraHosts: all([container.extraHosts ?? [], internals.addresses.of(deployment)]).apply(
      (given) => {
        const [ofFile, each] = given;
        const leases = each?.leases ?? {};
        const extra = aliases.flatMap(({ service: linked, alias }) =>
          indicesOf(linkedTo(linked), scale).map((index) => ({
            name: alias,
            ip: leases[`${linked}-${index}`] as string,
          })),
        );
        return [...ofFile, ...extra];
      },
    ),
  };
}
