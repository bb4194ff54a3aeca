import {
  all,
  interpolate,
  output,
  secret,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { labelOf, type Service, type Volume } from "../provider/core/application";
import type { ContainerSpec, ExtraHost } from "../provider/core/container-spec";
import { containsAddress, parseAddress, parseCidr } from "../provider/core/addresses/ipv4";
import type { Placements } from "../provider/core/placement/suggest-hosts";
import { publishedEverywhere } from "../provider/core/ports/everywhere";
import { hasOwnNetwork, joinedBy, JOINABLE } from "../provider/core/replica/own-network";
import { programHash } from "../provider/core/replica/spec-hash";
import { startOrder } from "../provider/core/start-order";
import { FLOCKER_DRIVER } from "../provider/core/volume/flocker";
import { FOLDER_DRIVER } from "../provider/core/volume/folder";
import type { FieldsOf } from "../provider/resources/inputs-of";
import { mistake } from "../provider/resources/mistake";
import { adoptedContainer, adoptedHost, adoptedProject, requireKnownServices } from "./adoption";
import type { ClusterInternals } from "./cluster-internals";
import { builtImage } from "./built-images";
import type { ByService } from "./by-service";
import type { DeploymentArgs } from "./deployment-args";
import { at, indicesOf, volumeKeys } from "./deployment-hosts";
import { FlockerVolume } from "./flocker-volume";
import { isPlain } from "./known";
import type { LoadedApplication } from "./load-application";
import { loginsWith, pushedImage } from "./pushed-images";
import { placedArgs, type WishedHosts } from "./wished-hosts";
import { ServiceReplica } from "./service-replica";
import type { DeclaredReplicaArgs } from "./service-replica-args";

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
  readonly suggested: Output<Placements>;
  /** Where the deployment says how it is to be placed. */
  readonly wished?: WishedHosts;
}

export function createVolumes(of: Deploying): Record<string, FlockerVolume> {
  const { name, deployment, args, loaded, parent } = of;
  requireKnownVolumes(of);
  requireKnownServices(of);
  const project = adoptedProject(of);
  const created = Object.values(loaded.application.volumes).map(
    (volume): [string, FlockerVolume] => [
      volume.key,
      new FlockerVolume(
        `${name}-${volume.key}`,
        {
          cluster: args.cluster,
          deployment,
          ...loaded.volume(volume),
          ...(args.flocker !== undefined && isFlockers(volume) ? { flocker: args.flocker } : {}),
          key: volume.key,
          ...formerlyOf(args),
          ...(project === undefined || isFolder(volume) ? {} : { adopt: project }),
          deleteData: args.deleteData ?? false,
          ...args.upkeep?.[volume.key],
        },
        { parent },
      ),
    ],
  );
  return Object.fromEntries(created);
}

/** Whose scope says otherwise is another's. */
const isFlockers = ({ driver, scope = "attach" }: Volume) =>
  driver === FLOCKER_DRIVER && scope === "attach";

/** Its data is where it is; the Docker volume that stands for it is Ferry's. */
const isFolder = ({ driver }: Volume) => driver === FOLDER_DRIVER;

function requireKnownVolumes({ deployment, args, loaded }: Deploying): void {
  const known = Object.values(loaded.application.volumes).map(({ key }) => key);
  const unknown = Object.keys(args.upkeep ?? {}).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const has = known.length === 0 ? "It has none." : `It has: ${known.join(", ")}.`;
  throw mistake(`Deployment '${deployment}': upkeep: the file has no volume '${unknown}'. ${has}`);
}

/** By service; each waits for those that start before it. */
export function createReplicas(
  of: Deploying,
  volumes: Readonly<Record<string, FlockerVolume>>,
  hosts: Hosts,
): Record<string, ServiceReplica[]> {
  const { loaded } = of;
  const { application } = loaded;
  const created: Record<string, ServiceReplica[]> = {};
  const programs: Record<string, Program> = {};
  const names = furtherNames(of);
  for (const step of startOrder(application)) {
    const service = application.services[step.name] as Service;
    const made = built(of, service, onOwnHost(of, service, withNames(of, service, names)));
    const environment = environmentOf(of, service);
    programs[service.name] = { spec: made.container, environment };
    const ofService = {
      service,
      joins: joinedBy(service.container, "service").map((other) => created[other] ?? []),
      startedBefore: step.after.flatMap((other) => created[other] ?? []),
      ...made,
      environment,
      ...restartsWith(service, programs),
      files: loaded.files(service),
      folders: loaded.folders(service),
      volumes: volumeKeys(service).map((volume) => volumes[volume] as FlockerVolume),
      hosts,
    };
    created[service.name] = indicesOf(service, of.scale).map((index) =>
      createReplica(of, ofService, index),
    );
  }
  return created;
}

