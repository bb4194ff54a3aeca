import {
  ComponentResource,
  RunError,
  type ComponentResourceOptions,
  type Output,
} from "@pulumi/pulumi";
import { deploymentProblems } from "../provider/core/deployment-problems";
import { suggestHosts } from "../provider/core/placement/suggest-hosts";
import { internalsOf } from "./cluster-internals";
import { dependencies } from "./dependencies";
import { isByService, type DeploymentArgs } from "./deployment-args";
import { hostsOfGroups, replicasToPlace } from "./deployment-hosts";
import { createReplicas, createVolumes, type Deploying, type Hosts } from "./deployment-parts";
import type { FlockerVolume } from "./flocker-volume";
import { loadApplication } from "./load-application";
import type { ServiceReplica } from "./service-replica";

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
    const deploying: Deploying = {
      name,
      deployment: args.name ?? name,
      args,
      internals: internalsOf(args.cluster),
      loaded: loadApplication(args.compose, args.variables ?? {}),
      parent: this,
      dependsOn: dependencies(opts),
    };
    refuseMistakes(deploying);
    const hosts = placed(deploying);
    this.volumes = createVolumes(deploying);
    this.services = createReplicas(deploying, this.volumes, hosts);
    this.subnet = subnetOf(deploying);
    this.registerOutputs({ subnet: this.subnet });
  }
}

function refuseMistakes({ deployment, args, loaded, internals }: Deploying): void {
  const { hosts, scale, environment, ips, onSourceLost, quiesce, resume } = args;
  const problems = deploymentProblems({
    ...{ deployment, hosts, scale, environment, ips, quiesce, resume },
    application: loaded.application,
    hostNames: internals.hostNames,
    onSourceLost: isByService(onSourceLost) ? onSourceLost : undefined,
    secretEnvironment: args.secretEnvironment,
  });
  if (problems.length === 0) return;
  throw new RunError(
    problems.map((problem) => `Deployment '${deployment}': ${problem}`).join("\n"),
  );
}

function placed({ args, loaded, internals }: Deploying): Hosts {
  const replicas = replicasToPlace(loaded.application, args);
  const suggested = internals.draining.apply((draining) =>
    suggestHosts(replicas, internals.hostNames, draining),
  );
  return { given: hostsOfGroups(replicas), suggested };
}

function subnetOf({ deployment, internals }: Deploying): Output<string> {
  return internals.addresses.of(deployment).apply((each) => each?.subnet as string);
}
