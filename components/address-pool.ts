import type { Resource } from "@pulumi/pulumi";
import {
  AddressPoolResource,
  type AddressPoolResourceArgs,
} from "../provider/resources/address-pool-resource";
import type { HostResource } from "../provider/resources/host-resource";
import { leaseRegistrations, requestsByDeployment } from "./lease-requests";

type Ranges = Pick<AddressPoolResourceArgs, "pool" | "exclude" | "ipallocRange">;

/** A cluster's pool, with the place where its replicas ask for their addresses. */
export function declareAddressPool(
  cluster: string,
  ranges: Ranges,
  discovered: ReadonlyMap<string, HostResource>,
  parent: Resource,
) {
  const leaseRequests = leaseRegistrations();
  const addressPool = new AddressPoolResource(
    `${cluster}-pool`,
    {
      cluster,
      ...ranges,
      hostRoutes: Object.fromEntries([...discovered].map(([host, found]) => [host, found.routes])),
      requests: requestsByDeployment(leaseRequests),
    },
    { parent },
  );
  return { addressPool, leaseRequests };
}