/** What all replicas of a service have in common. */
interface OfService extends Pick<
  DeclaredReplicaArgs,
  "build" | "pull" | "environment" | "files" | "folders" | "volumes" | "restartsWith"
> {
  readonly container: FieldsOf<ContainerSpec>;
  readonly service: Service;
  /** Replicas of the services whose namespaces it is in. */
  readonly joins: readonly (readonly ServiceReplica[])[];
  readonly startedBefore: readonly ServiceReplica[];
  readonly hosts: Hosts;
}

function createReplica(of: Deploying, ofService: OfService, index: number): ServiceReplica {
  const { name, deployment, args, given, parent, dependsOn } = of;
  const { service, startedBefore, hosts, joins, container, ...ofAll } = ofService;
  const joined = joins.flatMap((replicas) => replicas[index] ?? []);
  const key = `${service.name}-${index}`;
  const host = hosts.given.get(key);
  const ip = at(given.ips[service.name], index) ?? ofFile(of, service, index);
  return new ServiceReplica(
    `${name}-${labelOf(service)}-${index}`,
    {
      cluster: args.cluster,
      deployment,
      service: labelOf(service),
      index,
      ...formerlyOf(args),
      ...ofAll,
      container: joining(container, service, joined),
      ...(joined.length === 0 ? {} : { joins: joined }),
      suggestedHost: hosts.suggested.apply((each) => adoptedHost(of) ?? (each[key] as string)),
      ...placedArgs(of, service, key, hosts.wished),
      ...(host === undefined ? {} : { host }),
      ...(ip === undefined ? {} : { ip }),
      ...(service.job === true ? { job: true } : {}),
      ...changesOf(of, service),
      ...replicaSettings(of, service.name),
      ...adoptedContainer(of, service, { index, replicas: indicesOf(service, of.scale).length }),
      // An output may bring nothing for this one, which is as good as nothing.
    } as DeclaredReplicaArgs,
    { parent, dependsOn: [...startedBefore, ...dependsOn] },
  );
}

/** Another container of the lead's is another one of its own. */
function joining(
  container: FieldsOf<ContainerSpec>,
  { container: said }: Service,
  joined: readonly ServiceReplica[],
): FieldsOf<ContainerSpec> {
  if (joined.length === 0) return container;
  const services = joinedBy(said, "service");
  const named = JOINABLE.flatMap((key) => {
    const lead = joined[services.findIndex((each) => said[key] === `service:${each}`)];
    return lead === undefined ? [] : [[key, interpolate`container:${lead.containerId}`]];
  });
  return { ...container, ...(Object.fromEntries(named) as FieldsOf<Partial<ContainerSpec>>) };
}

/** With the image that it is built as, and when that is pulled which it is not. */
function built(
  of: Deploying,
  service: Service,
  container: FieldsOf<ContainerSpec>,
): Pick<OfService, "build" | "pull"> & { readonly container: FieldsOf<ContainerSpec> } {
  const { deployment, loaded } = of;
  const { pull } = service;
  const image = builtImage(deployment, loaded, service);
  if (image === undefined) return { container, ...(pull === undefined ? {} : { pull }) };
  const { registry } = of.args;
  if (registry !== undefined)
    return { container: { ...container, image: pushedImage({ ...of, registry }, service, image) } };
  return { container: { ...container, image: image.image }, build: image.build };
}

interface Program {
  readonly spec: FieldsOf<ContainerSpec>;
  readonly environment: ReturnType<typeof environmentOf>;
}

/** Those that it depends on with `restart: true`; they are declared before it. */
function restartsWith(
  { dependsOn }: Service,
  programs: Readonly<Record<string, Program>>,
): Pick<DeclaredReplicaArgs, "restartsWith"> {
  const others = dependsOn.flatMap(({ service, restart }) => {
    const program = programs[service];
    return restart === true && program !== undefined ? [program] : [];
  });
  if (others.length === 0) return {};
  return { restartsWith: output(others).apply((programs) => programHash(programs)) };
}

