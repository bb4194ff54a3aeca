import { parseAddress, parseCidr, type Cidr } from "../core/addresses/ipv4";
import type { HostRoute } from "../core/addresses/surroundings";
import { FerryError, type InputProblem } from "../core/errors";
import { containsUnknown, isUnknown } from "../core/unknown";
import type { Props } from "./handler";

/**
 * The pool's own settings as the program gives them; undefined is wrong (there is a problem) or not
 * known yet.
 */
export interface ReadSettings {
  readonly pool: Cidr | undefined;
  /** Sorted, without repetitions. */
  readonly exclude: readonly Cidr[] | undefined;
  readonly ipallocRange: Cidr | undefined;
  readonly routes: readonly HostRoute[];
}

export function readSettings(news: Props, problems: InputProblem[]): ReadSettings {
  const { cluster } = news;
  if (typeof cluster !== "string" || cluster === "") {
    problems.push({ property: "cluster", reason: "the cluster's name is needed, as a text." });
  }
  return {
    pool: readBlock(news.pool, "pool", problems),
    exclude: readExclude(news.exclude, problems),
    ipallocRange: readBlock(news.ipallocRange, "ipallocRange", problems),
    routes: readRoutes(news.hostRoutes, problems),
  };
}

/** Runs a parser; what it throws becomes a problem with this property. */
export function attempt<T>(
  property: string,
  problems: InputProblem[],
  parse: () => T,
): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    problems.push({ property, reason: `${error.message}.` });
    return undefined;
  }
}

/** Reads a CIDR; undefined when it is wrong or not known yet. */
export function readBlock(
  value: unknown,
  property: string,
  problems: InputProblem[],
): Cidr | undefined {
  if (isUnknown(value)) return undefined;
  if (typeof value !== "string") {
    problems.push({
      property,
      reason: `${property} must be a CIDR as a text, such as "10.40.0.0/13".`,
    });
    return undefined;
  }
  return attempt(property, problems, () => parseCidr(value));
}

function readExclude(value: unknown, problems: InputProblem[]): Cidr[] | undefined {
  if (value === undefined) return [];
  if (isUnknown(value)) return undefined;
  if (!Array.isArray(value)) {
    problems.push({ property: "exclude", reason: "exclude must be a list of CIDRs." });
    return undefined;
  }
  const blocks = value.map((item, i) => readBlock(item, `exclude[${i}]`, problems));
  return blocks.every((block) => block !== undefined) ? blocks : undefined;
}

/** What is not known yet is left out: it is looked at again in `up`, when it is known. */
function readRoutes(value: unknown, problems: InputProblem[]): HostRoute[] {
  if (value === undefined || isUnknown(value)) return [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.push({
      property: "hostRoutes",
      reason: "hostRoutes must hold a list of CIDRs for each host.",
    });
    return [];
  }
  return Object.entries(value).flatMap(([host, routes]: [string, unknown]) => {
    if (isUnknown(routes)) return [];
    if (!Array.isArray(routes)) {
      const property = `hostRoutes.${host}`;
      problems.push({ property, reason: `the routes of host '${host}' must be a list of CIDRs.` });
      return [];
    }
    return routes.flatMap((text: unknown, i) => {
      const property = `hostRoutes.${host}[${i}]`;
      if (containsUnknown(text) || isBesideThePoint(text)) return [];
      const route = readRoute(text, property, problems);
      return route ? [{ host, route, property }] : [];
    });
  });
}

/** The default route leads everywhere, and an IPv6 route to no IPv4 address. */
function isBesideThePoint(text: unknown): boolean {
  return typeof text === "string" && (text === "default" || text.includes(":"));
}

/** As `ip route` prints it: a single address has no prefix length. */
function readRoute(text: unknown, property: string, problems: InputProblem[]): Cidr | undefined {
  if (typeof text === "string" && !text.includes("/")) {
    return attempt(property, problems, () => ({ base: parseAddress(text), prefix: 32 }));
  }
  return readBlock(text, property, problems);
}
