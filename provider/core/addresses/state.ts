import type { PlannedAllocation } from "./draft";
import { formatAddress, formatCidr, parseAddress, parseCidr } from "./ipv4";
import type {
  Allocation,
  DeploymentAddresses,
  DeploymentsAddresses,
  PoolHistory,
  Release,
  ReleasedSubnet,
} from "./model";
import { compareReplicas, compareText } from "./order";

type Released = Readonly<Record<string, Release>>;

/** Reads what state keeps. Throws a FerryError when it holds something that is no address. */
export function readHistory(
  deployments: DeploymentsAddresses,
  released: Released = {},
): PoolHistory {
  return {
    deployments: new Map(
      Object.entries(deployments).map(([name, addresses]) => [name, readAllocation(addresses)]),
    ),
    released: Object.entries(released).map(([subnet, release]) => ({
      subnet: parseCidr(subnet),
      ...release,
    })),
  };
}

function readAllocation({
  subnet,
  leases,
  released = {},
  missing,
  formerly,
}: DeploymentAddresses): Allocation {
  return {
    subnet: parseCidr(subnet),
    leases: new Map(Object.entries(leases).map(([key, ip]) => [key, parseAddress(ip)])),
    released: new Map(Object.entries(released).map(([ip, release]) => [parseAddress(ip), release])),
    ...(missing !== undefined && { missing }),
    ...(formerly !== undefined && { formerly }),
  };
}

/** As state keeps it: sorted, so that the same plan is the same text. */
export function writeDeployments(
  deployments: ReadonlyMap<string, PlannedAllocation>,
): DeploymentsAddresses {
  return Object.fromEntries(
    [...deployments]
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, allocation]) => [name, writeAllocation(allocation)]),
  );
}

function writeAllocation({
  subnet,
  leases,
  released,
  missing,
  formerly,
}: PlannedAllocation): DeploymentAddresses {
  return {
    subnet: typeof subnet === "string" ? subnet : formatCidr(subnet),
    leases: Object.fromEntries(
      [...leases]
        .sort(([a], [b]) => compareReplicas(a, b))
        .map(([key, ip]) => [key, typeof ip === "string" ? ip : formatAddress(ip)]),
    ),
    ...(released.size > 0 && {
      released: Object.fromEntries(
        [...released].map(([ip, { by, generation }]) => [formatAddress(ip), { by, generation }]),
      ),
    }),
    ...(missing !== undefined && { missing }),
    ...(formerly !== undefined && { formerly }),
  };
}

/** Absent when there are none. */
export function writeReleased(released: readonly ReleasedSubnet[]): { released?: Released } {
  if (released.length === 0) return {};
  return {
    released: Object.fromEntries(
      released.map(({ subnet, by, generation }) => [formatCidr(subnet), { by, generation }]),
    ),
  };
}