function changesOf({ scale }: Deploying, service: Service): Pick<DeclaredReplicaArgs, "changes"> {
  const { changes } = service;
  if (changes === undefined) return {};
  return { changes: { ...changes, replicas: indicesOf(service, scale).length } };
}

function formerlyOf({ formerly }: DeploymentArgs): Pick<DeploymentArgs, "formerly"> {
  return formerly === undefined ? {} : { formerly };
}

/** Only what is used: nothing of the rest may be seen in state. */
function replicaSettings({ args, given }: Deploying, service: string) {
  const { subnet, verify, healthTimeoutSeconds, maxBandwidth, estimate, registry } = args;
  const registries =
    registry === undefined ? args.registries : loginsWith(registry, args.registries);
  const lost = given.onSourceLost[service];
  const quiesce = given.quiesce[service];
  const resume = given.resume[service];
  return {
    ...(subnet === undefined ? {} : { subnet }),
    ...(registries === undefined ? {} : { registries }),
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

/** A name in /etc/hosts for the replicas of a service. */
interface FurtherName {
  readonly name: string;
  readonly service: string;
}

/** What every container of the deployment knows its services by, beside their names in DNS. */
function furtherNames({ loaded }: Deploying): FurtherName[] {
  return Object.values(loaded.application.services).flatMap(({ name: service, names = [] }) =>
    names.map((name) => ({ name, service })),
  );
}

/**
 * A link under another name, and any further name of a service, becomes an entry in /etc/hosts: the
 * address stays for life, so it never goes stale.
 */
function withNames(
  { deployment, scale, loaded, internals }: Deploying,
  service: Service,
  names: readonly FurtherName[],
): FieldsOf<ContainerSpec> {
  const container = loaded.container(service);
  if (!hasOwnNetwork(service.container)) return container;
  const links = service.links
    .filter((link) => isOnOverlay(loaded, link.service))
    .filter((link) => link.alias !== link.service)
    .map((link) => ({ name: link.alias, service: link.service }));
  const own = new Set(links.map(({ name }) => name));
  const entries = [...links, ...names.filter(({ name }) => !own.has(name))];
  if (entries.length === 0) return container;
  return {
    ...container,
    extraHosts: all([container.extraHosts ?? [], internals.addresses.of(deployment)]).apply(
      ([said, each]): ExtraHost[] => {
        const leases = each?.leases ?? {};
        const known = new Set((said as ExtraHost[]).map(({ name }) => name));
        const extra = entries.flatMap(({ name, service: other }) => {
          const named = loaded.application.services[other] as Service;
          if (known.has(name) && !own.has(name)) return [];
          return indicesOf(named, scale).map((index) => ({
            name,
            ip: leases[`${labelOf(named)}-${index}`] as string,
          }));
        });
        return [...(said as ExtraHost[]), ...extra];
      },
    ),
  };
}

/** What answers on every host is not its host's to publish. */
function onOwnHost(
  { loaded, args }: Deploying,
  { name }: Service,
  { ports, ...container }: FieldsOf<ContainerSpec>,
): FieldsOf<ContainerSpec> {
  const everywhere = publishedEverywhere(loaded.application, args.publish).has(name);
  return { ...container, ...(everywhere || ports === undefined ? {} : { ports }) };
}

const isOnOverlay = ({ application }: LoadedApplication, service: string) =>
  hasOwnNetwork(application.services[service]?.container ?? {});

/** The file's own wish, which counts where it is inside the subnet that the program fixes. */
function ofFile({ args }: Deploying, service: Service, index: number): string | undefined {
  const { ipv4Address } = service;
  const fits = typeof args.subnet === "string" && isInside(args.subnet, ipv4Address);
  return index === 0 && fits ? ipv4Address : undefined;
}

/** A subnet that is none is told by the resources' `check`. */
function isInside(subnet: string, address: string | undefined): boolean {
  if (address === undefined) return false;
  try {
    return containsAddress(parseCidr(subnet), parseAddress(address));
  } catch {
    return false;
  }
}
