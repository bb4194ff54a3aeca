import type { InputProblem } from "../errors";
import { network } from "../network";
import type { PoolSettings } from "./address-space";
import { contains, formatCidr, overlaps, parseCidr, type Cidr } from "./ipv4";
import { freeSpace, isTaken, takeAll } from "./space";

/** A network that a host reaches by a route of its own. */
export interface HostRoute {
  readonly host: string;
  readonly route: Cidr;
  /** Where the program says so: "hostRoutes.node1[0]". */
  readonly property: string;
}

/** Blocks that no host takes for a container's address, and what they are for. */
const UNUSABLE: readonly (readonly [Cidr, string])[] = [
  [parseCidr("0.0.0.0/8"), "'this network'"],
  [parseCidr("127.0.0.0/8"), "the loopback interface"],
  [parseCidr("169.254.0.0/16"), "link-local addresses"],
  [parseCidr("224.0.0.0/3"), "multicast and reserved addresses"],
];

/**
 * What is wrong with the pool because of what is around it. `range` is the network's own, when it
 * is known.
 */
export function checkSurroundings(
  { pool, exclude }: PoolSettings,
  range: Cidr | undefined,
  routes: readonly HostRoute[],
): InputProblem[] {
  const text = formatCidr(pool);
  const { name } = network;
  const problems: InputProblem[] = [];
  const unusable = UNUSABLE.find(([block]) => overlaps(block, pool));
  if (unusable) {
    const [block, purpose] = unusable;
    problems.push({
      property: "pool",
      reason:
        `the pool ${text} overlaps ${formatCidr(block)}, which is for ${purpose}. ` +
        `Choose a private block, such as one in 10.0.0.0/8.`,
    });
  }
  if (range && overlaps(range, pool)) {
    problems.push({
      property: "pool",
      reason:
        `the pool ${text} overlaps ${name}'s own range ${formatCidr(range)} (\`ipallocRange\`), from which ${name} ` +
        `hands out addresses that Ferry does not know of. Choose blocks that do not overlap.`,
    });
  }
  const excluded = takeAll(freeSpace(pool), exclude);
  for (const { host, route, property } of routes) {
    if (route.prefix === 0 || !overlaps(route, pool)) continue;
    const shared = contains(route, pool) ? pool : route;
    if (isTaken(excluded, shared)) continue;
    problems.push({
      property,
      reason:
        `the pool ${text} overlaps the route ${formatCidr(route)} of host '${host}', so that host could not tell ` +
        `replicas from its own network. Choose another pool${
          contains(route, pool) ? "" : `, or exclude ${formatCidr(route)} from it`
        }.`,
    });
  }
  return problems;
}
