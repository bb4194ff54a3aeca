import { parseAddress, parseCidr } from "../core/addresses/ipv4";
import type { LeaseRequest, SubnetRequest, Unknown } from "../core/addresses/model";
import type { InputProblem } from "../core/errors";
import { UNKNOWN, isUnknown } from "../core/unknown";
import { attempt } from "./address-pool-settings";

/** Thrown away inside this file only: something that everything else hangs on is not known yet. */
const NOT_YET = Symbol("not yet");

/**
 * Reads what the deployments ask for. UNKNOWN when it is not known yet who asks for what; an
 * unknown `subnet` or `ip` is left in its place.
 */
export function readRequests(value: unknown, problems: InputProblem[]): SubnetRequest[] | Unknown {
  if (isUnknown(value)) return UNKNOWN;
  if (!Array.isArray(value)) {
    problems.push({
      property: "requests",
      reason: "requests must be a list with one entry for each deployment.",
    });
    return [];
  }
  const requests: SubnetRequest[] = [];
  const names = new Set<string>();
  for (const [i, item] of value.entries()) {
    const request = readRequest(item, `requests[${i}]`, problems);
    if (request === NOT_YET) return UNKNOWN;
    if (!request) continue;
    if (names.has(request.deployment)) {
      problems.push({
        property: `requests[${i}].deployment`,
        reason: `two deployments are named '${request.deployment}'. Give each a name of its own.`,
      });
    }
    names.add(request.deployment);
    requests.push(request);
  }
  return requests;
}

function readRequest(
  item: unknown,
  property: string,
  problems: InputProblem[],
): SubnetRequest | typeof NOT_YET | undefined {
  if (isUnknown(item)) return NOT_YET;
  if (!isRecord(item)) {
    problems.push({ property, reason: "a request must name a deployment and its replicas." });
    return undefined;
  }
  const { deployment, formerly, subnet, replicas } = item;
  if (isUnknown(deployment) || isUnknown(replicas)) return NOT_YET;
  if (typeof deployment !== "string" || deployment === "") {
    problems.push({
      property: `${property}.deployment`,
      reason: "the deployment's name is needed, as a text.",
    });
    return undefined;
  }
  const path = `requests.${deployment}`;
  if (!Array.isArray(replicas)) {
    problems.push({
      property: `${path}.replicas`,
      reason: "replicas must be a list with one entry for each replica.",
    });
    return undefined;
  }
  const leases: LeaseRequest[] = [];
  const keys = new Set<string>();
  for (const [i, replica] of replicas.entries()) {
    const lease = readReplica(replica, deployment, i, problems);
    if (lease === NOT_YET) return NOT_YET;
    if (!lease) continue;
    if (keys.has(lease.key)) {
      problems.push({
        property: `${path}.replicas[${i}].key`,
        reason: `deployment '${deployment}' has two replicas '${lease.key}'. Give each a key of its own.`,
      });
    }
    keys.add(lease.key);
    leases.push(lease);
  }
  const block = readText(subnet, `${path}.subnet`, "10.40.8.0/24", problems, parseCidr);
  return {
    deployment,
    replicas: leases,
    ...(Array.isArray(formerly) && {
      formerly: formerly.filter((each) => typeof each === "string"),
    }),
    ...(block !== undefined && { subnet: block }),
  };
}

function readReplica(
  item: unknown,
  deployment: string,
  index: number,
  problems: InputProblem[],
): LeaseRequest | typeof NOT_YET | undefined {
  if (isUnknown(item)) return NOT_YET;
  const path = `requests.${deployment}.replicas`;
  const { key, ip } = isRecord(item) ? item : {};
  if (isUnknown(key)) return NOT_YET;
  if (typeof key !== "string" || key === "") {
    problems.push({
      property: `${path}[${index}]`,
      reason: `a replica of deployment '${deployment}' has no key.`,
    });
    return undefined;
  }
  const address = readText(ip, `${path}.${key}.ip`, "10.40.8.2", problems, parseAddress);
  return { key, ...(address !== undefined && { ip: address }) };
}

/** An optional text that is parsed: undefined when it is absent or wrong. */
function readText<T>(
  value: unknown,
  property: string,
  example: string,
  problems: InputProblem[],
  parse: (text: string) => T,
): T | Unknown | undefined {
  if (value === undefined || value === null) return undefined;
  if (isUnknown(value)) return UNKNOWN;
  if (typeof value !== "string") {
    problems.push({ property, reason: `it must be a text, such as "${example}".` });
    return undefined;
  }
  return attempt(property, problems, () => parse(value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
