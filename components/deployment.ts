import {
  all,
  ComponentResource,
  Output,
  RunError,
  secret,
  type ComponentResourceOptions,
  type Input,
} from "@pulumi/pulumi";
import type { Service } from "../provider/core/application";
import { deploymentProblems } from "../provider/core/deployment-problems";
import { groupsOf } from "../provider/core/placement/groups";
import { suggestHosts } from "../provider/core/placement/suggest-hosts";
import type { ContainerSpec } from "../provider/core/container-spec";
import type { HookInput } from "../provider/core/replica/move-settings";
import { startOrder } from "../provider/core/start-order";
import type { FieldsOf } from "../provider/resources/inputs-of";
import { internalsOf } from "./cluster-internals";
import { dependencies } from "./dependencies";
import { FlockerVolume } from "./flocker-volume";
import { loadApplication } from "./load-application";
import { ServiceReplica } from "./service-replica";
import type { WeaveCluster } from "./weave-cluster";

/** What a `Deployment` is made of. */
export interface DeploymentArgs {
  /** The cluster that it runs on. */
  cluster: WeaveCluster;
  /** A fig v1, compose v2 / v3 or Compose Specification file: its path, or its text. */
  compose: string;
  /** A DNS label; replicas are `<service>.<name>.weave.local`. @default the resource's name */
  name?: string;
  /**
   * Whom it was before a `pulumi stack rename`, a rename of the project or of the deployment:
   * "project/stack" or "project/stack/deployment", or a list of them. What is there by that name is
   * taken over, with its data. Leave it in for as long as volumes made by that name may be in use.
   */
  formerly?: string | string[];
  /**
   * The host of each service; a list names one host per replica. Change it and the replica moves
   * with its address, name and data. A service that is not named is placed once and stays.
   *
   * @example { redis: "node1", web: ["node1", "node2"] }
   */
  hosts?: Record<string, Input<string> | Input<string>[]>;
  /** How many replicas of each service. @default what the file says, else 1 */
  scale?: Record<string, number>;
  /**
   * Values for `${NAME}` in the file. The program's own environment is not looked at, so that CI
   * previews the same. What an output stands in is an output, and as secret as that; services,
   * replicas and volumes cannot follow from one.
   */
  variables?: Record<string, Input<string>>;
  /**
   * Environment for a service's containers, beside the file's. Secret in state as a whole when one
   * value is.
   */
  environment?: Record<string, Record<string, Input<string>>>;
  /**
   * Keeps the whole environment of all services, or of those named here, secret in previews and
   * state, also where the file has it in clear: when an `env_file` holds passwords, for example.
   * What is secret in `environment` or `variables` is secret without it.
   *
   * @default false
   */
  secretEnvironment?: boolean | string[];
  /** A fixed subnet, for example "10.40.8.0/24". @default handed out by the cluster's pool */
  subnet?: Input<string>;
  /** Fixed addresses by service; a list names one per replica. */
  ips?: Record<string, Input<string> | Input<string>[]>;
  /** Delete the data of the file's named volumes together with them. @default false */
  deleteData?: Input<boolean>;
  /** As for `ServiceReplica`. @default "manifest" */
  verify?: Input<string>;
  /** As for `ServiceReplica`. @default 60 */
  healthTimeoutSeconds?: Input<number>;
  /**
   * As for `ServiceReplica`: one word for all services, or one for each that differs from "fail".
   *
   * @example { redis: "useLastCopy" }
   */
  onSourceLost?: Input<string> | Record<string, Input<string>>;
  /**
   * By service, a command in its containers just before one is stopped for a move; as for
   * `ServiceReplica`.
   *
   * @example { redis: "redis-cli save" }
   */
  quiesce?: Record<string, Input<HookInput>>;
  /**
   * By service, a command in its container once it runs on its new host; as for `ServiceReplica`.
   */
  resume?: Record<string, Input<HookInput>>;
  /** As for `ServiceReplica`. @default no bound */
  maxBandwidth?: Input<string | number>;
  /** As for `ServiceReplica`. @default false */
  estimate?: boolean;
}

