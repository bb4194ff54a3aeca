import { type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import { deploymentProblems, lateProblems } from "../provider/core/deployment-problems";
import { publishProblems } from "../provider/core/ports/everywhere";
import { mistake } from "../provider/resources/mistake";
import { byService, type GivenByService } from "./by-service";
import { internalsOf, type ClusterInternals } from "./cluster-internals";
import { declared, lookUp, type ByName } from "./declared";
import { dependencies } from "./dependencies";
import type { DeploymentArgs } from "./deployment-args";
import { hostsOfGroups, replicasToPlace } from "./deployment-hosts";
import { createReplicas, createVolumes, type Deploying, type Hosts } from "./deployment-parts";
import { deploymentShape, type DeploymentShape } from "./deployment-shape";
import { volumeInCluster, type FlockerVolume } from "./flocker-volume";
import { follow, outputIn, type Known } from "./known";
import { LateComponent } from "./late-component";
import { loadApplication } from "./load-application";
import { createPorts } from "./publish-everywhere";
import { createSeparation } from "./separate";
import type { ServiceReplica } from "./service-replica";
import { wishedHosts, withWishes } from "./wished-hosts";
import { tellUnknown } from "./tell-unknown";

/** What a deployment has declared. */
export interface DeploymentParts {
  /** Replicas by service, in order of their index. */
  readonly services: ByName<readonly ServiceReplica[]>;
  /** Named volumes by their name in the file. */
  readonly volumes: ByName<FlockerVolume>;
}

/**
 * One application with a subnet of its own: every service of a compose or fig file, each replica on
 * its host.
 *
 * @example
 * const apples = new ferry.Deployment("apples", {
 *   cluster,
 *   compose: "fig.yml",
 *   hosts: { redis: "node1" }, // another host, and `pulumi up` moves it with address, name and data
 * });
 * export const redisIp = apples.replica("redis").ip;
 */
export class Deployment extends LateComponent {
  /**
   * Replicas by service, in order of their index. Not there where `compose` or `scale` is an
   * output: `parts` has them then.
   */
  readonly services: DeploymentParts["services"];
  /** Named volumes by their name in the file; see `services`. */
  readonly volumes: DeploymentParts["volumes"];
  /** Known in preview. */
  readonly subnet: Output<string>;
  readonly #parts: Known<DeploymentParts>;

  constructor(name: string, args: DeploymentArgs, opts?: ComponentResourceOptions) {
    super("pulumi-ferry:index:Deployment", name, {}, opts);
    const deployment = args.name ?? name;
    const { shape, parts } = this.declaring(
      () => declareAll({ name, deployment, args, parent: this, dependsOn: dependencies(opts) }),
      (all) => all.parts,
    );
    const late = (what: string) =>
      declared<never>(
        {},
        () =>
          `Deployment '${deployment}': which ${what} it has follows from an output. Take them from \`parts\`: ` +
          `${deployment}.parts.apply(({ ${what} }) => ...).`,
      );
    this.services = "now" in parts ? parts.now.services : late("services");
    this.volumes = "now" in parts ? parts.now.volumes : late("volumes");
    this.#parts = parts;
    this.subnet = outputIn(parts, ({ subnet }) => subnet);
    if ("later" in shape) tellUnknown(shape.later, this, `Deployment '${deployment}'`);
    this.registerOutputs({ subnet: this.subnet });
  }

  /** Replicas and volumes, whether the program knows at once which there are or an output says so. */
  get parts(): Output<DeploymentParts> {
    return outputIn(this.#parts, ({ services, volumes }) => ({ services, volumes }));
  }

  /**
   * One replica of a service.
   *
   * @throws RunError where there is none, naming those that there are.
   */
  replica(service: string, index = 0): ServiceReplica {
    const replicas = lookUp(this.services, service);
    const found = replicas[index];
    if (found !== undefined) return found;
    throw mistake(
      `Service '${service}' has no replica ${index}: it has ${replicas.length}, counted from 0.`,
    );
  }

  /**
   * One of the file's named volumes.
   *
   * @throws RunError where there is none, naming those that there are.
   */
  volume(name: string): FlockerVolume {
    return lookUp(this.volumes, name);
  }
}

/** At once, or as soon as it is known what there is. */
function declareAll(of: Omit<Deploying, "internals" | "loaded" | "scale" | "given">) {
  const { deployment, args } = of;
  const internals = internalsOf(args.cluster);
  const shape = deploymentShape(deployment, args);
  const parts = follow(shape, (each) => {
    const deploying = { ...of, internals, ...read(deployment, args, each, internals) };
    return { ...declare(deploying), subnet: subnetOf(deploying) };
  });
  return { shape, parts };
}

/** The file, and what the program says of its services. */
function read(
  deployment: string,
  args: DeploymentArgs,
  shape: DeploymentShape,
  internals: ClusterInternals,
): Pick<Deploying, "loaded" | "scale" | "given"> {
  const { scale } = shape;
  const loaded = loadApplication(shape);
  const { application } = loaded;
  const { hostNames } = internals;
  const request = { deployment, application, scale };
  const refuse = (problems: readonly string[]) => {
    if (problems.length === 0) return;
    throw mistake(problems.map((problem) => `Deployment '${deployment}': ${problem}`).join("\n"));
  };
  refuse(publishProblems(application, args.publish));
  const refuseHosts = (given: GivenByService) =>
    follow(hostNames, (names) => refuse(lateProblems({ ...request, ...given, hostNames: names })));
  const given = byService(Object.keys(application.services), args, {
    atOnce(plain) {
      refuse(deploymentProblems({ ...request, ...plain }));
      refuseHosts(plain);
    },
    late: refuseHosts,
  });
  return { loaded, scale, given };
}

function declare(deploying: Deploying): DeploymentParts {
  const { deployment } = deploying;
  const volumes = createVolumes(deploying);
  const dependsOn = [...deploying.dependsOn, ...createSeparation(deploying)];
  const services = createReplicas({ ...deploying, dependsOn }, volumes, placed(deploying));
  createPorts(deploying, services);
  return {
    services: declared(services, missing(deployment, "service")),
    volumes: declared(volumes, missing(deployment, "named volume")),
  };
}

const missing = (deployment: string, what: string) => (name: string, names: readonly string[]) =>
  `Deployment '${deployment}': the file has no ${what} '${name}'. ` +
  (names.length === 0 ? "It has none." : `It has: ${names.join(", ")}.`);

function placed(of: Deploying): Hosts {
  const { deployment, loaded, scale, given, internals } = of;
  const replicas = replicasToPlace(loaded.application, scale, given.hosts);
  const ofCluster = replicas.map(({ volumes, ...replica }) => ({
    ...replica,
    volumes: volumes.map((key) => volumeInCluster({ deployment, key })),
  }));
  const suggested = internals.placement.suggest({ byHand: false, replicas: ofCluster });
  const hosts = { given: hostsOfGroups(replicas), suggested };
  const wished = wishedHosts(of, replicas, hosts.given);
  return wished === undefined
    ? hosts
    : { ...hosts, wished, suggested: withWishes(suggested, wished) };
}

function subnetOf({ deployment, internals }: Deploying): Output<string> {
  return internals.addresses.of(deployment).apply((each) => each?.subnet as string);
}
