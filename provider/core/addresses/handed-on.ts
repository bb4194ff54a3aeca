import { overlaps, parseAddress, parseCidr, type Cidr } from "./ipv4";
import { lateHalf } from "./late-blocks";
import type { AddressPoolState, DeploymentAddresses } from "./model";

/** Something that one deployment or replica had, or may have, and another one is to have. */
export interface HandedOn {
  readonly block: Cidr;
  /**
   * The deployment, or the replica of the same deployment, that had it. Absent: nobody that the
   * pool knows of.
   */
  readonly from?: string;
  /** The deployment that is to have it. */
  readonly to: string;
  /** Names that the deployment had before: its containers may still have one of them. */
  readonly formerly?: readonly string[];
  /** The replica that is to have it, when it is one address. */
  readonly replica?: string;
}

/**
 * What is new between two states of a pool and may be in use by somebody whom the pool does not
 * know, since that one was declared too late for it: a subnet where such ones are put, or an
 * address of a deployment that was itself one of them.
 */
export function mayBeInUse(before: Kept, after: Kept & Pick<AddressPoolState, "pool">): HandedOn[] {
  const half = lateHalf(parseCidr(after.pool));
  return Object.entries(after.deployments).flatMap(([to, now]): HandedOn[] => {
    if (now.missing !== undefined) return [];
    const old = before.deployments[nameIn(before, to, now)];
    const block = parseCidr(now.subnet);
    if (old?.subnet !== now.subnet) return overlaps(block, half) ? [{ block, to }] : [];
    if (old.missing === undefined) return [];
    return Object.entries(now.leases)
      .filter(([replica, ip]) => old.leases[replica] !== ip)
      .map(([replica, ip]) => ({ block: { base: parseAddress(ip), prefix: 32 }, to, replica }));
  });
}

type Kept = Pick<AddressPoolState, "deployments" | "released">;

/**
 * What changes hands between two states of a pool. Whoever had it was not named by the program for
 * a while; whether its containers are gone, no state can tell.
 */
export function handedOn(before: Kept, after: Kept): HandedOn[] {
  const resting = [
    ...Object.entries(before.deployments).map(([by, { subnet }]) => ({ by, subnet })),
    ...Object.entries(before.released ?? {}).map(([subnet, { by }]) => ({ by, subnet })),
  ].map(({ by, subnet }) => ({ by, block: parseCidr(subnet) }));
  return Object.entries(after.deployments).flatMap(([to, now]) => {
    if (now.missing !== undefined) return [];
    const was = nameIn(before, to, now);
    const old = before.deployments[was];
    const others = resting.filter(({ by }) => by !== to && by !== was);
    return [...subnetsOfOthers(to, now, old, others), ...addressesOfOthers(to, now, old)];
  });
}

/** The name by which it had what it has: today's, or, in the run that renames it, the one before. */
function nameIn(
  { deployments }: Pick<Kept, "deployments">,
  to: string,
  { formerly = [] }: DeploymentAddresses,
): string {
  return [to, ...formerly].find((each) => deployments[each] !== undefined) ?? to;
}

function subnetsOfOthers(
  to: string,
  now: DeploymentAddresses,
  old: DeploymentAddresses | undefined,
  others: readonly { by: string; block: Cidr }[],
): HandedOn[] {
  if (old?.subnet === now.subnet) return [];
  const subnet = parseCidr(now.subnet);
  return others
    .filter(({ block }) => overlaps(block, subnet))
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
