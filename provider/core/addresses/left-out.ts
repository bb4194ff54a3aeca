import type { DeploymentsAddresses } from "./model";

/**
 * For a preview: whom the program no longer declares, and what stays of them. Pulumi deletes their
 * resources without asking Ferry before, so that nothing else could say it in time.
 */
export function leftOutInWords(
  before: DeploymentsAddresses,
  after: DeploymentsAddresses,
): string[] {
  return Object.entries(before).flatMap(([deployment, { leases, missing }]) => {
    const now = after[deployment];
    // One that is renamed goes on by another name.
    if (missing !== undefined || now === undefined) return [];
    if (now.missing !== undefined) return [deploymentLeftOut(deployment, Object.keys(leases))];
    return Object.entries(leases)
      .filter(([replica]) => now.leases[replica] === undefined)
      .map(([replica, ip]) => replicaLeftOut(deployment, replica, ip));
  });
}

function deploymentLeftOut(deployment: string, replicas: readonly string[]): string {
  return (
    `deployment '${deployment}' is no longer declared: its containers go with their resources (${[...replicas].sort().join(", ")}); ` +
    "the data of its volumes stays on their hosts, but for volumes with `deleteData`, and its addresses are kept for it"
  );
}

function replicaLeftOut(deployment: string, replica: string, ip: string): string {
  return (
    `replica '${replica}' of deployment '${deployment}' is no longer declared: its container goes with its resource; ` +
    `what its volumes hold stays while they are declared, and ${ip} is kept for it`
  );
}
