import { overlaps, parseAddress, parseCidr, type Cidr } from "./ipv4";
import type { AddressPoolState, DeploymentAddresses } from "./model";

/** Something that one deployment or replica had, and another one is to have. */
export interface HandedOn {
  readonly block: Cidr;
  /** The deployment, or the replica of the same deployment, that had it. */
  readonly from: string;
  /** The deployment that is to have it. */
  readonly to: string;
  /** The replica that is to have it, when it is one address. */
  readonly replica?: string;
}

type Kept = Pick<AddressPoolState, "deployments" | "released">;

/**
 * What changes hands between two states of a pool. Whoever had it was not named by the program for a while; whether its
 * containers are gone, no state can tell.
 */
export function handedOn(before: Kept, after: Kept): HandedOn[] {
  const resting = [
    ...Object.entries(before.deployments).map(([by, { subnet }]) => ({ by, subnet })),
    ...Object.entries(before.released ?? {}).map(([subnet, { by }]) => ({ by, subnet })),
  ].map(({ by, subnet }) => ({ by, block: parseCidr(subnet) }));
  return Object.entries(after.deployments).flatMap(([to, now]) => {
    if (now.missing !== undefined) return [];
    const old = before.deployments[to];
    return [...subnetsOfOthers(to, now, old, resting), ...addressesOfOthers(to, now, old)];
  });
}

function subnetsOfOthers(
  to: string,
  now: DeploymentAddresses,
  old: DeploymentAddresses | undefined,
  resting: readonly { by: string; block: Cidr }[],
): HandedOn[] {
  if (old?.subnet === now.subnet) return [];
  const subnet = parseCidr(now.subnet);
  return resting
    .filter(({ by, block }) => by !== to && overlaps(block, subnet))
    .map(({ by, block }) => ({ block, from: by, to }));
}

function addressesOfOthers(
  to: string,
  now: DeploymentAddresses,
  old: DeploymentAddresses | undefined,
): HandedOn[] {
  return Object.entries(now.leases).flatMap(([replica, ip]) => {
    const from = old?.released?.[ip]?.by;
    if (from === undefined || from === replica) return [];
    return [{ block: { base: parseAddress(ip), prefix: 32 }, from, to, replica }];
  });
}
