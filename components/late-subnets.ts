import { all, type Output, type Resource } from "@pulumi/pulumi";
import type {
  AddressPoolResource,
  DeploymentAddresses,
} from "../provider/resources/address-pool-resource";
import { LateSubnetResource } from "../provider/resources/late-subnet-resource";
import type { Ranges } from "./addresses";
import { leaseRegistrations, requestsByDeployment, type LeaseRequest } from "./lease-requests";
import type { Registrations } from "./registrations";

interface LateSubnet {
  readonly requests: Registrations<LeaseRequest>;
  readonly resource: LateSubnetResource;
}

/**
 * Deployments that are declared after the cluster's pool has been planned: each has a resource of
 * its own below it.
 */
export class LateSubnets {
  readonly #subnets = new Map<string, LateSubnet>();

  constructor(
    private readonly cluster: string,
    private readonly ranges: Ranges,
    private readonly pool: AddressPoolResource,
    private readonly parent: Resource,
  ) {}

  ask(request: LeaseRequest): void {
    const { requests } = this.#of(request.deployment);
    if (!requests.closed) requests.add(request);
  }

  of(deployment: string): Output<DeploymentAddresses> {
    const { subnet, leases } = this.#of(deployment).resource;
    return all([subnet, leases]).apply(([block, each]) => ({ subnet: block, leases: each }));
  }

  #of(deployment: string): LateSubnet {
    return this.#subnets.get(deployment) ?? this.#declare(deployment);
  }

  /** Each knows of those before it, so that two new ones do not meet. */
  #declare(deployment: string): LateSubnet {
    const requests = leaseRegistrations();
    const request = requestsByDeployment(requests).apply(([only]) => only);
    const before = [...this.#subnets].map(([name, { resource }]) => [name, resource.subnet]);
    const resource = new LateSubnetResource(
      `${this.cluster}-${deployment}-addresses`,
      {
        cluster: this.cluster,
        deployment,
        ...this.ranges,
        known: this.pool.deployments,
        before: Object.fromEntries(before) as Record<string, Output<string>>,
        formerly: request.apply((each) => [...(each?.formerly ?? [])]),
        subnet: request.apply((each) => each?.subnet as string),
        replicas: request.apply((each) => each?.replicas ?? []),
      },
      { parent: this.parent },
    );
    const late = { requests, resource };
    this.#subnets.set(deployment, late);
    return late;
  }
}
