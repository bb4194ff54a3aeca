import { output, type Input, type Output } from "@pulumi/pulumi";
import type { DeploymentRequest } from "../provider/resources/address-pool-resource";
import { Registrations } from "./registrations";

/** One replica's wish for an address. */
export interface LeaseRequest {
  readonly deployment: string;
  /** Names that the deployment had before. */
  readonly formerly?: readonly string[];
  /** "redis-0". */
  readonly key: string;
  /** A fixed address. */
  readonly ip?: Input<string | undefined>;
  /** A fixed subnet for the whole deployment. */
  readonly subnet?: Input<string>;
}

export function leaseRegistrations(): Registrations<LeaseRequest> {
  return new Registrations(({ deployment, key }) => tooLate(deployment, key));
}

/** For a replica that is declared apart from its deployment's others, and that nobody remembers. */
export function tooLate(deployment: string, key: string): string {
  return (
    `Deployment '${deployment}' asks for an address for '${key}' after the addresses of its other replicas have been ` +
    "settled. Declare all replicas of a deployment together, with no wait between them."
  );
}

/** What the address pool asks for: settles when the program has stopped declaring replicas. */
export function requestsByDeployment(
  registrations: Registrations<LeaseRequest>,
): Output<DeploymentRequest[]> {
  return output(registrations.all.then(group));
}

function group(requests: readonly LeaseRequest[]): DeploymentRequest[] {
  const deployments = new Map<
    string,
    {
      formerly?: readonly string[];
      subnet?: Input<string>;
      replicas: { key: string; ip?: Input<string | undefined> }[];
    }
  >();
  for (const { deployment, formerly = [], key, ip, subnet } of requests) {
    const entry = deployments.get(deployment) ?? { replicas: [] };
    deployments.set(deployment, entry);
    if (subnet !== undefined) entry.subnet = subnet;
    if (formerly.length > 0) entry.formerly = formerly;
    entry.replicas.push(ip === undefined ? { key } : { key, ip });
  }
  return [...deployments].map(([deployment, entry]) => ({ deployment, ...entry }));
}