/**
 * One application with a subnet of its own: every service of a compose or fig file, each replica on
 * its host.
 */
export class Deployment extends ComponentResource {
  /** Replicas by service, in order of their index. */
  readonly services: Readonly<Record<string, readonly ServiceReplica[]>>;
  /** Named volumes by their name in the file. */
  readonly volumes: Readonly<Record<string, FlockerVolume>>;
  /** Known in preview. */
  readonly subnet: Output<string>;

  constructor(name: string, args: DeploymentArgs, opts?: ComponentResourceOptions) {
    super("pulumi-ferry:index:Deployment", name, {}, opts);
    const { cluster } = args;
    const deployment = args.name ?? name;
    const createdUnderThis = { parent: this };
    const formerly = args.formerly === undefined ? {} : { formerly: args.formerly };
    const internals = internalsOf(cluster);
    const loaded = loadApplication(args.compose, args.variables ?? {});
    const { application } = loaded;
    const { hosts, scale, environment, ips, quiesce, resume } = args;
    const onSourceLost = isByService(args.onSourceLost) ? args.onSourceLost : undefined;
    const { hostNames } = internals;
    const problems = deploymentProblems({
      deployment,
      application,
      hostNames,
      hosts,
      scale,
      environment,
      ips,
      onSourceLost,
      quiesce,
      resume,
      secretEnvironment: args.secretEnvironment,
    });
    if (problems.length > 0) {
      throw new RunError(
        problems.map((problem) => `Deployment '${deployment}': ${problem}`).join("\n"),
      );
    }

    const scaleOf = (service: Service) => scale?.[service.name] ?? service.scale;
    const requests = placementRequests();
    const suggestions = internals.draining.apply((draining) =>
      suggestHosts(requests, hostNames, draining),
    );
    const groupHosts = hostsOfGroups();
    const volumes = createVolumes();
    const services = createReplicas();

    function placementRequests() {
      return Object.values(application.services).flatMap((service) =>
        indices(scaleOf(service)).map((index) => {
          const host = at(hosts?.[service.name], index);
          return {
            key: `${service.name}-${index}`,
            volumes: volumeKeys(service),
            ...(typeof host === "string" ? { host } : {}),
          };
        }),
      );
    }

    /** Who shares a volume goes to one host: the one that the program names for any of them. */
    function hostsOfGroups(): Map<string, Input<string>> {
      const given = new Map<string, Input<string>>();
      for (const service of Object.values(application.services)) {
        for (const index of indices(scaleOf(service))) {
          const host = at(hosts?.[service.name], index);
          if (host !== undefined) given.set(`${service.name}-${index}`, host);
        }
      }
      for (const group of groupsOf(requests)) {
        const key = group.map((member) => member.key).find((each) => given.has(each));
        if (key === undefined) continue;
        for (const member of group) {
          if (!given.has(member.key)) given.set(member.key, given.get(key) as Input<string>);
        }
      }
      return given;
    }

    function createVolumes(): Record<string, FlockerVolume> {
      const created = Object.values(application.volumes).map((volume): [string, FlockerVolume] => [
        volume.key,
        new FlockerVolume(
          `${name}-${volume.key}`,
          {
            cluster,
            deployment,
            ...loaded.volume(volume),
            key: volume.key,
            ...formerly,
            deleteData: args.deleteData ?? false,
          },
          createdUnderThis,
        ),
      ]);
      return Object.fromEntries(created);
    }

    function createReplicas(): Record<string, ServiceReplica[]> {
      const created: Record<string, ServiceReplica[]> = {};
      for (const step of startOrder(application)) {
        const service = application.services[step.name] as Service;
        const startedBefore = step.after.flatMap((other) => created[other] ?? []);
        created[service.name] = indices(scaleOf(service)).map((index) =>
          createReplica(service, index, startedBefore),
        );
      }
      return created;
    }

    function createReplica(
      service: Service,
      index: number,
      startedBefore: ServiceReplica[],
    ): ServiceReplica {
      const key = `${service.name}-${index}`;
      const host = groupHosts.get(key);
      const ip = at(ips?.[service.name], index);
      return new ServiceReplica(
        `${name}-${key}`,
        {
          cluster,
          deployment,
          service: service.name,
          index,
          ...formerly,
          container: withAliases(service),
          environment: environmentOf(service),
          volumes: volumeKeys(service).map((volume) => volumes[volume] as FlockerVolume),
          suggestedHost: suggestions.apply((each) => each[key] as string),
          ...(host === undefined ? {} : { host }),
          ...(ip === undefined ? {} : { ip }),
          ...(args.subnet === undefined ? {} : { subnet: args.subnet }),
          ...(args.verify === undefined ? {} : { verify: args.verify }),
          ...(args.healthTimeoutSeconds === undefined
            ? {}
            : { healthTimeoutSeconds: args.healthTimeoutSeconds }),
          ...moveSettings(service.name),
        },
        { ...createdUnderThis, dependsOn: [...startedBefore, ...dependencies(opts)] },
      );
    }

    function environmentOf(service: Service) {
      const whole = all([loaded.environment(service), environment?.[service.name] ?? {}]).apply(
        ([ofFile, given]) => ({ ...ofFile, ...given }),
      );
      const { secretEnvironment = false } = args;
      const hidden = Array.isArray(secretEnvironment)
        ? secretEnvironment.includes(service.name)
        : secretEnvironment;
      return hidden ? secret(whole) : whole;
    }

    /** Only what is used: nothing of the rest may be seen in state. */
    function moveSettings(service: string) {
      const { onSourceLost, maxBandwidth, estimate } = args;
      const lost = isByService(onSourceLost) ? onSourceLost[service] : onSourceLost;
      const quiesce = args.quiesce?.[service];
      const resume = args.resume?.[service];
      return {
        ...(lost === undefined ? {} : { onSourceLost: lost }),
        ...(quiesce === undefined ? {} : { quiesce }),
        ...(resume === undefined ? {} : { resume }),
        ...(maxBandwidth === undefined ? {} : { maxBandwidth }),
        ...(estimate === undefined ? {} : { estimate }),
      };
    }

    /**
     * A link under another name becomes an entry in /etc/hosts: the address stays for life, so it
     * never goes stale.
     */
    function withAliases(service: Service): FieldsOf<ContainerSpec> {
      const container = loaded.container(service);
      const aliases = service.links.filter((link) => link.alias !== link.service);
      if (aliases.length === 0) return container;
      return {
        ...container,
        extraHosts: all([container.extraHosts ?? [], internals.addresses.of(deployment)]).apply(
          (given) => {
            const [ofFile, each] = given;
            const leases = each?.leases ?? {};
            const extra = aliases.flatMap(({ service: linked, alias }) =>
              indices(scaleOf(application.services[linked] as Service)).map((index) => ({
                name: alias,
                ip: leases[`${linked}-${index}`] as string,
              })),
            );
            return [...ofFile, ...extra];
          },
        ),
      };
    }

    this.services = services;
    this.volumes = volumes;
    this.subnet = internals.addresses.of(deployment).apply((each) => each?.subnet as string);
    this.registerOutputs({ subnet: this.subnet });
  }
}

const indices = (count: number) => Array.from({ length: count }, (_, index) => index);

/** One value for all replicas, or one for each. */
function at<T>(values: T | T[] | undefined, index: number): T | undefined {
  return Array.isArray(values) ? values[index] : values;
}

/** One word for each service, rather than one for all, which may be an output or a promise. */
function isByService(
  given: DeploymentArgs["onSourceLost"],
): given is Record<string, Input<string>> {
  return typeof given === "object" && !Output.isInstance(given) && !(given instanceof Promise);
}

function volumeKeys(service: Service): string[] {
  const keys = (service.container.mounts ?? []).flatMap((mount) =>
    mount.type === "volume" && mount.volume !== undefined ? [mount.volume] : [],
  );
  return [...new Set(keys)];
}
