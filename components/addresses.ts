import { type Output, type Resource } from "@pulumi/pulumi";
import {
  AddressPoolResource,
  type AddressPoolResourceArgs,
  type DeploymentAddresses,
} from "../provider/resources/address-pool-resource";
import { mistake } from "../provider/resources/mistake";
import { LateSubnets } from "./late-subnets";
import {
  leaseRegistrations,
  requestsByDeployment,
  tooLate,
  type LeaseRequest,
} from "./lease-requests";

export type Ranges = Pick<AddressPoolResourceArgs, "pool" | "exclude" | "ipallocRange">;

/**
 * Where a cluster's replicas ask for their addresses, and have them from: the pool, which plans all
 * that is declared before the program waits for anything, or, for a deployment that is declared
 * later, a resource of its own.
 */
export class Addresses {
  readonly pool: AddressPoolResource;
  readonly #requests = leaseRegistrations();
  readonly #inTime = new Set<string>();
  /** One output for all replicas of a deployment. */
  readonly #found = new Map<string, Output<DeploymentAddresses | undefined>>();
  readonly #late: LateSubnets;

  constructor(
    cluster: string,
    ranges: Ranges,
    hostRoutes: AddressPoolResourceArgs["hostRoutes"],
    parent: Resource,
  ) {
    this.pool = new AddressPoolResource(
      `${cluster}-pool`,
      {
        cluster,
        ...ranges,
        hostRoutes,
        requests: requestsByDeployment(this.#requests),
      },
      { parent },
    );
    this.#late = new LateSubnets(cluster, ranges, this.pool, parent);
  }

  ask(request: LeaseRequest): void {
    const { deployment } = request;
    if (this.#isLate(deployment)) this.#late.ask(request);
    if (this.#requests.closed) return;
    this.#inTime.add(deployment);
    this.#requests.add(request);
  }

  of(deployment: string): Output<DeploymentAddresses | undefined> {
    if (this.#isLate(deployment)) return this.#late.of(deployment);
    const found =
      this.#found.get(deployment) ??
      this.pool.deployments.apply((all) => (isAnswered(all) ? all[deployment] : NO_ANSWER));
    this.#found.set(deployment, found);
    return found;
  }

  lease(deployment: string, key: string): Output<string> {
    return this.of(deployment).apply((addresses) => {
      if (addresses !== undefined && !isAnswered(addresses.leases)) return NO_LEASE;
      const ip = addresses && leaseIn(addresses, key);
      if (ip === undefined) throw mistake(tooLate(deployment, key));
      return ip;
    });
  }

  /** A deployment of which nothing was declared while the pool was waiting. */
  #isLate(deployment: string): boolean {
    return this.#requests.closed && !this.#inTime.has(deployment);
  }
}

/** The mocks of a user's tests may answer nothing, and then there is nothing. */
const NO_ANSWER = {} as DeploymentAddresses;
const NO_LEASE = undefined as unknown as string;
const isAnswered = (answer: unknown): boolean => answer !== undefined;

/** One that is declared apart from the others may be remembered from a run in which it was not. */
function leaseIn({ leases, released = {} }: DeploymentAddresses, key: string): string | undefined {
  if (leases[key] !== undefined) return leases[key];
  const [remembered] = Object.entries(released)
    .filter(([, { by }]) => by === key)
    .sort(([, a], [, b]) => b.generation - a.generation);
  return remembered?.[0];
}
